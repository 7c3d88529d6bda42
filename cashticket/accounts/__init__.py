"""The lobby: accounts, their sessions, and the mails about them."""

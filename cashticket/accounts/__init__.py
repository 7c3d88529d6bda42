"""The lobby: accounts, their sessions, and the mails about them. Knows the tables and nobody else."""

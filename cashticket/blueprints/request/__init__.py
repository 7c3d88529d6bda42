"""What every door shares: identity, guards, limits, the language and the form of responses, and errors."""

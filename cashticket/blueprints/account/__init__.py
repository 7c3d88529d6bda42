"""Accounts: signing in, signing up, recovering a password, the profile."""

"""Backups of both stores: made while everybody bids, plain or encrypted, checked, and put back."""

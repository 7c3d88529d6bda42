"""The yardstick: from what a bid, a page, a socket and a sign-in cost where they were measured, to servers for a crowd.

Pure arithmetic on the shipped figures of `costs.json`. It reads no installation, no clock and no store.
"""

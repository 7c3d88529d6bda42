"""What live stores are called: an auction has one of them for life."""

FIRST_STORE = "first"
"""The live store at REDIS_URL. Every auction is there that names no other."""

NAME_MAX = 32
"""Characters of the name of a store."""

"""What live stores are called: an auction has one of them for life."""

import re

FIRST_STORE = "first"
"""The live store at REDIS_URL. Every auction is there that names no other."""

NAME_MAX = 32
"""Characters of the name of a store."""

_NAME = re.compile(r"[a-z][a-z0-9-]*")


def is_store_name(text: str) -> bool:
    """Whether a live store may be called so: a letter first, then small letters, digits and dashes."""
    return len(text) <= NAME_MAX and _NAME.fullmatch(text) is not None

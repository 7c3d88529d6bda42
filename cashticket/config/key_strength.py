"""Whether a signing key can be guessed: too short, taken from an example, or with too little variety."""

import itertools
import math
from collections import Counter

BYTES_MIN = 32
# A key of hexadecimal digits at the least length has about 115 by this estimate.
BITS_MIN = 96
HINT = 'make one with: python3 -c "import secrets; print(secrets.token_hex(32))"'
# No key from a generator holds one of these; keys from examples and documents do.
WORDS = ("change", "secret", "example", "placeholder", "insecure", "password", "default", "cashticket", "development")


def weakness(key: str) -> str | None:
    """What is wrong with a signing key, as the end of a sentence that begins with its name; None for a good one."""
    size = len(key.encode("utf-8", "surrogateescape"))
    if size < BYTES_MIN:
        return f"has {size} bytes and must have at least {BYTES_MIN}; {HINT}"
    plain = key.lower()
    if any(word in plain for word in WORDS):
        return f"looks like an example, which others know too; {HINT}"
    if _bits(key) < BITS_MIN or _repeats(key) or _counts_up(key):
        return f"has too little variety and could be guessed; {HINT}"
    return None


def _bits(key: str) -> float:
    """An upper estimate of the bits of chance in the key, from how often each character is in it."""
    return -sum(count * math.log2(count / len(key)) for count in Counter(key).values())


def _repeats(key: str) -> bool:
    """Whether the key is one shorter piece over and over."""
    return any(key == (key[:size] * (len(key) // size + 1))[: len(key)] for size in range(1, len(key) // 2 + 1))


def _counts_up(key: str) -> bool:
    """Whether most characters follow the one before them, as in 0123456789."""
    steps = sum(ord(after) - ord(before) == 1 for before, after in itertools.pairwise(key))
    return steps > len(key) // 2

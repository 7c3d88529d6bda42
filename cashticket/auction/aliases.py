"""Aliases: the names of people on public boards. An alias stays the same within one auction and differs in the next.

It is a keyed hash of auction and person. Without the auction's salt nobody can find the person behind it.
"""

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U, so that an alias is not misread."""

LENGTH = 6


def alias(salt: str, auction_id: int, person: int) -> str:
    """Six characters for a person in one auction. Raises ValueError without a salt: such an alias could be guessed."""
    if not salt:
        raise ValueError(f"auction {auction_id} has no alias salt: publish its terms with a secret alias_salt")
    digest = hmac.new(salt.encode(), f"{auction_id}:{person}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))

"""The names people carry on public boards: stable within one auction, unlinkable between two.

An alias is a keyed hash of auction and person. Without the auction's salt it cannot be traced back to anybody.
"""

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so an alias reads aloud without mistakes."""

LENGTH = 6


def alias(salt: str, auction_id: int, person: int) -> str:
    """Six characters for a person in one auction. ValueError without a salt: such an alias could be guessed."""
    if not salt:
        raise ValueError(f"auction {auction_id} has no alias salt: publish its terms with a secret alias_salt")
    digest = hmac.new(salt.encode(), f"{auction_id}:{person}".encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))

"""Aliases: the names of people on public boards. A person has one alias in all auctions of a concert and an unrelated
one in every other concert.

An alias is a keyed hash of the person, and each concert has a secret key of its own, the salt. Without the salts nobody
can find the person behind an alias, or join the aliases of two concerts.
"""

import hashlib
import hmac

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: without I, L, O and U, so that an alias is not misread."""

LENGTH = 6

TYPED_MAX = 40
"""Characters of a typed alias that are looked at: spaces and hyphens may stand between the six."""

LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None})

CONCERT_SALT_PREFIX = "c:"
"""Begins the salt of a concert. A salt without it was made for one auction by an older release; the people of that
auction keep the aliases that they have been shown under."""


def alias(salt: str, auction_id: int, person: int) -> str:
    """Six characters for a person in an auction with this salt.

    Raises ValueError without a salt: such an alias could be guessed.
    """
    if not salt:
        raise ValueError(f"auction {auction_id} has no alias salt: publish its terms with a secret alias_salt")
    text = str(person) if salt.startswith(CONCERT_SALT_PREFIX) else f"{auction_id}:{person}"
    digest = hmac.new(salt.encode(), text.encode(), hashlib.sha256).digest()
    number = int.from_bytes(digest[:8], "big")
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def read_alias(text: str) -> str | None:
    """The alias that somebody typed, with spaces, in small letters, or with a letter that looks like a digit; None if
    it is none."""
    if len(text) > TYPED_MAX:
        return None
    typed = "".join(text.upper().translate(LOOK_ALIKES).split())
    return typed if len(typed) == LENGTH and all(letter in ALPHABET for letter in typed) else None

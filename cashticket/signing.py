"""Everything that is signed or hashed with SECRET_KEY: sessions, links, form tokens and keyed hashes, all by SHA-256.

Functions take the signing keys oldest first, as `Settings.signing_keys` gives them: the last one signs, every one is
taken. So a key can be replaced while what the former one signed goes on working.
"""

import hashlib
import hmac
from collections.abc import Sequence

from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeSerializer

# How the key of a signer is derived and which hash it uses, told to the library each time: its own default is SHA-1.
SIGNER = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
KEY_NAME_LETTERS = 8


class NoSigningKey(Exception):
    """This process was given no SECRET_KEY, because its role signs nothing."""


class Sha256Sessions(SecureCookieSessionInterface):
    """Flask's signed session cookie, by SHA-256."""

    digest_method = staticmethod(hashlib.sha256)


def serializer(keys: Sequence[str], purpose: str) -> URLSafeSerializer:
    """Signs and reads values of one `purpose`; those of another are refused. Raises NoSigningKey."""
    return URLSafeSerializer(_checked(keys), salt=purpose, signer_kwargs=SIGNER)


def keyed_hash(keys: Sequence[str], purpose: str, text: str) -> str:
    """A hash of `text` that only a holder of the newest key can make, such as `1f0e23ab:5c…`.

    The part before the colon names the key, so that hashes of a former key are known as such. Raises NoSigningKey.
    """
    key = _checked(keys)[-1].encode()
    digest = hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).hexdigest()
    return f"{key_name(key.decode())}:{digest[:32]}"


def key_name(key: str) -> str:
    """A name for a signing key that tells nothing about it."""
    return hmac.new(key.encode(), b"name of the key", hashlib.sha256).hexdigest()[:KEY_NAME_LETTERS]


def _checked(keys: Sequence[str]) -> list[str]:
    if not keys or not keys[-1]:
        raise NoSigningKey("this process has no SECRET_KEY; run it with ROLE=web, mail or all")
    return list(keys)

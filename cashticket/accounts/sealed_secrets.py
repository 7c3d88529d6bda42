"""Encrypts the secrets of authenticator apps, so that a copy of the database alone makes no codes.

The key is made from SECRET_KEY by HKDF, for this purpose only. Former keys still open what they sealed.
"""

import base64
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PURPOSE = b"cashticket: secrets of authenticator apps"
NONCE_BYTES = 12
KEY_BYTES = 32


def seal(secret: bytes, owner: str, secret_keys: Sequence[str]) -> str:
    """`secret`, encrypted with the first key. Only the same `owner` opens it again."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    sealed = nonce + _cipher(secret_keys[0]).encrypt(nonce, secret, owner.encode())
    return base64.urlsafe_b64encode(sealed).decode()


def unseal(text: str, owner: str, secret_keys: Sequence[str]) -> bytes | None:
    """The secret in `text`; None if none of the keys sealed it for `owner`."""
    try:
        sealed = base64.urlsafe_b64decode(text.encode())
    except ValueError:
        return None
    for key in secret_keys:
        try:
            return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], owner.encode())
        except (InvalidTag, ValueError):
            continue
    return None


def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=PURPOSE).derive(secret_key.encode()))

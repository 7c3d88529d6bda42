"""Passwords, hashed with Argon2id. Checking takes as long without an account as with one.

Hashing costs about 25 ms and 19 MiB by design and runs outside the interpreter lock. `hashing_pool` bounds how many
request threads it may hold.
"""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cashticket.accounts.hashing_pool import HashingPool, TooBusy

__all__ = ["TooBusy", "hash_password", "outdated", "pool", "verify"]

LENGTH_MIN = 8
LENGTH_MAX = 200

# Checked when there is no account, so that the answer takes as long. Made with the parameters below.
DUMMY_HASH = "$argon2id$v=19$m=19456,t=2,p=1$VOAJzkoaESUTN2r5TyNwyQ$jjJO2wkzu4mI7tdlRXz35mBfJPipbGL4rAfEdHz+w2s"

# Stored where no password shall open the account: no hash equals it.
UNUSABLE = "!"

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

pool = HashingPool()
"""Where every password of this process is hashed. `gunicorn.conf.py` fits it to the threads of its worker."""


def hash_password(password: str) -> str:
    """The encoded Argon2id hash. Raises TooBusy."""
    with pool.place():
        return _hasher.hash(_normalised(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password is right. False for None (no such account), after the same time. Raises TooBusy."""
    if password_hash == UNUSABLE:
        password_hash = None
    with pool.place():
        try:
            return _hasher.verify(password_hash or DUMMY_HASH, _normalised(password)) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(password_hash: str) -> bool:
    """Whether the hash was made with older parameters and should be renewed at sign-in."""
    return _hasher.check_needs_rehash(password_hash)


def _normalised(password: str) -> bytes:
    # Keyboards compose Hangul differently, but the person means the same word.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")

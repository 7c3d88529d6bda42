"""Passwords, hashed with Argon2id. Checking takes as long without an account as with one.

Hashing costs about 25 ms and 19 MiB by design and runs outside the interpreter lock. `hashing_pool` bounds how many
request threads it may hold.
"""

import unicodedata
from functools import lru_cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from cashticket.accounts.hashing_pool import HashingPool, TooBusy

__all__ = ["TooBusy", "hash_password", "is_common", "outdated", "pool", "verify"]

LENGTH_MIN = 8
LENGTH_MAX = 200

RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")

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


def is_common(password: str) -> bool:
    """Whether attackers try the password first: a leaked one, a repeated piece, or a run of keys or letters."""
    plain = password.lower()
    if plain in _leaked():
        return True
    if any(plain == plain[:size] * (len(plain) // size) for size in range(1, 5) if len(plain) % size == 0):
        return True
    return any(plain in (run * 3) or plain in (run[::-1] * 3) for run in (*RUNS, "1234567890", "0987654321"))


def _normalised(password: str) -> bytes:
    # Keyboards compose Hangul differently, but the person means the same word.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=1)
def _leaked() -> frozenset[str]:
    # The most common leaked passwords of sufficient length; runs and repetitions need no list.
    return frozenset((files("cashticket.accounts") / "common_passwords.txt").read_text(encoding="utf-8").split())

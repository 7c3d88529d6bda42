"""Passwords: Argon2id, never more than two at work in one process, the same work whether the account exists or not.

Hashing costs about 25 ms and 19 MiB by design. It runs outside the interpreter lock, so a flood of sign-ins would
take every core and every request thread from the bids; two at a time and a bounded queue keep both free.
"""

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 8
LONGEST = 200

AT_ONCE = 2
WAITING = 24
WAIT_SECONDS = 10.0

RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm")

# Checked when there is no account, so that the answer takes as long; made with the parameters below.
NOBODYS_HASH = "$argon2id$v=19$m=19456,t=2,p=1$VOAJzkoaESUTN2r5TyNwyQ$jjJO2wkzu4mI7tdlRXz35mBfJPipbGL4rAfEdHz+w2s"

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_working = threading.BoundedSemaphore(AT_ONCE)
_places = threading.BoundedSemaphore(AT_ONCE + WAITING)


class TooBusy(Exception):
    """So many people sign in at this moment that this one must try again in a second. Doors answer 503."""


def hash_password(password: str) -> str:
    """The encoded Argon2id hash. Raises TooBusy."""
    with _turn():
        return _hasher.hash(_spelled_one_way(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Whether the password fits. None (no such account) costs the same time and answers False. Raises TooBusy."""
    with _turn():
        try:
            return (
                _hasher.verify(password_hash or NOBODYS_HASH, _spelled_one_way(password)) and password_hash is not None
            )
        except (VerificationError, InvalidHashError):
            return False


def outdated(password_hash: str) -> bool:
    """True when the hash was made with other parameters than today's and should be made again at sign-in."""
    return _hasher.check_needs_rehash(password_hash)


def is_common(password: str) -> bool:
    """True for a password that guessers try first: a known one, one repeated piece, or a run of neighbours."""
    plain = password.lower()
    if plain in _commonest():
        return True
    if any(plain == plain[:size] * (len(plain) // size) for size in range(1, 5) if len(plain) % size == 0):
        return True
    return any(plain in (run * 3) or plain in (run[::-1] * 3) for run in (*RUNS, "1234567890", "0987654321"))


def _spelled_one_way(password: str) -> bytes:
    # Keyboards differ in how they put Hangul together; the person means the same word.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


@lru_cache(maxsize=1)
def _commonest() -> frozenset[str]:
    # The commonest of leaks that are long enough to be typed here; runs and repetitions need no list.
    return frozenset((files("cashticket.accounts") / "common_passwords.txt").read_text(encoding="utf-8").split())


@contextmanager
def _turn() -> Iterator[None]:
    if not _places.acquire(blocking=False):
        raise TooBusy
    try:
        if not _working.acquire(timeout=WAIT_SECONDS):
            raise TooBusy
        try:
            yield
        finally:
            _working.release()
    finally:
        _places.release()

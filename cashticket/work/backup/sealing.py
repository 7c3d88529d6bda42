"""Encrypting and decrypting in the age format, block by block, and the digest of what passes."""

import hashlib
from collections.abc import Callable, Sequence
from typing import IO, Any, Protocol

import pyrage
from pyrage.x25519 import Identity, Recipient


class Sink(Protocol):
    """What takes bytes."""

    def write(self, block: bytes, /) -> int: ...


class Source(Protocol):
    """What gives bytes until it gives none."""

    def read(self, size: int = -1, /) -> bytes: ...


class WrongIdentity(Exception):
    """None of the identities opens it."""


class NotOpened(Exception):
    """It is no file of this format, is altered, or ends too early."""


class Digested:
    """A file that is read or written once from its beginning, and the digest of what passed."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        block = self._file.read(size)
        self.digest.update(block)
        return block

    def write(self, block: bytes) -> int:
        self.digest.update(block)
        return self._file.write(block)

    def flush(self) -> None:
        self._file.flush()


class Nowhere:
    """Takes everything and keeps nothing."""

    def write(self, block: bytes) -> int:
        return len(block)

    def flush(self) -> None:
        """There is nothing to flush."""


class _Remembering:
    """A file whose first error is kept: the library wraps errors, and says nothing of one in the last block."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        return bytes(self._tried(self._file.read, size))

    def write(self, block: bytes) -> int:
        return int(self._tried(self._file.write, block))

    def flush(self) -> None:
        self._tried(self._file.flush)

    def _tried(self, act: Callable[..., Any], *given: Any) -> Any:
        try:
            return act(*given)
        except BaseException as error:
            self.error = self.error or error
            raise


def encrypt(source: Any, target: Any, recipients: Sequence[Recipient]) -> None:
    """Encrypt everything that `source` gives into `target`. Raises what reading and writing raise."""
    _pass_through(pyrage.encrypt_io, source, target, recipients)


def decrypt(source: Any, target: Any, identities: Sequence[Identity]) -> None:
    """Decrypt `source` into `target`. Raises WrongIdentity, NotOpened, and what reading and writing raise.

    What came before a damage has been written by then.
    """
    try:
        _pass_through(pyrage.decrypt_io, source, target, identities)
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise WrongIdentity from error
        raise NotOpened from error
    except OSError as error:
        # An error of a file has a number, and one of the format has none.
        if error.errno is not None:
            raise
        raise NotOpened from error


def _pass_through(act: Callable[..., None], source: Any, target: Any, keys: Sequence[Any]) -> None:
    ends = _Remembering(source), _Remembering(target)
    try:
        act(*ends, list(keys))
    finally:
        for end in ends:
            if end.error is not None:
                raise end.error

"""Reads the live store's replies for redis-py, which takes a class like this one as `parser_class`.

A reply that is a list of texts, as scripts answer, is split in one step when it has come whole. redis-py's own parser
goes through it piece by piece, which costs as much as deciding what it says. Both read the same from the same bytes.
"""

from collections.abc import Callable
from functools import partial
from ssl import SSLWantReadError
from typing import Any

from redis import exceptions
from redis._parsers import BaseParser
from redis.utils import SENTINEL

CLOSED = "the live store has closed the connection"


class ReplyParser(BaseParser):
    """The replies of one connection, by version 2 of the protocol."""

    def __init__(self, socket_read_size: int) -> None:
        self._size = socket_read_size
        self._socket: Any = None
        self._seconds: float | None = None
        self._text_of: Callable[[bytes], Any] = bytes
        # What has come, and up to where it was read.
        self._data, self._at = b"", 0

    def on_connect(self, connection: Any) -> None:
        """Read from the new socket of `connection`."""
        self._socket, self._seconds = connection._sock, connection.socket_timeout
        encoder = connection.encoder
        if encoder.decode_responses:
            self._text_of = partial(str, encoding=encoder.encoding, errors=encoder.encoding_errors)
        self._data, self._at = b"", 0

    def on_disconnect(self) -> None:
        """Forget the socket, and what came from it."""
        self._socket, self._data, self._at = None, b"", 0

    def can_read(self, timeout: float = 0) -> bool:
        """Whether something has come, or comes within `timeout` seconds. Raises ConnectionError at the end."""
        if self._at < len(self._data):
            return True
        try:
            self._receive(timeout)
        except exceptions.TimeoutError:
            return False
        return True

    def read_response(self, disable_decoding: bool = False, timeout: Any = SENTINEL) -> Any:
        """The next reply; an error of the store is returned as redis-py's exception.

        Raises ConnectionError, and TimeoutError when no whole reply comes within `timeout` seconds, by default the
        socket's own: then the part that has come is read again next time.
        """
        if not self._data:
            self._receive(timeout)
            if not disable_decoding and (texts := _texts(self._data)) is not None:
                self._data = b""
                return [self._text_of(text) for text in texts]
        start = self._at
        try:
            reply = self._reply(bytes if disable_decoding else self._text_of, timeout)
        except BaseException:
            self._at = start
            raise
        if self._at == len(self._data):
            self._data, self._at = b"", 0
        return reply

    def _reply(self, decode: Callable[[bytes], Any], timeout: Any) -> Any:
        head = self._head(timeout)
        kind, rest = head[:1], head[1:]
        if kind == b"+":
            return decode(rest)
        if kind == b":":
            return int(rest)
        if kind == b"-":
            error = self.parse_error(rest.decode("utf-8", "replace"))  # type: ignore[no-untyped-call]
            if isinstance(error, exceptions.ConnectionError):
                raise error
            return error
        if kind not in (b"$", b"*"):
            raise exceptions.InvalidResponse(f"the live store's answer is no reply: {head!r:.80}")
        if rest == b"-1":
            return None
        if kind == b"*":
            return [self._reply(decode, timeout) for _ in range(int(rest))]
        return decode(self._exactly(int(rest), timeout))

    def _head(self, timeout: Any) -> bytes:
        """The next bytes up to an end of line, without it."""
        while (end := self._data.find(b"\r\n", self._at)) < 0:
            self._receive(timeout)
        head = self._data[self._at : end]
        self._at = end + 2
        return head

    def _exactly(self, length: int, timeout: Any) -> bytes:
        """The next `length` bytes, which an end of line follows."""
        end = self._at + length
        while len(self._data) < end + 2:
            self._receive(timeout)
        text = self._data[self._at : end]
        self._at = end + 2
        return text

    def _receive(self, timeout: Any) -> None:
        """Wait for more bytes. Raises ConnectionError and TimeoutError."""
        if self._socket is None:
            raise exceptions.ConnectionError(CLOSED)
        if timeout is not SENTINEL:
            self._socket.settimeout(timeout)
        try:
            data = self._socket.recv(self._size)
        except (TimeoutError, BlockingIOError, SSLWantReadError) as error:
            raise exceptions.TimeoutError("the live store did not answer in time") from error
        finally:
            if timeout is not SENTINEL and self._socket is not None:
                self._socket.settimeout(self._seconds)
        if not data:
            raise exceptions.ConnectionError(CLOSED)
        self._data += data


def _texts(data: bytes) -> list[bytes] | None:
    """The texts of a reply that is one list of them, has come whole and has nothing behind it; None for another."""
    pieces = data.split(b"\r\n")
    heads, texts = pieces[1:-1:2], pieces[2:-1:2]
    is_list = pieces[0] == b"*%d" % len(texts) and not pieces[-1]
    return texts if is_list and heads == [b"$%d" % len(text) for text in texts] else None

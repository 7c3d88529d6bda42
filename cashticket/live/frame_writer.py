"""Writes whole WebSocket frames to a socket: one caller at a time, each within a deadline."""

import select
import socket
import threading
import time
from functools import lru_cache
from typing import Any

FRAME_CACHE_SIZE = 16
TEXT_FRAME = 0x81


class StuckReader(OSError):
    """The other end did not take a whole frame in time."""


@lru_cache(FRAME_CACHE_SIZE)
def encode_text_frame(text: str) -> bytes:
    """A text message as a server sends it: one frame, unmasked, not compressed. Cached, because thousands of sockets in
    a row are sent the same board."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((TEXT_FRAME, size)) + payload
    if size < 1 << 16:
        return bytes((TEXT_FRAME, 126)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT_FRAME, 127)) + size.to_bytes(8, "big") + payload


class FrameWriter:
    """Stands in for a socket. Its `send` writes everything or raises StuckReader."""

    __slots__ = ("_is_broken", "_lock", "_raw", "_rest", "_seconds", "_sock")

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        # gevent's socket waits for space even with MSG_DONTWAIT; the one inside it does not.
        self._raw = getattr(sock, "_sock", sock)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._is_broken = False
        self._rest = memoryview(b"")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def send(self, data: bytes) -> int:
        """Write all of `data`; returns its length. Raises OSError if the connection is down, StuckReader if its reader
        is too slow."""
        deadline = time.monotonic() + self._seconds
        if not self._lock.acquire(timeout=self._seconds):
            raise StuckReader("another frame is still on its way")
        try:
            if self._is_broken:
                raise StuckReader("an earlier frame was cut short")
            self._write(self._rest, deadline)
            self._rest = memoryview(b"")
            self._write(memoryview(data), deadline)
        finally:
            self._lock.release()
        return len(data)

    def try_send(self, data: bytes) -> bool:
        """Write `data` if the socket's buffer has space now; never waits. False if nothing was written.

        What did not fit is the rest, which the next `send` writes first.
        """
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._is_broken or self._rest:
                return False
            sent = self._raw.send(data, socket.MSG_DONTWAIT)
            if sent < len(data):
                self._rest = memoryview(data)[sent:]
        except OSError:
            # The buffer is full, or the connection is down, which the next `send` will report.
            return False
        finally:
            self._lock.release()
        return True

    @property
    def has_rest(self) -> bool:
        """Whether the rest of a frame waits to be written."""
        return bool(self._rest)

    def _write(self, rest: memoryview, deadline: float) -> None:
        while rest:
            try:
                rest = rest[self._raw.send(rest, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                self._wait_for_space(deadline)

    def _wait_for_space(self, deadline: float) -> None:
        # The socket's own timeout would also limit reading, so poll.
        if self._sock.fileno() < 0:
            raise OSError("the socket is closed")
        poller = select.poll()
        poller.register(self._sock, select.POLLOUT)
        if not poller.poll(max(0.0, deadline - time.monotonic()) * 1000):
            self._is_broken = True
            raise StuckReader(f"no space for a frame within {self._seconds} s")

"""One open WebSocket and its only writer. Promises whole frames, a deadline for each, and a close code for every end.

simple-websocket writes with `send` from three places, unlocked, and keeps what a client sends without bound. Here
every write goes through one lock as a whole, a reader too slow for it is cut, and what clients send is counted and
thrown away: sockets only tell. A frame for thousands is framed once, and written by whoever has it while the line has
channel; the writer wakes only for the rest. Works with threads and with gevent, whose sockets never block the others.
"""

import logging
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from typing import Any

from simple_websocket import ConnectionClosed, Server

from cashticket.live.mailbox import Doubt, Ended, Mailbox

log = logging.getLogger(__name__)

POLICY_VIOLATION, SERVICE_RESTART, TRY_AGAIN_LATER = 1008, 1012, 1013
SEND_SECONDS = 2.0
GOODBYE_SECONDS = 1.0
LOOK_SECONDS = 30.0
MESSAGES_PER_MINUTE = 30
FRAMED_KEPT = 16
TEXT_FRAME = 0x81
SEND_BUFFER_BYTES = 64 * 1024
"""What the kernel may hold for a reader that takes nothing. Left alone, it would grow to megabytes unnoticed."""


class StuckReader(OSError):
    """The other end did not take a whole frame in time."""


@lru_cache(FRAMED_KEPT)
def framed(text: str) -> bytes:
    """A whole text message as it goes over the line from a server: unmasked, in one frame, not compressed. A board is
    asked for once for each of thousands of sockets in a row."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return bytes((TEXT_FRAME, size)) + payload
    if size < 1 << 16:
        return bytes((TEXT_FRAME, 126)) + size.to_bytes(2, "big") + payload
    return bytes((TEXT_FRAME, 127)) + size.to_bytes(8, "big") + payload


class WholeWrites:
    """A socket whose `send` writes all or raises StuckReader, one caller at a time."""

    __slots__ = ("_broken", "_lock", "_raw", "_rest", "_seconds", "_sock")

    def __init__(self, sock: socket.socket, seconds: float) -> None:
        self._sock = sock
        # A socket of gevent's waits for channel even when it is told not to; the one inside does not.
        self._raw = getattr(sock, "_sock", sock)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._broken = False
        self._rest = memoryview(b"")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)

    def send(self, data: bytes) -> int:
        """Write all of `data`. OSError when the line is down, StuckReader when its reader is too slow."""
        deadline = time.monotonic() + self._seconds
        if not self._lock.acquire(timeout=self._seconds):
            raise StuckReader("another frame is still on its way")
        try:
            if self._broken:
                raise StuckReader("an earlier frame was cut short")
            self._write(self._rest, deadline)
            self._rest = memoryview(b"")
            self._write(memoryview(data), deadline)
        finally:
            self._lock.release()
        return len(data)

    def offer(self, data: bytes) -> bool:
        """Write `data` if the line has room now. False when nothing was written; what found no room is written
        before anything else by the next `send`, and `unfinished` until then. Never waits."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if self._broken or self._rest:
                return False
            sent = self._raw.send(data, socket.MSG_DONTWAIT)
            if sent < len(data):
                self._rest = memoryview(data)[sent:]
        except OSError:
            # No channel at all, or the line is down, which the writer will find out by itself.
            return False
        finally:
            self._lock.release()
        return True

    @property
    def unfinished(self) -> bool:
        """Whether the rest of a frame waits to be written."""
        return bool(self._rest)

    def _write(self, rest: memoryview, deadline: float) -> None:
        while rest:
            try:
                rest = rest[self._raw.send(rest, socket.MSG_DONTWAIT) :]
            except BlockingIOError:
                self._wait_for_room(deadline)

    def _wait_for_room(self, deadline: float) -> None:
        # The socket's own timeout would also limit reading, so waiting for channel is done beside it.
        if self._sock.fileno() < 0:
            raise OSError("the socket is closed")
        channel = select.poll()
        channel.register(self._sock, select.POLLOUT)
        if not channel.poll(max(0.0, deadline - time.monotonic()) * 1000):
            self._broken = True
            raise StuckReader(f"no channel for a frame in {self._seconds} s")


class _Wakes:
    """Stands in for the event a socket's reader sets when something happened: wakes the writer instead."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.set = mailbox.wake


class _Unheard:
    """Stands in for the buffer of received messages: keeps none, and ends a socket that sends too many."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._minute = 0
        self._count = 0

    def append(self, message: str | bytes) -> None:
        minute = int(time.monotonic() // 60)
        self._count = self._count + 1 if minute == self._minute else 1
        self._minute = minute
        if self._count > MESSAGES_PER_MINUTE:
            self._mailbox.end(POLICY_VIOLATION)


def serve(ws: Server, mailbox: Mailbox, still_signed_in: Callable[[], bool]) -> None:
    """Write what comes into the mailbox until either side ends. `still_signed_in` is asked when that is in doubt."""
    ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    ws.sock = line = WholeWrites(ws.sock, SEND_SECONDS)
    ws.close = _closing(ws)
    ws.event, ws.input_buffer = _Wakes(mailbox), _Unheard(mailbox)

    def offer(frame: str) -> bool:
        taken = line.offer(framed(frame))
        if line.unfinished:
            mailbox.wake()
        return taken

    mailbox.deliver_to(offer)
    try:
        _write_all(ws, mailbox, still_signed_in)
    except (ConnectionClosed, OSError, ValueError) as error:
        log.debug("a socket ended: %s", error)
    finally:
        ws.connected = False
        with suppress(OSError):
            ws.sock.shutdown(socket.SHUT_RDWR)


def _write_all(ws: Server, mailbox: Mailbox, still_signed_in: Callable[[], bool]) -> None:
    while ws.connected:
        match mailbox.take(LOOK_SECONDS):
            case Ended(code):
                _say_goodbye(ws, code)
            case Doubt():
                if not still_signed_in():
                    _say_goodbye(ws, POLICY_VIOLATION)
            case str() as frame:
                ws.sock.send(framed(frame))
            case None if ws.sock.unfinished:
                ws.sock.send(b"")


def _closing(ws: Server) -> Callable[..., None]:
    """Closes like the library, but tells who has not answered pings to come back: what the library says, 1008, means to
    our pages that their session has ended."""

    def close(reason: int | None = None, message: str | None = None) -> None:
        Server.close(ws, TRY_AGAIN_LATER if message else reason)

    return close


def _say_goodbye(ws: Server, code: int) -> None:
    """Send a close frame and give the other end a moment to answer, so that it reads the code and not a reset."""
    ws.close(code)
    ws.sock.shutdown(socket.SHUT_WR)
    ws.thread.join(GOODBYE_SECONDS)

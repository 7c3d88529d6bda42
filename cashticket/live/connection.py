"""One open WebSocket and its only writer. Whole frames, a deadline for each, and a close code for every end.

simple-websocket calls `send` from three places without a lock, and keeps all that a client sends. Here every write goes
through a FrameWriter, a reader too slow for it is disconnected, and what clients send is counted and dropped: sockets
only send. Whoever puts a frame into an idle mailbox also writes it; the writer wakes only for what does not fit. Works
with threads and with gevent, where a waiting socket blocks no other.
"""

import logging
import socket
import time
from collections.abc import Callable
from contextlib import suppress

from simple_websocket import ConnectionClosed, Server

from cashticket.live.frame_writer import FrameWriter, encode_text_frame
from cashticket.live.mailbox import CheckSession, Ended, Mailbox
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

POLICY_VIOLATION, SERVICE_RESTART, TRY_AGAIN_LATER = 1008, 1012, 1013
RESULTS_ALONE = 4410
"""The auction is over and its keys have left the live store; the page goes to the results."""

SEND_SECONDS = 2.0
CLOSE_REPLY_SECONDS = 1.0
IDLE_CHECK_SECONDS = 30.0
MESSAGES_PER_MINUTE_MAX = 30
SEND_BUFFER_BYTES = 64 * 1024
"""What the kernel holds for a reader that takes nothing. Its default would let that grow to megabytes."""


class _WriterWaker:
    """Stands in for the event that simple-websocket sets when a message came or the socket closed: wakes the writer."""

    def __init__(self, mailbox: Mailbox) -> None:
        self.set = mailbox.wake


class _DroppedMessages:
    """Stands in for the buffer of received messages: keeps none, and ends a socket that sends too many."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._minute = 0
        self._count = 0

    def append(self, message: str | bytes) -> None:
        minute = int(time.monotonic() // 60)
        self._count = self._count + 1 if minute == self._minute else 1
        self._minute = minute
        if self._count > MESSAGES_PER_MINUTE_MAX:
            self._mailbox.end(POLICY_VIOLATION)


def serve(ws: Server, mailbox: Mailbox, still_signed_in: Callable[[], bool]) -> None:
    """Send what comes into the mailbox until either side ends. `still_signed_in` is called when the mailbox asks for a
    check of the session."""
    with suppress(OSError):
        # Whoever has gone already is noticed by the first frame.
        ws.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    ws.sock = writer = FrameWriter(ws.sock, SEND_SECONDS)
    ws.close = _close_by_our_codes(ws)
    ws.event, ws.input_buffer = _WriterWaker(mailbox), _DroppedMessages(mailbox)

    def try_send(frame: str) -> bool:
        is_sent = writer.try_send(encode_text_frame(frame))
        if writer.has_rest:
            mailbox.wake()
        return is_sent

    mailbox.send_directly(try_send)
    try:
        _send_until_closed(ws, mailbox, still_signed_in)
    except (ConnectionClosed, OSError, ValueError) as error:
        log.debug("a socket ended: %s", failure_text(error))
    finally:
        ws.connected = False
        with suppress(OSError):
            ws.sock.shutdown(socket.SHUT_RDWR)


def _send_until_closed(ws: Server, mailbox: Mailbox, still_signed_in: Callable[[], bool]) -> None:
    while ws.connected:
        match mailbox.take(IDLE_CHECK_SECONDS):
            case Ended(code):
                _close(ws, code)
            case CheckSession():
                if not still_signed_in():
                    _close(ws, POLICY_VIOLATION)
            case str() as frame:
                ws.sock.send(encode_text_frame(frame))
            case None if ws.sock.has_rest:
                ws.sock.send(b"")


def _close_by_our_codes(ws: Server) -> Callable[..., None]:
    """The library's `close`, except that a client that answers no ping is asked to reconnect. The library would send
    1008 then, which tells our pages that their session has ended."""

    def close(reason: int | None = None, message: str | None = None) -> None:
        Server.close(ws, TRY_AGAIN_LATER if message else reason)

    return close


def _close(ws: Server, code: int) -> None:
    """Send a close frame and wait a moment for the reply, so that the other end reads the code and not a reset."""
    ws.close(code)
    ws.sock.shutdown(socket.SHUT_WR)
    ws.thread.join(CLOSE_REPLY_SECONDS)

"""Leaving well: when a web process is told to stop, its sockets are closed at once, so that browsers come back.

Otherwise an open socket holds the process until it is killed, and its browser learns nothing.
"""

import _thread
import signal
import weakref
from types import FrameType
from typing import Any, Protocol

from cashticket.live.wire import SERVICE_RESTART


class Closable(Protocol):
    """A hub."""

    def close(self, code: int) -> None:
        """Close every socket with `code`, now and from now on."""


_open: "weakref.WeakSet[Closable]" = weakref.WeakSet()


def remember(hub: Closable) -> None:
    """Close this hub, too, when the process stops."""
    _open.add(hub)


def close_all(code: int = SERVICE_RESTART) -> None:
    """Close every socket of this process: 1012 tells browsers to come back. Waits for nobody."""
    for hub in list(_open):
        hub.close(code)


def close_on_signals(*numbers: signal.Signals) -> None:
    """Put `close_all` in front of whatever handles these signals now (TERM, QUIT and INT unless named).

    Call it in the main thread, after the server has set its own handlers.
    """
    for number in numbers or (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, _in_front_of(signal.getsignal(number), number))


def _in_front_of(before: Any, number: signal.Signals) -> Any:
    def handle(received: int, frame: FrameType | None) -> None:
        # A handler runs in the middle of anything, locks held included, so the closing is done beside it;
        # `threading.Thread` would wait for its start, which gevent forbids here.
        _thread.start_new_thread(close_all, ())
        if callable(before):
            before(received, frame)
        elif before == signal.SIG_DFL:
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

    return handle

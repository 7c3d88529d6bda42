"""Watchers: auction pages with an open socket that reconnect as the page's script does, and record what they
receive."""

import random
import threading
import time
from collections.abc import Sequence

import websocket

from lab.history import Recorder
from lab.signed_in import SignedIn
from tests.storm.fault_campaign import pieces

SOCKETS, ANONYMOUS = 20, 4
SILENCE_SECONDS = 4.0
LOOK_SECONDS = 0.5
COMING_BACK_SECONDS = (0.1, 0.8)


class Watcher(threading.Thread):
    """One page of a guest (None: of a stranger). It counts its connections, so that alerts can be told apart by
    them."""

    def __init__(self, name: int, port: int, recorder: Recorder, auction: int, guest: SignedIn | None) -> None:
        super().__init__(name=f"socket-{name}", daemon=True)
        self._port, self._recorder, self._auction, self._guest = port, recorder, auction, guest
        self._number, self._connections = name, 0
        self._stopping = threading.Event()
        self._dice = random.Random(f"socket {name}")

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                socket = websocket.create_connection(
                    f"ws://127.0.0.1:{self._port}/auctions/{self._auction}/live",
                    timeout=SILENCE_SECONDS,
                    origin=f"http://127.0.0.1:{self._port}",
                    cookie=self._guest.cookie if self._guest else None,
                )
            except (OSError, websocket.WebSocketException):
                self._stopping.wait(self._dice.uniform(*COMING_BACK_SECONDS))
                continue
            self._connections += 1
            try:
                self._watch(socket)
            except (OSError, websocket.WebSocketException):
                pass
            finally:
                socket.shutdown()  # type: ignore[no-untyped-call]
            self._stopping.wait(self._dice.uniform(*COMING_BACK_SECONDS))

    def _watch(self, socket: websocket.WebSocket) -> None:
        """Read until the socket ends, is silent for too long, or the run is over."""
        socket.settimeout(LOOK_SECONDS)
        heard = time.monotonic()
        while not self._stopping.is_set() and time.monotonic() - heard < SILENCE_SECONDS:
            try:
                frame = socket.recv()
            except websocket.WebSocketTimeoutException:
                continue
            heard = time.monotonic()
            if isinstance(frame, str):
                self._note(frame)

    def _note(self, frame: str) -> None:
        person = self._guest.person if self._guest else 0
        facts = {"person": person, "by": "socket", "socket": self._number, "connection": self._connections}
        if board := pieces.board(frame):
            self._recorder.invoke("seen", auction=self._auction, piece="board", **facts).ok(**board)
        if standing := pieces.standing(frame):
            self._recorder.invoke("seen", auction=self._auction, piece="standing", **facts).ok(**standing)
        if sequence := pieces.alert(frame):
            about = pieces.alert_auction(frame)
            self._recorder.invoke("alert", auction=about, **facts).ok(sequence=sequence)


def make_watchers(port: int, recorder: Recorder, auctions: Sequence[int], guests: Sequence[SignedIn]) -> list[Watcher]:
    """The watchers, not yet started: signed-in guests who also bid, and some strangers."""
    return [
        Watcher(n, port, recorder, auctions[n % len(auctions)], None if n < ANONYMOUS else guests[n])
        for n in range(SOCKETS)
    ]

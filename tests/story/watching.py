"""Somebody with an auction page open: the frames that its socket got, and what they say."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser

import websocket

from lab.servers.installation import WebProcess
from lab.waiting import PATIENCE_SECONDS
from tests.story.visitor import Visitor

QUIET_SECONDS = 0.3

Attributes = dict[str, str | None]


class _Elements(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Attributes] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(dict(attrs))


def elements(text: str) -> list[Attributes]:
    """The attributes of every element of a page or frame."""
    return _Elements(text).found


class Watch:
    """An open socket. What came is kept in `frames`, oldest first."""

    def __init__(self, socket: websocket.WebSocket) -> None:
        self._socket = socket
        self.frames: list[str] = []

    def until(self, wanted: Callable[[str], bool], what: str) -> str:
        """The newest frame that is `wanted`, waited for if it has not come yet."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not (found := [frame for frame in self.frames if wanted(frame)]):
            left = deadline - time.monotonic()
            assert left > 0 and self._receive(left), f"{what} did not come; what came: {self.frames}"
        return found[-1]

    def until_cutoff(self, amount: int) -> str:
        """The board that shows this cut-off."""
        return self.until(lambda frame: re.search(rf">{amount:,}원</dd>", frame) is not None, f"cut-off {amount:,}")

    def until_position(self, position: str) -> str:
        """The own standing in this position."""
        return self.until(
            lambda frame: any(
                each.get("id") == "standing" and each.get("data-position") == position for each in elements(frame)
            ),
            f"standing {position}",
        )

    def alerts(self) -> list[int]:
        """Sequences of the rank-out alerts that have come by now."""
        while self._receive(QUIET_SECONDS):
            pass
        found = [each for frame in self.frames for each in elements(frame) if "data-alert" in each]
        assert all(each["data-alert"] == "rank-out" for each in found)
        return [int(each["data-sequence"] or 0) for each in found]

    def send(self, text: str) -> None:
        """What no page of ours ever does."""
        self._socket.send(text)

    def _receive(self, seconds: float) -> bool:
        self._socket.settimeout(seconds)
        try:
            frame = self._socket.recv()
        except websocket.WebSocketTimeoutException:
            return False
        assert isinstance(frame, str) and frame, f"not a text frame: {frame!r}"
        self.frames.append(frame)
        return True


@contextmanager
def watching(visitor: Visitor, web: WebProcess, auction_id: int) -> Iterator[Watch]:
    """A socket as the visitor's auction page opens it, its first board read."""
    socket = websocket.create_connection(
        f"ws://127.0.0.1:{web.port}/auctions/{auction_id}/live",
        timeout=PATIENCE_SECONDS,
        origin=web.url,
        cookie=visitor.cookie_header() or None,
    )
    try:
        watch = Watch(socket)
        watch.until(lambda frame: 'id="board"' in frame, "the first board")
        if visitor.cookies:
            watch.until(lambda frame: 'id="standing"' in frame, "the first standing")
        yield watch
    finally:
        socket.close()
        # Closed by the other end, it would keep its descriptor otherwise.
        socket.shutdown()  # type: ignore[no-untyped-call]

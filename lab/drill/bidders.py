"""People who bid over HTTP without end, one after the other, and remember every answer."""

import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from urllib.parse import urlencode

from lab.signed_in import SignedIn
from lab.waiting import wait_until

SECONDS = 5.0
PAUSE_SECONDS = 0.015
LEVELS = 300
"""Each chance has amounts of its own, so many steps apart: every bid is above its bidder's last one."""
LOWEST, STEP = 100_000, 5_000


@dataclass(frozen=True, slots=True)
class Answer:
    """An accepted bid as its bidder was told, and when by the clock of this process that never goes back."""

    request_id: str
    sequence: int
    at: float


class Bidders:
    """Bids from entering the block until it is left. A bid whose answer does not come is sent again, as pages do.

    `answers` has every bid that was answered *accepted*, `refused` everything that was answered otherwise for good.
    """

    def __init__(self, port: int, auction_id: int, guests: list[SignedIn]) -> None:
        self.answers: list[Answer] = []
        self.refused: list[str] = []
        self._port, self._path, self._guests = port, f"/auctions/{auction_id}/bids", guests
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bidding")

    def __enter__(self) -> "Bidders":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._enough.set()
        self._thread.join()

    def wait_for_more(self, count: int) -> None:
        """Wait until so many more bids are accepted."""
        wanted = len(self.answers) + count
        wait_until(lambda: len(self.answers) >= wanted or not self._thread.is_alive(), "accepted bids")
        assert len(self.answers) >= wanted, f"everybody has bid three times; refused: {self.refused[:3]}"

    def longest_pause(self, since: float) -> float:
        """The most seconds between two accepted bids of which the later one came after `since`."""
        moments = [answer.at for answer in list(self.answers)]
        return max(later - earlier for earlier, later in itertools.pairwise(moments) if later > since)

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        for turn, (number, guest) in itertools.product(range(3), enumerate(self._guests)):
            request_id = f"drill-{turn}-{number}"
            fields = {"amount": LOWEST + STEP * (turn * LEVELS + number % LEVELS), "request_id": request_id}
            while not self._enough.wait(PAUSE_SECONDS):
                if self._is_answered(connection, guest, fields, request_id):
                    break
            if self._enough.is_set():
                break
        connection.close()

    def _is_answered(
        self, connection: http.client.HTTPConnection, guest: SignedIn, fields: dict[str, object], request_id: str
    ) -> bool:
        headers = {
            "Cookie": guest.cookie,
            "X-CSRFToken": guest.token,
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            connection.request("POST", self._path, urlencode(fields), headers)
            answer = connection.getresponse()
            body = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return False
        if answer.status in (200, 201):
            self.answers.append(Answer(request_id, json.loads(body)["sequence"], time.monotonic()))
        elif answer.status < 500:
            self.refused.append(f"{request_id}: {answer.status} {body[:200]!r}")
        return answer.status < 500

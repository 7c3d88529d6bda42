"""People who bid over HTTP, one after the other, while a test does something else."""

import http.client
import itertools
import threading
from types import TracebackType
from urllib.parse import urlencode

from lab.signed_in import SignedIn

SECONDS = 10.0
PAUSE_SECONDS = 0.05


class BackgroundBids:
    """Bids from entering the block until it is left. `accepted` and `failed` count answers.

    A refusal counts as failed, because every bid here is lawful.
    """

    def __init__(self, port: int, auction_id: int, guests: list[SignedIn], lowest: int = 100_000) -> None:
        self.accepted = self.failed = 0
        self._port, self._path = port, f"/auctions/{auction_id}/bids"
        self._guests, self._lowest = guests, lowest
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="bidding")

    def __enter__(self) -> "BackgroundBids":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._enough.set()
        self._thread.join()

    def _run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=SECONDS)
        for number, guest in zip(itertools.count(), itertools.cycle(self._guests), strict=False):
            if self._enough.wait(PAUSE_SECONDS) or number >= 3 * len(self._guests):
                break
            amount = self._lowest + 5_000 * (number % 150)
            body = urlencode({"amount": amount, "sure": amount, "request_id": f"visit-{number}"})
            headers = {
                "Cookie": guest.cookie,
                "X-CSRFToken": guest.token,
                "Accept": "application/json",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            try:
                connection.request("POST", self._path, body, headers)
                answer = connection.getresponse()
                answer.read()
                self.accepted += answer.status == 201
                self.failed += answer.status != 201
            except (OSError, http.client.HTTPException):
                self.failed += 1
                connection.close()
        connection.close()

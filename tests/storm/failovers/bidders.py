"""Bidders under fire: each sends one request until it is answered, then the next. Some through the web process."""

import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Protocol
from urllib.parse import urlencode

from cashticket.auction.values import Accepted, Permission
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable, UnknownPerson
from lab.signed_in import SignedIn
from tests.storm.failovers.installation import MINIMUM, STEP

THINKING_SECONDS, AGAIN_SECONDS, WEB_SECONDS = 0.08, 0.1, 4.0
CHANCES = 3


@dataclass(frozen=True, slots=True)
class Answer:
    """An accepted bid as its bidder was told, `at` monotonic seconds."""

    sequence: int
    person: int
    amount: int
    request_id: str
    at: float
    replayed: bool


class Door(Protocol):
    """A way to bid. `bid` returns (sequence, replayed), or None when the same request is to be sent again."""

    def bid(self, guest: SignedIn, amount: int, request_id: str) -> tuple[int, bool] | None: ...


class EngineDoor:
    """Bids through the engine of this process."""

    def __init__(self, engine: Engine, auction_id: int) -> None:
        self._engine, self._auction_id = engine, auction_id

    def bid(self, guest: SignedIn, amount: int, request_id: str) -> tuple[int, bool] | None:
        try:
            answer = self._engine.place_bid(self._auction_id, guest.person, 1, amount, request_id, sure=amount)
            if isinstance(answer, UnknownPerson):
                self._engine.introduce(self._auction_id, guest.person, Permission.OK, 1, 1)
                return None
        except (OutcomeUnknown, StoreUnavailable):
            return None
        assert isinstance(answer, Accepted), answer
        return answer.sequence, answer.replayed


class WebDoor:
    """Bids through a web process, as a program does."""

    def __init__(self, port: int, auction_id: int) -> None:
        self._port, self._path = port, f"/auctions/{auction_id}/bids"

    def bid(self, guest: SignedIn, amount: int, request_id: str) -> tuple[int, bool] | None:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=WEB_SECONDS)
        headers = {"Cookie": guest.cookie, "X-CSRFToken": guest.token, "Accept": "application/json"}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            connection.request(
                "POST", self._path, urlencode({"amount": amount, "sure": amount, "request_id": request_id}), headers
            )
            reply = connection.getresponse()
            text = reply.read()
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()
        assert reply.status in (200, 201, 503, 504), (reply.status, text[:300])
        if reply.status > 201:
            return None
        answer = json.loads(text)
        return answer["sequence"], answer["replayed"]


class Bidder(threading.Thread):
    """One thread. `answers` are its accepted bids; `open` is the request that has no answer yet; `failure` what broke
    the thread."""

    def __init__(self, number: int, door: Door, guests: Sequence[SignedIn], stop: threading.Event) -> None:
        super().__init__(name=f"bidder-{number}", daemon=True)
        self._door, self._guests, self._stop_event, self._number = door, guests, stop, number
        self.answers: list[Answer] = []
        self.tries = 0
        self.open: tuple[int, int, str] | None = None
        self.failure: str = ""
        self.gives_up = threading.Event()

    @property
    def fresh_at(self) -> float:
        """When a new bid was accepted last, in monotonic seconds; 0.0 for never."""
        return next((answer.at for answer in reversed(self.answers) if not answer.replayed), 0.0)

    def run(self) -> None:
        try:
            for turn in range(len(self._guests) * CHANCES):
                if self._stop_event.is_set():
                    return
                guest = self._guests[turn % len(self._guests)]
                # Every amount of a thread is higher than all before, so that each bid is lawful.
                self._bid(guest, MINIMUM + STEP * turn, f"{self._number}-{turn}")
                self._stop_event.wait(THINKING_SECONDS)
        except Exception as error:
            self.failure = f"{type(error).__name__}: {error}"

    def _bid(self, guest: SignedIn, amount: int, request_id: str) -> None:
        self.open = (guest.person, amount, request_id)
        while not self.gives_up.is_set():
            self.tries += 1
            if answer := self._door.bid(guest, amount, request_id):
                sequence, replayed = answer
                told = Answer(sequence, guest.person, amount, request_id, time.monotonic(), replayed)
                self.answers.append(told)
                self.open = None
                return
            self.gives_up.wait(AGAIN_SECONDS)

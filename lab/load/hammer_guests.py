"""Who bids at the end of a large auction, who reads its result, and when it is settled."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.wiring import current_engine
from lab.filling.auctions import MINIMUM, STEP
from lab.filling.reading import LEVELS
from lab.load import crowd, raw
from lab.load.bid_answers import Bid
from lab.load.bids import STRIDE
from lab.load.site import Site
from lab.signed_in import SignedIn

LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Guests:
    """Who bids in which auction, and who reads."""

    auction: int
    other: int
    large: list[SignedIn]
    others: list[SignedIn]
    readers: list[SignedIn]

    def write(self, path: Path) -> None:
        """Write their sessions for the client."""
        pairs = {name: [[each.cookie, each.token] for each in people] for name, people in self._bidders()}
        path.write_text(json.dumps(pairs | {"readers": [each.cookie for each in self.readers]}))

    def _bidders(self) -> tuple[tuple[str, list[SignedIn]], ...]:
        return ("large", self.large), ("other", self.others)

    def bid_of(self, answer: raw.Answer) -> Bid:
        """Which bid an answer belongs to."""
        row, request_id = answer.row, f"{answer.journey}-{answer.row}"
        if answer.journey == "large":
            people = self.large
            return Bid(self.auction, people[row % len(people)].person, amount_of(row, len(people)), request_id)
        amount = crowd.MINIMUM + crowd.STEP * row
        return Bid(self.other, self.others[row % len(self.others)].person, amount, request_id)


def amount_of(row: int, people: int) -> int:
    """Won of the bid number `row` in the large auction, when `people` bid in turns: above their bid before."""
    return MINIMUM + STEP * (row // people * LEVELS + row * STRIDE % LEVELS)


@contextmanager
def settlement(site: Site, auction: int) -> Iterator[list[int]]:
    """Look in a thread until both stores call the auction settled; the list then holds when (ms since 1970)."""
    settled: list[int] = []
    ended = threading.Event()

    def look() -> None:
        while not settled and not ended.wait(LOOK_SECONDS):
            with site.app.app_context():
                if _is_settled(auction):
                    settled.append(time.time_ns() // 1_000_000)

    thread = threading.Thread(target=look, name="settlement", daemon=True)
    thread.start()
    try:
        yield settled
    finally:
        ended.set()
        thread.join()


def _is_settled(auction: int) -> bool:
    db.session.remove()
    is_settled = queries.states([auction])[auction] is State.SETTLED
    return is_settled and current_engine().read(auction).state is State.SETTLED

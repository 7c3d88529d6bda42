"""Real stores, people and auctions for the smoke run, with every request and answer recorded.

Most auctions here opened an hour ago and ended ten seconds ago by the store's clock. Bids get moments of the auction's
own clock, so that no end must be waited for.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import redis
from flask import Flask
from sqlalchemy import event

from cashticket.auction.values import Accepted, Permission, Refused
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment
from cashticket.models import Concert, Seat
from cashticket.work.closing import close_and_settle
from lab.endings import ending_of
from lab.history import Recorder
from tests.staging.rows import add_auction, add_concert, add_person
from tests.storm import client

PEOPLE = 12
ROUNDS_MAX = 40
"""Rounds of recording after which an auction counts as stuck: a planted bug may leave a list that never empties."""

AHEAD_MS = 3_600_000
ENDED_MS = 10_000


class Death(BaseException):
    """Ends work at this point. No product code catches it."""


class SmokeStage:
    """`people` are ids in an order set by the seed; `auctions` are those opened so far."""

    def __init__(self, app: Flask, recorder: Recorder, redis_url: str, seed: int) -> None:
        self.app, self.recorder, self.redis_url = app, recorder, redis_url
        self.engine: RedisEngine = app.extensions["engine"]
        self.dice = random.Random(seed)
        self.people = [add_person(f"person-{number}").id for number in range(PEOPLE)]
        self.dice.shuffle(self.people)
        self.auctions: list[int] = []
        self._requests = count(1)

    def store(self) -> redis.Redis:
        """A plain client of the live store."""
        return redis.Redis.from_url(self.redis_url, decode_responses=True)

    def concert(self) -> int:
        free: int = add_concert().id
        return free

    def open(self, *, running: bool = False, concert: int | None = None, ended_ms: int = ENDED_MS, **terms: Any) -> int:
        """Open an auction of 2 seats with everybody introduced; it is over, unless `running` keeps it open for an
        hour."""
        now_ms = self.engine.clock()
        closes_ms = now_ms + AHEAD_MS if running else now_ms - ended_ms
        window = {"opens_at": to_moment(now_ms - 3_600_000), "closes_at": to_moment(closes_ms)}
        of = db.session.get_one(Concert, concert or self.concert())
        row = add_auction(of, **{"soft_close_seconds": 0, **window, **terms})
        auction: int = row.id
        db.session.add_all(Seat(auction_id=auction, number=n, label=f"VIP-{n}") for n in range(1, row.seats + 1))
        db.session.commit()
        self.engine.open(terms_of(row))
        for person in self.people:
            self.engine.introduce(auction, person, Permission.OK, 1, 1)
        self.auctions.append(auction)
        db.session.remove()
        return auction

    def opens(self, auction: int) -> int:
        return self.engine.read(auction).terms.opens_at_ms

    def end(self, auction: int) -> int:
        """The end in force, in ms."""
        return self.engine.read(auction).ends_at_ms

    def request(self) -> str:
        return f"request-{next(self._requests)}"

    def bid(
        self, auction: int, person: int, amount: int, at: int | None = None, request: str = "", sure: int | None = None
    ) -> Accepted | Refused | None:
        """Bid, and sometimes look at the board."""
        answer = client.bid(self.recorder, self.engine, auction, person, amount, request or self.request(), at, sure)
        if self.dice.random() < 0.3:
            client.look(self.recorder, self.engine, auction)
        return answer

    def withdraw(self, auction: int, person: int, at: int) -> None:
        """Take a standing out, and look at the board."""
        self.engine.withdraw(auction, person, at)
        client.look(self.recorder, self.engine, auction)

    def bids(self, auction: int, bids: Iterable[tuple[int, int]], at: int | None = None) -> None:
        """Place bids (person, amount) one after the other, from `at` on by the auction's clock."""
        for later, (person, amount) in enumerate(bids):
            self.bid(auction, person, amount, None if at is None else at + later)

    def record(self, auction: int) -> None:
        """Record all entries, then read the recorded sequence and the rows."""
        for _ in range(ROUNDS_MAX):
            if not record_waiting(self.engine, auction):
                break
        client.look_at_ledger(self.recorder, auction)

    def settle(self, auction: int) -> None:
        close_and_settle(self.engine, auction)

    def move(self, award: int, person: int, move: Callable[[int, int, Any], Any], now: Any) -> bool:
        """Buy, decline or cancel as somebody. Returns whether it was done."""
        pending = self.recorder.invoke("move", award=award, person=person, move=move.__name__)
        try:
            state = move(award, person, now).award.state
        except Exception as error:
            pending.fail(type(error).__name__)
            return False
        pending.ok(state=state)
        return True

    def awards(self, auction: int) -> dict[int, int]:
        """Person → id of their award in the auction."""
        return {award.person: award.id for award in ending_of(self.engine, auction).award_rows}


@contextmanager
def before_statement(opening: str, do: Callable[[], None]) -> Iterator[None]:
    """Call `do` once, just before the first statement that begins with `opening`.

    Raises AssertionError when there was none, because then nothing was proved.
    """
    done: list[str] = []

    def notice(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not done and statement.startswith(opening):
            done.append(statement)
            do()

    event.listen(db.engine, "before_cursor_execute", notice)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", notice)
        assert done, f"no statement opened with {opening}"


def die() -> None:
    raise Death


def later(now: Any, hours: float) -> Any:
    return now + timedelta(hours=hours)

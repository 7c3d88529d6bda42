"""A stage for tests of what happens to bids: an auction in both stores, with four people introduced to it."""

from datetime import timedelta
from typing import Any

from flask import Flask

from cashticket.auction.values import Accepted, Permission
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Concert, RecordedBid, Seat
from tests.staging.rows import add_auction, add_concert, add_person, terms_of

NAMES = ("alice", "bob", "carol", "mallory")


class Stage:
    """One concert with one running auction (`id`); `open_auction` adds another. Everything is known by its id, because
    what is tested ends database sessions."""

    def __init__(self, app: Flask, **fields: Any) -> None:
        self.engine: RedisEngine = app.extensions["engine"]
        self.people: dict[str, int] = {name: add_person(name).id for name in NAMES}
        self.concert_id: int = add_concert().id
        self._ends: dict[int, int] = {}
        self.id = self.open_auction(**fields)

    def open_auction(self, *, ends_in_ms: int = 3_600_000, **fields: Any) -> int:
        """An auction of 2 seats without soft close that ends so many milliseconds from now by the live store."""
        now = to_moment(self.engine.clock())
        window = {"opens_at": now - timedelta(hours=1), "closes_at": now + timedelta(milliseconds=ends_in_ms)}
        _about_to_write()
        row = add_auction(db.session.get_one(Concert, self.concert_id), **{"soft_close_seconds": 0, **window, **fields})
        _about_to_write()
        db.session.add_all(Seat(auction_id=row.id, number=n, label=f"VIP-{n}") for n in range(1, row.seats + 1))
        db.session.commit()
        self._ends[row.id] = to_ms(row.closes_at)
        self.engine.open(terms_of(row))
        for person in self.people.values():
            self.engine.introduce(row.id, person, Permission.OK, 1, 1)
        auction_id: int = row.id
        db.session.remove()
        return auction_id

    def bid(self, name: str, amount: int, auction_id: int | None = None, now_ms: int | None = None) -> Accepted:
        """Bid as somebody and be accepted; in an auction that is over already, just before its end."""
        end = self._ends[auction_id or self.id]
        if now_ms is None and end <= self.engine.clock():
            now_ms = end - 500
        answer = self.engine.place_bid(
            auction_id or self.id, self.people[name], 1, amount, f"{name}-{amount}", now_ms=now_ms
        )
        assert isinstance(answer, Accepted), answer
        return answer

    def recorded(self, auction_id: int | None = None) -> list[RecordedBid]:
        """What the ledger has now."""
        db.session.remove()
        return list(queries.bids(auction_id or self.id))

    def row(self, auction_id: int | None = None) -> Auction:
        """The auction's row as it is now."""
        db.session.remove()
        return db.session.get_one(Auction, auction_id or self.id)

    def winners(self, auction_id: int | None = None) -> dict[str, str]:
        """Seat label → who was awarded it."""
        db.session.remove()
        names = {person: name for name, person in self.people.items()}
        return {line.seat: names[line.person] for line in queries.results(auction_id or self.id) if line.seat}


def _about_to_write() -> None:
    """Take the write lock before the first read: a drain that writes meanwhile would make SQLite refuse it later."""
    db.session.rollback()
    db.session.connection(execution_options={"writes": True})

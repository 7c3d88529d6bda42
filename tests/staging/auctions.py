"""Auctions in both stores: rows in the database, terms in the live store, people introduced.

Auctions and people are known by their ids, because what is tested ends database sessions.
"""

from collections.abc import Iterable
from typing import Any

import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Permission
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger import queries, results
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Concert, RecordedBid
from cashticket.wiring import current_engine
from tests.staging.rows import NAMES, add_auction, add_concert, add_person, add_seats

HOUR_MS = 3_600_000


def keys_of_auctions(live: redis.Redis) -> list[str]:
    """Every key of the live store, but the one that it has whatever auctions there are."""
    return sorted(set(live.keys("*")) - {redis_keys.BEATS})


def open_auction(
    *,
    starts_in_ms: int = -HOUR_MS,
    ends_in_ms: int | None = None,
    people: Iterable[int] = (),
    in_engine: bool = True,
    **fields: Any,
) -> int:
    """The id of an auction of 2 seats, from 100,000 won in steps of 5,000, without soft close.

    It opens and closes so many milliseconds from now by the live store; by default it runs for three hours. With
    `in_engine=False` the live store does not know it.
    """
    now_ms = current_engine().clock()
    closes_ms = now_ms + (starts_in_ms + 3 * HOUR_MS if ends_in_ms is None else ends_in_ms)
    window = {"opens_at": to_moment(now_ms + starts_in_ms), "closes_at": to_moment(closes_ms)}
    row = add_auction(**{"soft_close_seconds": 0, **window, **fields})
    add_seats(row)
    auction_id: int = row.id
    if in_engine:
        current_engine().open(terms_of(row))
        for person in people:
            current_engine().introduce(auction_id, person, Permission.OK, 1, 1)
    db.session.remove()
    return auction_id


class Stage:
    """One concert with one running auction (`id`) and four people introduced to it; `open_auction` adds another."""

    def __init__(self, app: Flask, **fields: Any) -> None:
        self.engine: RedisEngine = app.extensions["engine"]
        self.people: dict[str, int] = {name: add_person(name).id for name in NAMES}
        self.concert_id: int = add_concert().id
        self._ends: dict[int, int] = {}
        self.id = self.open_auction(**fields)

    def open_auction(self, *, ends_in_ms: int = HOUR_MS, **fields: Any) -> int:
        """The id of an auction of this concert that ends so many milliseconds from now by the live store."""
        concert = db.session.get_one(Concert, self.concert_id)
        auction_id = open_auction(ends_in_ms=ends_in_ms, people=self.people.values(), concert=concert, **fields)
        self._ends[auction_id] = to_ms(self.row(auction_id).closes_at)
        db.session.remove()
        return auction_id

    def bid(self, name: str, amount: int, auction_id: int | None = None, now_ms: int | None = None) -> Accepted:
        """An accepted bid of somebody who is sure of the amount; in an auction that is over by now, it was placed just
        before the end."""
        end = self._ends[auction_id or self.id]
        if now_ms is None and end <= self.engine.clock():
            now_ms = end - 500
        answer = self.engine.place_bid(
            auction_id or self.id, self.people[name], 1, amount, f"{name}-{amount}", now_ms=now_ms, sure=amount
        )
        assert isinstance(answer, Accepted), answer
        return answer

    def recorded(self, auction_id: int | None = None) -> list[RecordedBid]:
        """The bids in the ledger now."""
        db.session.remove()
        return list(queries.bids(auction_id or self.id))

    def row(self, auction_id: int | None = None) -> Auction:
        """The auction's row as it is now."""
        db.session.remove()
        return db.session.get_one(Auction, auction_id or self.id)

    def winners(self, auction_id: int | None = None) -> dict[str, str]:
        """Seat label → name of the person it was awarded to."""
        db.session.remove()
        names = {person: name for name, person in self.people.items()}
        rows = results.results(auction_id or self.id, 1, len(names))
        return {row.seat: names[row.person] for row in rows if row.seat}

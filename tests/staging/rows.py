"""Rows for tests, made directly in the ledger: people by first name, a concert next month, an auction on it."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from cashticket.auction.values import Terms
from cashticket.extensions import db
from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Concert, Person

_numbers = count(1)


def add_person(name: str, **fields: Any) -> Person:
    """A verified person called `name`, with an address of their own."""
    known = {"email": f"{name}.{next(_numbers)}@example.org", "name": name, "password_hash": "no log-in"}
    return _add(Person(**{**known, "verified_at": datetime.now(UTC), **fields}))


def add_concert(**fields: Any) -> Concert:
    """A concert in thirty days; seats may be given back until the day before."""
    starts_at = datetime.now(UTC) + timedelta(days=30)
    known = {"title": "한여름 밤의 공연", "artist": "Seoul Quartet", "venue": "올림픽홀", "starts_at": starts_at}
    return _add(Concert(**{**known, "cancel_until": starts_at - timedelta(days=1), **fields}))


def add_auction(concert: Concert, **fields: Any) -> Auction:
    """An auction that opened a minute ago and ends in an hour: 2 seats, from 100,000 won in steps of 5,000."""
    now = to_moment(to_ms(datetime.now(UTC)))
    closes_at = fields.get("closes_at", now + timedelta(hours=1))
    known = {"seats": 2, "minimum": 100_000, "step": 5_000, "alias_salt": "salt of a test"}
    known |= {"opens_at": now - timedelta(minutes=1), "closes_at": closes_at, "ends_at": closes_at}
    return _add(Auction(**{"concert_id": concert.id, **known, **fields}))


def terms_of(auction: Auction) -> Terms:
    """The terms the engine is given for this row."""
    return Terms(
        auction_id=auction.id,
        seats=auction.seats,
        minimum=auction.minimum,
        step=auction.step,
        opens_at_ms=to_ms(auction.opens_at),
        closes_at_ms=to_ms(auction.closes_at),
        soft_close_ms=auction.soft_close_seconds * 1000,
        soft_close_cap_ms=auction.soft_close_cap_seconds * 1000,
        alias_salt=auction.alias_salt,
    )


def bid_row(auction: Auction, person: Person, sequence: int, **fields: Any) -> dict[str, Any]:
    """The columns of one recorded bid: the person's first, of 100,000 won, unless said otherwise."""
    now_ms = to_ms(datetime.now(UTC))
    known = {"auction_id": auction.id, "sequence": sequence, "person_id": person.id, "nth": 1, "amount": 100_000}
    known |= {"at_ms": now_ms, "ends_at_ms": to_ms(auction.ends_at), "request_id": f"request-{sequence}"}
    return {**known, "rank": 1, "cutoff": 100_000, **fields}


def _add(row: Any) -> Any:
    db.session.add(row)
    db.session.commit()
    return row

"""Rows for tests, written directly to the database: people, concerts, auctions and recorded bids.

What is returned is loaded and belongs to no session. Concerts are far in the future, ten days after `END`, the end of
the auctions of `settlement`.
"""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from cashticket.locale import to_moment, to_ms
from cashticket.models import Auction, Concert, Person, Seat
from cashticket.models.units import in_one_unit
from cashticket.models.waiting import renew_waiting

NAMES = ("alice", "bob", "carol", "mallory")
PASSWORD = "correct horse battery"
"""Of everybody who can sign in."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
END = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
MINIMUM, STEP = 100_000, 5_000
TITLES = {"title": "한여름 밤의 공연"}
"""Of a concert, where a test names none."""

_numbers = count(1)


def add_person(name: str, **fields: Any) -> Person:
    """A verified person with an address of their own, who cannot sign in."""
    return _add(_person(name, **fields))


def add_people(count: int = len(NAMES)) -> list[int]:
    """Ids of `count` verified people; the first four are called alice, bob, carol and mallory."""
    names = [*NAMES[:count], *(f"person-{number}" for number in range(len(NAMES), count))]
    return [person.id for person in _add_all([_person(name) for name in names])]


def change_person(person_id: int, **values: Any) -> None:
    """Change columns of a person, as the product does: who waits in a line follows in the same unit."""

    def work(session: Session) -> None:
        session.execute(update(Person).where(Person.id == person_id).values(**values))
        renew_waiting(session, [person_id])

    in_one_unit(work)


def add_concert(**fields: Any) -> Concert:
    """A concert whose seats may be given back until the day before."""
    starts_at = fields.get("starts_at", END + 10 * DAY)
    defaults = {**TITLES, "artist": "Seoul Quartet", "venue": "올림픽홀", "starts_at": starts_at}
    return _add(Concert(**{**defaults, "cancel_until": starts_at - DAY, **fields}))


def add_auction(concert: Concert | None = None, **fields: Any) -> Auction:
    """An auction of 2 seats, without the rows of its seats, that opened a minute ago and ends in an hour."""
    now = to_moment(to_ms(datetime.now(UTC)))
    closes_at = fields.get("closes_at", now + HOUR)
    defaults = {"seats": 2, "minimum": MINIMUM, "step": STEP, "alias_salt": "salt of a test"}
    defaults |= {"opens_at": now - timedelta(minutes=1), "closes_at": closes_at, "ends_at": closes_at}
    return _add(Auction(**{"concert_id": (concert or add_concert()).id, **defaults, **fields}))


def add_seats(auction: Auction) -> None:
    """The seats of an auction: VIP-1, VIP-2 and so on."""
    numbers = range(1, auction.seats + 1)
    _add_all([Seat(auction_id=auction.id, number=number, label=f"VIP-{number}") for number in numbers])


def bid_row(auction: Auction, person: Person, sequence: int, **fields: Any) -> dict[str, Any]:
    """The columns of one recorded bid; by default the person's first, of 100,000 won."""
    defaults = {"auction_id": auction.id, "sequence": sequence, "person_id": person.id, "nth": 1, "amount": MINIMUM}
    defaults |= {"at_ms": to_ms(datetime.now(UTC)), "ends_at_ms": to_ms(auction.ends_at), "rank": 1, "cutoff": MINIMUM}
    return {**defaults, "request_id": f"request-{sequence}", **fields}


def _person(name: str, **fields: Any) -> Person:
    defaults = {"email": f"{name}.{next(_numbers)}@example.org", "name": name, "password_hash": "no log-in"}
    return Person(**{**defaults, "verified_at": datetime.now(UTC), **fields})


def _add(row: Any) -> Any:
    return _add_all([row])[0]


def _add_all(rows: list[Any]) -> list[Any]:
    in_one_unit(lambda session: session.add_all(rows))
    return rows

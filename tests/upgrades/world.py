"""Fills a database as an installation would have, with made-up people: everything that an upgrade must keep.

Auctions are made by the product itself, one in every state. A table that this leaves empty gets a row whose columns are
all filled, so that tables of later releases are not forgotten.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import Column, Table, func, insert, select, update

from cashticket.accounts import passwords
from cashticket.auction.values import Accepted, Permission, State
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_ms
from cashticket.models import Auction, Concert, GivenUpBid, Outage, Quarantined, SequenceGap
from cashticket.models.columns import EnumText, utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.settlement.handover import offer_freed
from cashticket.work.closing import close_and_settle
from cashticket.work.voiding import void_and_announce
from tests.staging.rows import NAMES, PASSWORD, add_auction, add_concert, add_person, add_seats
from tests.staging.settlement import award_of

OPENED, ENDED = datetime(2025, 6, 1, 10, 0, tzinfo=UTC), datetime(2025, 6, 1, 12, 0, tzinfo=UTC)
FUTURE = datetime(2099, 6, 1, 10, 0, tzinfo=UTC)
AT = datetime(2025, 6, 1, 11, 22, 33, 444_555, UTC)


def fill(app: Flask) -> None:
    """Fill the empty database of `app`, inside its context. Its live store must be empty too."""
    engine: Engine = app.extensions["engine"]
    people = _people()
    alice, bob, carol, mallory = (people[name] for name in NAMES)
    crowd = [*people.values()]
    evening = add_concert(title="봄밤 🌙", starts_at=FUTURE + timedelta(days=30), genre="재즈", age_limit=8)

    won = _ended(engine, add_concert(), crowd, [(alice, 120_000), (bob, 110_000), (carol, 105_000), (bob, 125_000)])
    close_and_settle(engine, won)
    awards.buy(award_of(won, bob).id, bob, utcnow())
    awards.decline(award_of(won, alice).id, alice, utcnow())
    offer_freed(won, utcnow())

    void = _ended(engine, add_concert(title="취소된 밤"), crowd, [(alice, 100_000), (mallory, 105_000)])
    void_and_announce(engine, void, "the hall burnt down", "olga", utcnow())
    in_one_unit(lambda session: session.add_all(_losses(void, alice)))

    closing = _ended(engine, add_concert(title="정산 중"), crowd, [(bob, 100_000), (alice, 105_000)])
    state = {"state": State.CLOSING, "final_sequence": 2}
    in_one_unit(lambda session: session.execute(update(Auction).where(Auction.id == closing).values(state)))
    _ended(engine, add_concert(title="아직 정산 전"), crowd, [(carol, 100_000), (alice, 115_000), (bob, 105_000)])
    window = {"opens_at": OPENED, "closes_at": FUTURE}
    running = _auction(engine, evening, crowd, [(carol, 100_000), (bob, 110_000), (carol, 130_000)], **window)
    in_one_unit(lambda session: session.add(_outage(running, FUTURE - timedelta(minutes=5), FUTURE)))
    _auction(engine, evening, crowd, [], opens_at=FUTURE, closes_at=FUTURE + timedelta(hours=1), pricing="uniform")
    for table in db.metadata.sorted_tables:
        if not db.session.scalar(select(func.count()).select_from(table)):
            in_one_unit(lambda session, table=table: session.execute(insert(table).values(_made_up(table))))
    db.session.remove()


def _people() -> dict[str, int]:
    """Olga of the staff, to whom all made-up rows belong, and the four, of whom mallory is blocked. All can sign in."""
    password_hash = passwords.hash_password(PASSWORD)
    facts: dict[str, dict[str, Any]] = {name: {"email": f"{name}@example.com"} for name in ("olga", *NAMES)}
    facts["alice"] |= {"name": "앨리스 김", "birth_date": date(1999, 2, 3), "phone": "+821012345678", "locale": "en"}
    facts["mallory"] |= {"blocked_at": AT}
    facts["olga"] |= {"is_staff": True}
    return {
        name: add_person(**{"name": name, "password_hash": password_hash, "verified_at": AT, **of}).id
        for name, of in facts.items()
    }


def _ended(engine: Engine, concert: Concert, people: list[int], bids: list[tuple[int, int]]) -> int:
    return _auction(engine, concert, people, bids, opens_at=OPENED, closes_at=ENDED)


def _auction(engine: Engine, concert: Concert, people: list[int], bids: list[tuple[int, int]], **terms: Any) -> int:
    """The id of an auction of 2 seats in both stores, with these bids recorded."""
    auction: Auction = add_auction(concert, **{"soft_close_seconds": 0, **terms})
    add_seats(auction)
    published = terms_of(auction)
    engine.open(published)
    for person in people:
        engine.introduce(auction.id, person, Permission.OK, 1, 1)
    for number, (person, amount) in enumerate(bids, 1):
        at_ms = published.opens_at_ms + number
        answer = engine.place_bid(auction.id, person, 1, amount, f"request-{number}", at_ms)
        assert isinstance(answer, Accepted), answer
    while record_waiting(engine, auction.id):
        pass
    return int(auction.id)


def _losses(auction_id: int, person_id: int) -> list[Any]:
    """What an outage can leave: numbers given up, a bid of one of them, an entry set aside, and the time given back."""
    facts = {
        "raw": "not a bid",
        "reason": "unreadable",
        "set_aside_at": AT,
        "resolved_at": AT,
        "resolution": "left out",
    }
    bid = {"nth": 2, "amount": 110_000, "at_ms": to_ms(AT), "request_id": "request-3"}
    return [
        SequenceGap(auction_id=auction_id, first=3, last=4, reason="lost with the live store", found_at=AT),
        GivenUpBid(auction_id=auction_id, sequence=3, person_id=person_id, **bid, reason="lost", given_up_at=AT),
        Quarantined(auction_id=auction_id, sequence=5, **facts),
        _outage(auction_id, ENDED - timedelta(minutes=5), ENDED),
    ]


def _outage(auction_id: int, end: datetime, end_after: datetime) -> Outage:
    moments = {"began_at": AT, "ended_at": AT + (end_after - end), "ends_before": end, "ends_after": end_after}
    return Outage(auction_id=auction_id, number=1, **moments, reason="restarted")


def _made_up(table: Table) -> dict[str, Any]:
    """One row with a value in every column; keys of others point to their first row."""
    return {column.name: _value(column) for column in table.columns if column.computed is None}


def _value(column: "Column[Any]") -> Any:
    for key in column.foreign_keys:
        return db.session.scalar(select(func.min(key.column)))
    if isinstance(column.type, EnumText):
        return next(iter(column.type.kind))
    made_up = {dict: {"made": "up"}, bool: True, int: 1, date: AT.date(), datetime: AT}
    length = getattr(column.type, "length", None) or 40
    plain = getattr(column.type, "impl", column.type)
    return made_up.get(plain.python_type, f"made-up {column.name}"[:length])

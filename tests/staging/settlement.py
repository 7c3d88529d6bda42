"""Sets the stage for what happens after bidding: people, a concert, an auction, and bids already in the ledger.

Moments are said relative to `END`, the moment bidding ended; the concert is ten days later.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.auction import rules
from cashticket.auction.values import Bid, RankedBid
from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Auction, Award, AwardEvent, Concert, Person, RecordedBid, Seat
from cashticket.models.units import in_one_unit
from cashticket.settlement.settle import NotReady, Settled, settle

END = datetime(2031, 5, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NAMES = ("alice", "bob", "carol", "mallory")

Amounts = Sequence[tuple[int, int]]
"""Bids in the order they were accepted, each as (person id, amount)."""


def add_people(count: int = len(NAMES)) -> list[int]:
    """Ids of new verified people; the first four are alice, bob, carol and mallory."""

    def work(session: Session) -> list[int]:
        people = [
            Person(
                email=f"{name}@people.example",
                name=name,
                password_hash="none",
                verified_at=END - DAY,
            )
            for name in (*NAMES[:count], *(f"person-{number}" for number in range(len(NAMES), count)))
        ]
        session.add_all(people)
        session.flush()
        return [person.id for person in people]

    return in_one_unit(work)


def add_concert(cancel_until: datetime = END + 9 * DAY) -> int:
    def work(session: Session) -> int:
        concert = Concert(
            title="Spring Night",
            artist="The Lanterns",
            venue="Han River Hall",
            starts_at=END + 10 * DAY,
            cancel_until=cancel_until,
        )
        session.add(concert)
        session.flush()
        return concert.id

    return in_one_unit(work)


def add_auction(
    concert_id: int, bids: Amounts = (), *, seats: int = 2, pricing: str = "pay_as_bid", ends_at: datetime = END
) -> int:
    """An ended auction (minimum 100 000, step 10 000) with every bid recorded."""

    def work(session: Session) -> int:
        auction = Auction(
            concert_id=concert_id,
            seats=seats,
            minimum=100_000,
            step=10_000,
            pricing=pricing,
            opens_at=ends_at - HOUR,
            closes_at=ends_at,
            ends_at=ends_at,
            recorded_sequence=len(bids),
            alias_salt="salt",
        )
        session.add(auction)
        session.flush()
        session.add_all(Seat(auction_id=auction.id, number=n, label=f"VIP-{n}") for n in range(1, seats + 1))
        session.add_all(_rows(auction, bids))
        return auction.id

    return in_one_unit(work)


def _rows(auction: Auction, bids: Amounts) -> Iterable[RecordedBid]:
    used: dict[int, int] = {}
    for sequence, (person, amount) in enumerate(bids, 1):
        used[person] = used.get(person, 0) + 1
        yield RecordedBid(
            auction_id=auction.id,
            sequence=sequence,
            person_id=person,
            nth=used[person],
            amount=amount,
            at_ms=to_ms(auction.opens_at) + sequence,
            ends_at_ms=to_ms(auction.ends_at),
            request_id=f"request-{sequence}",
            rank=1,
            cutoff=auction.minimum,
        )


def order_of(bids: Amounts) -> list[RankedBid]:
    """The order that the live store would end with."""
    return rules.order_of_bids(Bid(n, person, 1, amount, 0, "") for n, (person, amount) in enumerate(bids, 1))


def settled(auction_id: int, bids: Amounts, now: datetime = END) -> Settled | NotReady:
    return settle(auction_id, order_of(bids), len(bids), now)


def awards_of(auction_id: int) -> list[Award]:
    """Every award of the auction in the order it was issued, as the database has it now."""
    db.session.rollback()
    return list(db.session.scalars(select(Award).where(Award.auction_id == auction_id).order_by(Award.id)))


def award_of(auction_id: int, person: int) -> Award:
    return next(award for award in awards_of(auction_id) if award.person_id == person)


def holders(auction_id: int) -> dict[int, int]:
    """Who holds which seat now: seat number → person."""
    return {award.seat.number: award.person_id for award in awards_of(auction_id) if award.live}


def story_of(auction_id: int) -> list[tuple[int, str]]:
    """The auction's events as (award id, state); fails when their numbers are not 1, 2, 3 …"""
    events = db.session.execute(
        select(AwardEvent.number, AwardEvent.award_id, AwardEvent.state)
        .where(AwardEvent.auction_id == auction_id)
        .order_by(AwardEvent.number)
    ).all()
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    return [(award_id, state) for _, award_id, state in events]

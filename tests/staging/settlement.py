"""Auctions that ended at `END` with every bid in the ledger; how they are settled, and what became of their awards."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from cashticket.auction import rules
from cashticket.auction.values import Bid, RankedBid
from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Auction, Award, AwardEvent, Concert, RecordedBid
from cashticket.models.units import in_one_unit
from cashticket.settlement import line, telling
from cashticket.settlement.readiness import NotReady
from cashticket.settlement.settle import Settled, settle
from tests.staging.rows import END, HOUR, add_auction, add_seats

Amounts = Sequence[tuple[int, int]]
"""Bids in the order they were accepted, each as (person id, amount)."""


def add_ended_auction(
    bids: Amounts = (), *, concert: Concert | None = None, ends_at: datetime = END, **fields: Any
) -> int:
    """The id of an ended auction of 2 seats (minimum 100,000 won, step 10,000) with every bid recorded."""
    window = {"opens_at": ends_at - HOUR, "closes_at": ends_at, "ends_at": ends_at}
    auction = add_auction(concert, **{"step": 10_000, "recorded_sequence": len(bids), **window, **fields})
    add_seats(auction)
    auction_id: int = auction.id
    rows = list(_rows(auction, bids))
    in_one_unit(lambda session: session.add_all(rows))
    return auction_id


def add_settled_auction(bids: Amounts, *, ends_at: datetime = END, **fields: Any) -> int:
    """The id of an auction that was settled when it ended."""
    auction_id = add_ended_auction(bids, ends_at=ends_at, **fields)
    settled(auction_id, bids, ends_at)
    return auction_id


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
    """The order in which the live store would end."""
    return rules.order_of_bids(Bid(n, person, 1, amount, 0, "") for n, (person, amount) in enumerate(bids, 1))


def settled(auction_id: int, bids: Amounts, now: datetime = END) -> Settled | NotReady:
    """Settle an auction whose live store knows exactly these bids. Returns the answer of `settle`."""
    return settle(auction_id, order_of(bids), len(bids), now)


def tell_everybody(auction_id: int, now: datetime = END) -> None:
    """Do what the job does until every bidder of a settled or voided auction is told."""
    while telling.tell_batch(auction_id, now):
        pass


def awards_of(auction_id: int) -> list[Award]:
    """Every award of the auction as it is now, in the order of issue."""
    db.session.rollback()
    return list(db.session.scalars(select(Award).where(Award.auction_id == auction_id).order_by(Award.id)))


def award_of(auction_id: int, person: int) -> Award:
    """The first award of this person."""
    return next(award for award in awards_of(auction_id) if award.person_id == person)


def holders(auction_id: int) -> dict[int, int]:
    """Seat number → person who holds the seat now."""
    return {award.seat.number: award.person_id for award in awards_of(auction_id) if award.live}


def story_of(auction_id: int) -> list[tuple[int, str]]:
    """The events of the auction's awards as (award id, state). Fails if their numbers are not 1, 2, 3 …"""
    events = db.session.execute(
        select(AwardEvent.number, AwardEvent.award_id, AwardEvent.state)
        .where(AwardEvent.auction_id == auction_id)
        .order_by(AwardEvent.number)
    ).all()
    assert [number for number, _, _ in events] == list(range(1, len(events) + 1))
    return [(award_id, state) for _, award_id, state in events]


def position(auction_id: int, person: int) -> int | None:
    """The position of a person in the line, from 1; None if not in it."""
    db.session.rollback()
    return line.position(auction_id, person)

"""Reads for one person's own pages: auctions bid in, places waited in, and the stories of seats. See also `queries`."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager

from cashticket.auction.values import AwardState, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, AwardEvent, Concert, RecordedBid


@dataclass(frozen=True, slots=True)
class Step:
    """One step in the story of a seat: the award of a final rank came to `state` at a moment. The first award of a
    seat was won, a `handed_over` one was offered because the seat had become free."""

    seat_id: int
    award_id: int
    rank: int
    handed_over: bool
    state: AwardState
    at: datetime


def finished_auctions(person_id: int, most: int, skip: int = 0) -> Sequence[Auction]:
    """Settled and voided auctions a person bid in, with their concerts, the latest end first; at most `most`."""
    found = _bid_in(person_id).where(Auction.state.in_((State.SETTLED, State.VOIDED)))
    found = found.order_by(Auction.ends_at.desc(), Auction.id.desc()).limit(most).offset(skip)
    return db.session.scalars(found).all()


def count_auctions(person_id: int) -> int:
    """In how many auctions a person has recorded bids."""
    counted = select(func.count(func.distinct(RecordedBid.auction_id))).where(RecordedBid.person_id == person_id)
    return db.session.scalar(counted) or 0


def auctions_without_award(person_id: int, now: datetime) -> Sequence[Auction]:
    """Settled auctions where a person bid and was awarded nothing, and a seat may still be offered at `now` (UTC)."""
    awarded = select(Award.auction_id).where(Award.person_id == person_id)
    found = _bid_in(person_id).where(
        Auction.state == State.SETTLED, Concert.cancel_until > now, Auction.id.not_in(awarded)
    )
    return db.session.scalars(found.order_by(Concert.starts_at, Auction.id)).all()


def bids_by_auction(person_id: int, auction_ids: Collection[int]) -> dict[int, list[RecordedBid]]:
    """A person's recorded bids in those auctions, oldest first; an auction without any has an empty list."""
    found = (
        select(RecordedBid)
        .where(RecordedBid.person_id == person_id, RecordedBid.auction_id.in_(auction_ids))
        .order_by(RecordedBid.auction_id, RecordedBid.nth)
    )
    bids: dict[int, list[RecordedBid]] = {auction_id: [] for auction_id in auction_ids}
    for bid in db.session.scalars(found):
        bids[bid.auction_id].append(bid)
    return bids


def seat_stories(awards: Collection[Award]) -> dict[int, list[Step]]:
    """By award: how its seat came to its holder and what the holder did, oldest first. Later holders are left out."""
    rows = db.session.execute(
        select(AwardEvent, Award)
        .join(Award, Award.id == AwardEvent.award_id)
        .where(Award.seat_id.in_({award.seat_id for award in awards}))
        .order_by(AwardEvent.auction_id, AwardEvent.number)
    )
    steps: dict[int, list[Step]] = defaultdict(list)
    for event, award in rows:
        handed_over = award.previous_id is not None
        steps[award.seat_id].append(Step(award.seat_id, award.id, award.rank, handed_over, event.state, event.at))
    return {award.id: [step for step in steps[award.seat_id] if step.award_id <= award.id] for award in awards}


def _bid_in(person_id: int) -> Select[Auction]:
    bid_in = select(RecordedBid.auction_id).where(RecordedBid.person_id == person_id)
    return select(Auction).join(Auction.concert).options(contains_eager(Auction.concert)).where(Auction.id.in_(bid_in))

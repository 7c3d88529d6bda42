"""Reads for one person's own pages: the auctions they bid in, their bids, awards and seat histories."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import contains_eager, joinedload

from cashticket.auction.values import AwardState, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, AwardEvent, Concert, GivenUpBid, RecordedBid


@dataclass(frozen=True, slots=True)
class Step:
    """One event in the history of a seat: the award of a final rank entered `state` at `at` (UTC). `handed_over`: the
    award was offered because the seat had become free; otherwise it was won."""

    seat_id: int
    award_id: int
    rank: int
    handed_over: bool
    state: AwardState
    at: datetime


def finished_auctions(person_id: int, limit: int, skip: int = 0) -> Sequence[Auction]:
    """Settled and voided auctions a person bid in, with their concerts, the latest end first; at most `limit`."""
    finished = _bid_in(person_id).where(Auction.state.in_((State.SETTLED, State.VOIDED)))
    latest = finished.order_by(Auction.ends_at.desc(), Auction.id.desc()).limit(limit).offset(skip)
    return db.session.scalars(latest).all()


def unfinished_auctions(person_id: int, limit: int) -> Sequence[Auction]:
    """Auctions in which a person has recorded bids and bidding is not over, with their concerts, the one they bid in
    last first; at most `limit`."""
    own = select(RecordedBid.auction_id, func.max(RecordedBid.at_ms).label("last_ms"))
    mine = own.where(RecordedBid.person_id == person_id).group_by(RecordedBid.auction_id).subquery()
    rows = select(Auction).join(mine, mine.c.auction_id == Auction.id).join(Auction.concert)
    unfinished = rows.where(Auction.state == State.OPEN).options(contains_eager(Auction.concert))
    return db.session.scalars(unfinished.order_by(mine.c.last_ms.desc(), Auction.id).limit(limit)).all()


def offers_to(person_id: int, now: datetime, limit: int) -> Sequence[Award]:
    """Awards that a person may still buy at `now` (UTC), with seat, auction and concert, the earliest to expire first;
    at most `limit`."""
    offers = _awards_of(person_id).where(Award.state == AwardState.OFFERED, Award.expires_at > now)
    return db.session.scalars(offers.order_by(Award.expires_at, Award.id).limit(limit)).all()


def count_auctions(person_id: int) -> int:
    """The number of auctions in which a person has recorded bids."""
    auctions = select(func.count(func.distinct(RecordedBid.auction_id))).where(RecordedBid.person_id == person_id)
    return db.session.scalar(auctions) or 0


def auctions_without_award(person_id: int, now: datetime) -> Sequence[Auction]:
    """Settled auctions where a person bid and has no award, and a freed seat can still be offered at `now` (UTC)."""
    awarded = select(Award.auction_id).where(Award.person_id == person_id)
    rows = _bid_in(person_id).where(
        Auction.state == State.SETTLED, Concert.cancel_until > now, Auction.id.not_in(awarded)
    )
    return db.session.scalars(rows.order_by(Concert.starts_at, Auction.id)).all()


def bids_by_auction(person_id: int, auction_ids: Collection[int]) -> dict[int, list[RecordedBid]]:
    """A person's recorded bids in each of these auctions, oldest first; an empty list where there are none."""
    rows = (
        select(RecordedBid)
        .where(RecordedBid.person_id == person_id, RecordedBid.auction_id.in_(auction_ids))
        .order_by(RecordedBid.auction_id, RecordedBid.nth)
    )
    bids: dict[int, list[RecordedBid]] = {auction_id: [] for auction_id in auction_ids}
    for bid in db.session.scalars(rows):
        bids[bid.auction_id].append(bid)
    return bids


def given_up_bids_of(person_id: int, limit: int) -> Sequence[tuple[GivenUpBid, Concert]]:
    """A person's answered bids that could not be kept, each with its concert, the newest first; at most
    `limit`."""
    rows = db.session.execute(
        select(GivenUpBid, Concert)
        .join(Auction, Auction.id == GivenUpBid.auction_id)
        .join(Concert, Concert.id == Auction.concert_id)
        .where(GivenUpBid.person_id == person_id)
        .order_by(GivenUpBid.id.desc())
        .limit(limit)
    )
    return [(bid, concert) for bid, concert in rows]


def tickets_of(person_id: int) -> Sequence[Award]:
    """A person's awards with seat, auction and concert: live ones first, then by the start of the concert."""
    live_first = _awards_of(person_id).order_by(Award.live.is_(None), Concert.starts_at, Award.id)
    return db.session.scalars(live_first).all()


def seat_histories(awards: Collection[Award]) -> dict[int, list[Step]]:
    """For each award id, the history of its seat up to this holder, oldest first. Later holders are left out."""
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


def _awards_of(person_id: int) -> Select[Award]:
    rows = select(Award).join(Award.auction).join(Auction.concert).where(Award.person_id == person_id)
    return rows.options(contains_eager(Award.auction).contains_eager(Auction.concert), joinedload(Award.seat))

"""Reads of auctions and bids; other modules of the ledger read results, awards, notices and one person's auctions.

Every function reads in the request's session unless one is given. Long-lived processes call `forget` after each round,
or they would keep seeing the old state.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager

from cashticket.auction import rules
from cashticket.auction.values import UNFINISHED_STATES, Accepted, RankedBid, State
from cashticket.extensions import db
from cashticket.ledger.bid_rows import accepted_of
from cashticket.ledger.live_stores import in_store
from cashticket.models import Auction, AuctionCheck, Concert, RecordedBid


def forget() -> None:
    """End the session, so that the next read sees the present state."""
    db.session.remove()


# Auctions


def auction(auction_id: int) -> Auction | None:
    """One auction with its concert."""
    return db.session.scalar(_auctions().where(Auction.id == auction_id))


def live_auctions() -> Sequence[Auction]:
    """All auctions not settled or voided yet, in the order in which they end."""
    return db.session.scalars(_auctions().where(Auction.state.in_(UNFINISHED_STATES))).all()


def auctions_of(concert_id: int) -> Sequence[Auction]:
    """All auctions of a concert, in the order in which they end and settle."""
    return db.session.scalars(_auctions().where(Auction.concert_id == concert_id)).all()


def unfinished(auction_id: int | None = None, store: str | None = None) -> dict[int, bool]:
    """The id of each auction not settled or voided yet (or of this one alone, or those of this live store), and whether
    anything of it was ever read in the live store: a recorded bid or the verdict of a check."""
    seen = (Auction.recorded_sequence > 0) | AuctionCheck.checked_at.is_not(None)
    rows = select(Auction.id, seen).outerjoin(AuctionCheck).where(Auction.state.in_(UNFINISHED_STATES))
    if auction_id is not None:
        rows = rows.where(Auction.id == auction_id)
    if store is not None:
        rows = rows.where(in_store(store))
    return {each: bool(was_seen) for each, was_seen in db.session.execute(rows)}


def due_auctions(now: datetime) -> Sequence[Auction]:
    """Auctions not settled or voided yet whose end in force, as the ledger has it, had come at `now` (UTC)."""
    due = _auctions().where(Auction.state.in_(UNFINISHED_STATES), Auction.ends_at <= now)
    return db.session.scalars(due).all()


def states(auction_ids: Iterable[int]) -> dict[int, State]:
    """The state of each of these auctions that is in the ledger."""
    rows = select(Auction.id, Auction.state).where(Auction.id.in_(list(auction_ids)))
    return {auction_id: state for auction_id, state in db.session.execute(rows)}  # noqa: C416 - typed row by row


def titles(auction_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    """The title of the concert of each of these auctions that is in the ledger, by language."""
    rows = select(Auction.id, Concert.title, Concert.title_en).join(Concert, Concert.id == Auction.concert_id)
    titles_of = db.session.execute(rows.where(Auction.id.in_(list(auction_ids))))
    return {auction_id: {"ko": title, "en": title_en or title} for auction_id, title, title_en in titles_of}


def _auctions() -> Select[Auction]:
    return (
        select(Auction)
        .join(Auction.concert)
        .options(contains_eager(Auction.concert))
        .order_by(Auction.ends_at, Auction.id)
    )


# Bids


def recorded_sequence(auction_id: int) -> int | None:
    """The last recorded sequence, None for an unknown auction."""
    return db.session.scalar(select(Auction.recorded_sequence).where(Auction.id == auction_id))


def recorded_sequences(auction_ids: Iterable[int]) -> dict[int, int]:
    """The last recorded sequence of each of these auctions that is in the ledger."""
    rows = select(Auction.id, Auction.recorded_sequence).where(Auction.id.in_(list(auction_ids)))
    return {auction_id: sequence for auction_id, sequence in db.session.execute(rows)}  # noqa: C416 - typed row by row


def final_order(auction_id: int, session: Session | None = None) -> list[RankedBid]:
    """The ranked bids of all bidders, best first, computed from the recorded bids."""
    newest = (
        select(func.max(RecordedBid.sequence))
        .where(RecordedBid.auction_id == auction_id)
        .group_by(RecordedBid.person_id)
    )
    rows = (session or db.session).execute(
        select(RecordedBid.person_id, RecordedBid.amount, RecordedBid.sequence).where(
            RecordedBid.auction_id == auction_id, RecordedBid.sequence.in_(newest)
        )
    )
    return rules.order(RankedBid(person, amount, sequence) for person, amount, sequence in rows)


def bids(auction_id: int) -> Sequence[RecordedBid]:
    """All recorded bids of an auction, in sequence."""
    rows = select(RecordedBid).where(RecordedBid.auction_id == auction_id).order_by(RecordedBid.sequence)
    return db.session.scalars(rows).all()


def bids_of(auction_id: int, person_id: int) -> Sequence[RecordedBid]:
    """One person's recorded bids in an auction, oldest first."""
    return db.session.scalars(
        select(RecordedBid)
        .where(RecordedBid.auction_id == auction_id, RecordedBid.person_id == person_id)
        .order_by(RecordedBid.nth)
    ).all()


def chances_used(bids: Sequence[RecordedBid]) -> int:
    """How many chances one person's bids in an auction, oldest first, have taken. The newest says it, since an earlier
    bid may have been given up; the live store counts alike."""
    return bids[-1].nth if bids else 0


def remembered(auction_id: int, person_id: int, request_id: str) -> Accepted | None:
    """The answer given to an accepted request, marked as replayed; None if the ledger has no such bid."""
    row = db.session.execute(
        select(RecordedBid, Auction.seats)
        .join(Auction, Auction.id == RecordedBid.auction_id)
        .where(
            RecordedBid.auction_id == auction_id,
            RecordedBid.person_id == person_id,
            RecordedBid.request_id == request_id,
        )
    ).one_or_none()
    if row is None or row[0].request_id != request_id:
        return None
    bid, seats = row
    return accepted_of(bid, seats)

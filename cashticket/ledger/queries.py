"""Every read of the ledger, named by its question. Reads alone, on the request's own session unless one is given.

Long-lived processes end their session after each round (`db.session.remove()`), or they would go on seeing the past.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from cashticket.auction import rules
from cashticket.auction.aliases import alias
from cashticket.auction.values import UNFINISHED_STATES, Accepted, AwardState, RankedBid, State
from cashticket.extensions import db
from cashticket.ledger.bid_rows import accepted_of
from cashticket.models import Auction, Award, Concert, RecordedBid


@dataclass(frozen=True, slots=True)
class Result:
    """One line of an auction's results: a final rank, and the seat if one was awarded. `person` is never shown to
    strangers; `awarded` is the award's state, None without one."""

    rank: int
    person: int
    alias: str
    amount: int
    seat: str | None
    price: int | None
    awarded: AwardState | None


def forget() -> None:
    """End the session: what is read next is the present, not what was read before."""
    db.session.remove()


# Auctions


def auction(auction_id: int) -> Auction | None:
    """One auction with its concert."""
    return db.session.scalar(_auctions().where(Auction.id == auction_id))


def live_auctions() -> Sequence[Auction]:
    """Everything not settled or voided yet, the one that ends first first."""
    return db.session.scalars(_auctions().where(Auction.state.in_(UNFINISHED_STATES))).all()


def auctions_of(concert_id: int) -> Sequence[Auction]:
    """All auctions of a concert, in the order in which they end and settle."""
    return db.session.scalars(_auctions().where(Auction.concert_id == concert_id)).all()


def due_auctions(now: datetime) -> Sequence[Auction]:
    """Auctions whose end in force, as far as the ledger knows, had come at `now` (UTC) and that wait to be settled."""
    due = _auctions().where(Auction.state.in_(UNFINISHED_STATES), Auction.ends_at <= now)
    return db.session.scalars(due).all()


def states(auction_ids: Iterable[int]) -> dict[int, State]:
    """The states of those auctions that the ledger knows."""
    found = select(Auction.id, Auction.state).where(Auction.id.in_(list(auction_ids)))
    return {auction_id: state for auction_id, state in db.session.execute(found)}  # noqa: C416 - typed row by row


def _auctions() -> Select[Auction]:
    return (
        select(Auction)
        .join(Auction.concert)
        .options(contains_eager(Auction.concert))
        .order_by(Auction.ends_at, Auction.id)
    )


# Bids


def recorded_sequence(auction_id: int) -> int | None:
    """The last sequence the ledger has, None for an auction it does not know."""
    return db.session.scalar(select(Auction.recorded_sequence).where(Auction.id == auction_id))


def final_order(auction_id: int, session: Session | None = None) -> list[RankedBid]:
    """All standings that the recorded bids leave behind, best first, from the bids alone."""
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
    found = select(RecordedBid).where(RecordedBid.auction_id == auction_id).order_by(RecordedBid.sequence)
    return db.session.scalars(found).all()


def bids_of(auction_id: int, person_id: int) -> Sequence[RecordedBid]:
    """One person's recorded bids in an auction, oldest first."""
    return db.session.scalars(
        select(RecordedBid)
        .where(RecordedBid.auction_id == auction_id, RecordedBid.person_id == person_id)
        .order_by(RecordedBid.nth)
    ).all()


def remembered(auction_id: int, person_id: int, request_id: str) -> Accepted | None:
    """The answer that was given to an accepted request, as a replay of it; None when the ledger has no such bid."""
    found = db.session.execute(
        select(RecordedBid, Auction.seats)
        .join(Auction, Auction.id == RecordedBid.auction_id)
        .where(
            RecordedBid.auction_id == auction_id,
            RecordedBid.person_id == person_id,
            RecordedBid.request_id == request_id,
        )
    ).one_or_none()
    if found is None or found[0].request_id != request_id:
        return None
    bid, seats = found
    return accepted_of(bid, seats)


# Results


def results(auction_id: int) -> list[Result]:
    """Final ranks with seats and prices, rank 1 first; the award shown is the person's own, whatever became of it."""
    found = auction(auction_id)
    if found is None:
        return []
    awards = select(Award).where(Award.auction_id == auction_id).options(joinedload(Award.seat))
    awarded = {award.person_id: award for award in db.session.scalars(awards)}
    lines = []
    for rank, standing in enumerate(final_order(auction_id), 1):
        award = awarded.get(standing.person)
        lines.append(
            Result(
                rank=rank,
                person=standing.person,
                alias=alias(found.alias_salt, auction_id, standing.person),
                amount=standing.amount,
                seat=award.seat.label if award else None,
                price=award.price if award else None,
                awarded=award.state if award else None,
            )
        )
    return lines


def tickets_of(person_id: int) -> Sequence[Award]:
    """A person's awards with seat, auction and concert: live ones first, of each kind the earliest concert first."""
    return db.session.scalars(
        select(Award)
        .join(Award.auction)
        .join(Auction.concert)
        .where(Award.person_id == person_id)
        .options(contains_eager(Award.auction).contains_eager(Auction.concert), joinedload(Award.seat))
        .order_by(Award.live.is_(None), Concert.starts_at, Award.id)
    ).all()

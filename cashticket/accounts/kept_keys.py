"""What closing an account keeps of its person's key: enough that coming back with a new account changes nothing, and no
longer than that could matter.

Kept is the keyed hash and the number of the closed account: until the last concert in whose auctions it bid is over,
and for a blocked account for a year. Otherwise nothing is kept.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from cashticket.auction.values import UNFINISHED_STATES
from cashticket.extensions import db
from cashticket.models import Auction, Concert, Person, PersonKey, RecordedBid

BLOCKED_AGE = timedelta(days=365)
"""How long a closed account that was blocked keeps its person from proving themselves for another one."""


def leave(session: Session, row: Person, now: datetime) -> None:
    """Let the key of an account that is being closed no longer be its own, in the caller's unit: kept for as long as it
    matters, deleted when it does not."""
    key = session.scalar(select(PersonKey).where(PersonKey.person_id == row.id))
    if key is None or key.live is None:
        return
    until = _until(session, row, now)
    if until is None:
        session.delete(key)
    else:
        key.live, key.kept_until = None, until
    session.flush()


def has_bid_before(person: Person, auction_id: int) -> bool:
    """Whether a closed account of the same person has bid in an auction. No statement without a proven identity."""
    if person.identity_proven_at is None:
        return False
    bids = exists().where(*_earlier_bids(person), RecordedBid.auction_id == auction_id)
    return bool(db.session.scalar(select(bids)))


def auctions_bid_before(person: Person) -> set[int]:
    """The unfinished auctions in which a closed account of the same person has bid. No statement without a proven
    identity."""
    if person.identity_proven_at is None:
        return set()
    unfinished = select(Auction.id).where(Auction.state.in_(UNFINISHED_STATES))
    bids = select(RecordedBid.auction_id).where(*_earlier_bids(person), RecordedBid.auction_id.in_(unfinished))
    return set(db.session.scalars(bids.distinct()))


def _earlier_bids(person: Person) -> tuple[ColumnElement[bool], ...]:
    own = select(PersonKey.key_hash).where(PersonKey.person_id == person.id).scalar_subquery()
    earlier = select(PersonKey.person_id).where(PersonKey.key_hash == own, PersonKey.live.is_(None))
    return (RecordedBid.person_id.in_(earlier),)


def _until(session: Session, row: Person, now: datetime) -> datetime | None:
    """Until when the key of this account matters; None when it does not."""
    if row.blocked_at is not None:
        return now + BLOCKED_AGE
    concerts = select(func.max(Concert.starts_at)).join(Auction, Auction.concert_id == Concert.id)
    bid_in = select(RecordedBid.auction_id).where(RecordedBid.person_id == row.id)
    last = session.scalar(concerts.where(Auction.id.in_(bid_in)))
    return last if last is not None and last > now else None

"""Auctions that are over for good, and whether their keys are still in the live store."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update

from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.models import Auction
from cashticket.models.units import in_one_unit

END_STATES = tuple(state for state in State if state.is_end)


def with_keys(ended_before: datetime, limit: int | None) -> Sequence[int]:
    """Ids of auctions settled or voided before a moment (UTC) whose keys have not left, at most `limit` or all."""
    # An auction that an earlier release voided has no time of it; its end as announced is the next best.
    ended_at = func.coalesce(Auction.voided_at, Auction.settled_at, Auction.ends_at)
    rows = select(Auction.id).where(
        Auction.keys_left_at.is_(None), Auction.state.in_(END_STATES), ended_at <= ended_before
    )
    return db.session.scalars(rows.order_by(Auction.id).limit(limit)).all()


def newest_with_keys(limit: int) -> Sequence[int]:
    """Ids of settled or voided auctions whose keys have not left, the newest first, at most `limit`."""
    rows = select(Auction.id).where(Auction.keys_left_at.is_(None), Auction.state.in_(END_STATES))
    return db.session.scalars(rows.order_by(Auction.id.desc()).limit(limit)).all()


def note_keys_left(auction_id: int, now: datetime) -> bool:
    """Note that the keys of an ended auction left at `now` (UTC). Returns False if that was noted before."""
    unnoted = (Auction.id == auction_id, Auction.state.in_(END_STATES), Auction.keys_left_at.is_(None))
    noted = update(Auction).where(*unnoted).values(keys_left_at=now)
    options = {"synchronize_session": False}
    return in_one_unit(lambda session: bool(session.execute(noted, execution_options=options).rowcount))  # type: ignore[attr-defined]

"""What an operator may have to act on, as the ledger has it. Reading costs the same however many auctions ended."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, func, or_, select

from cashticket.auction.values import UNFINISHED_STATES, AwardState
from cashticket.extensions import db
from cashticket.models import Auction, AuctionCheck, Award, Quarantined

COUNT_MAX = 1_000
"""Counting stops here: this many means this many or more."""

FAULTS_READ_MAX = 100
FINAL_FAULT_DAYS = 7
"""A fault that the check after the end found is told for so long, unless a later check is sound."""

INVARIANT = re.compile(r"\bI\d+\b")


@dataclass(frozen=True, slots=True)
class OpenMatters:
    """Entries of unfinished auctions that were set aside (at most COUNT_MAX); unfinished auctions whose end has come,
    and how long ago that of the first one came; offered awards (at most COUNT_MAX), and for how long one that has
    expired has not lapsed. `faults` counts the auctions in which the last check found a fault, by invariant."""

    set_aside: int
    unsettled: int
    unsettled_seconds: float
    offered: int
    lapse_late_seconds: float
    faults: dict[str, int]


def open_matters(now: datetime) -> OpenMatters:
    """The open matters at `now` (UTC), in two statements. Raises SQLAlchemyError while the database is away."""
    unfinished = Auction.state.in_(UNFINISHED_STATES)
    over = (unfinished, Auction.ends_at <= now)
    aside = select(Quarantined.id).join(Auction, Auction.id == Quarantined.auction_id)
    waiting = aside.where(unfinished, Quarantined.sequence.is_not(None), Quarantined.resolved_at.is_(None))
    offered = Award.state == AwardState.OFFERED
    row: Any = db.session.execute(
        select(
            _count(waiting),
            select(func.count()).where(*over).scalar_subquery(),
            select(func.min(Auction.ends_at)).where(*over).scalar_subquery(),
            _count(select(Award.id).where(offered)),
            select(func.min(Award.expires_at)).where(offered).scalar_subquery(),
        )
    ).one()
    set_aside, unsettled, ended_at, awards, expires_at = row
    return OpenMatters(set_aside, unsettled, _since(ended_at, now), awards, _since(expires_at, now), _faults(now))


def _count(rows: Select[int]) -> ScalarSelect[int]:
    return select(func.count()).select_from(rows.limit(COUNT_MAX).subquery()).scalar_subquery()


def _since(moment: datetime | None, now: datetime) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0


def _faults(now: datetime) -> dict[str, int]:
    recent = now - timedelta(days=FINAL_FAULT_DAYS)
    rows = db.session.execute(
        select(AuctionCheck.fault, AuctionCheck.whole_fault)
        .where(or_(AuctionCheck.final_at.is_(None), AuctionCheck.final_at > recent))
        .where(or_(AuctionCheck.fault.is_not(None), AuctionCheck.whole_fault.is_not(None)))
        .limit(FAULTS_READ_MAX)
    )
    invariants: Counter[str] = Counter()
    for texts in rows:
        invariants.update(set(INVARIANT.findall(" ".join(text for text in texts if text))) or {"other"})
    return dict(invariants)

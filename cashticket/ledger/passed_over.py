"""Whom an award passed over, and why, from what was recorded then. For operators: reasons are nobody else's matter."""

from collections.abc import Collection
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import and_, or_, select

from cashticket.extensions import db
from cashticket.models import Award, FinalRank

LOOKED_AT_MAX = 20
"""How many people directly before the holder are looked at."""


class Why(StrEnum):
    """Why somebody was passed over: the person had left the line, held a ticket for the concert, or the account was
    blocked or closed."""

    LEFT = "left"
    HOLDS_TICKET = "holds_ticket"
    ACCOUNT = "account"


class PassedOver(NamedTuple):
    """Somebody whom an award passed over, with the final rank."""

    rank: int
    person_id: int
    why: Why


def passed_over(award: Award) -> list[PassedOver]:
    """Everybody directly before the holder of an award in the final ranks who had got no award of the auction by then,
    the best rank first; of LOOKED_AT_MAX people. Two statements.

    Nobody else is skipped, so whoever had neither left nor held a ticket at that moment was out because of the account.
    """
    own = and_(Award.auction_id == FinalRank.auction_id, Award.person_id == FinalRank.person_id)
    before = FinalRank.rank.between(award.rank - LOOKED_AT_MAX, award.rank - 1)
    rows = db.session.execute(
        select(FinalRank, Award.id)
        .outerjoin(Award, own)
        .where(FinalRank.auction_id == award.auction_id, before)
        .order_by(FinalRank.rank.desc())
    ).all()
    skipped: list[FinalRank] = []
    for row, own_award in rows:
        if own_award is not None and own_award < award.id:
            break
        skipped.append(row)
    holders = _holders(award, [row.person_id for row in skipped])
    return [PassedOver(row.rank, row.person_id, _why(row, award, holders)) for row in reversed(skipped)]


def _why(row: FinalRank, award: Award, holders: Collection[int]) -> Why:
    if award.previous_id is None and row.passed_over:
        return Why(row.passed_over)
    if row.left_at is not None and row.left_at <= award.offered_at:
        return Why.LEFT
    return Why.HOLDS_TICKET if row.person_id in holders else Why.ACCOUNT


def _holders(award: Award, people: Collection[int]) -> set[int]:
    """Who of these held a ticket for the concert when the award was made."""
    # Whoever bought a ticket decided, and holds it all the same.
    is_held = or_(Award.live == 1, Award.decided_at > award.offered_at)
    held = (Award.offered_at <= award.offered_at, is_held)
    mine = (Award.concert_id == award.concert_id, Award.person_id.in_(people))
    return set(db.session.scalars(select(Award.person_id).where(*mine, *held)))

"""The seat histories of a finished auction, as everybody may read them: who held the right to each seat, by alias, and
why it moved.

They are read in pages of seats, so that a page costs what it shows, wherever it stands. Nothing among them says who
somebody is, why somebody was passed over, or why a seat was revoked.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import and_, select

from cashticket.auction.aliases import alias
from cashticket.auction.values import LIVE_AWARD_STATES, AwardState, State
from cashticket.extensions import db
from cashticket.ledger.operator_acts import line_paused_at
from cashticket.models import Auction, Award, AwardEvent, FinalRank, Seat

PAGE_SEATS = 50
"""Seats on one page."""

NAMED_MAX = 3
"""How many of those whom a seat passed over are named."""


class Unsold(StrEnum):
    """Why nobody holds a seat: no winner was left for it, nobody was left in line, the cancellation deadline had come
    when it became free, or it was offered to nobody because the line is paused, or was when the deadline came or the
    auction was voided."""

    NOBODY_WON = "nobody_won"
    LINE_EMPTY = "line_empty"
    DEADLINE = "deadline"
    NOT_OFFERED = "not_offered"


@dataclass(frozen=True, slots=True)
class Right:
    """One person's right to a seat, from `since` to `until` (UTC; None while it is held). It was won, or offered
    because the seat had become free (`handed_over`). One that lapsed ended when its time was over, at `expires_at`, and
    the next one began when that was noticed. `bought_at` is None unless it was bought.

    `passed_over` are the aliases of those directly before this person in the final ranks who were passed over, best
    rank first and at most NAMED_MAX; `and_others` says that there are more of them.
    """

    award_id: int
    alias: str
    rank: int
    handed_over: bool
    state: AwardState
    since: datetime
    until: datetime | None
    expires_at: datetime
    bought_at: datetime | None
    passed_over: tuple[str, ...] = ()
    and_others: bool = False

    @property
    def is_held(self) -> bool:
        """Whether this person holds the seat now."""
        return self.state in LIVE_AWARD_STATES


@dataclass(frozen=True, slots=True)
class SeatHistory:
    """Every right to one seat, the first one first. `unsold` says why nobody holds or held it at last; None while
    somebody does, and where the auction was voided under its holder."""

    number: int
    label: str
    rights: tuple[Right, ...]
    unsold: Unsold | None


def were_awarded(auction: Auction) -> bool:
    """Whether the seats of this auction were awarded: it is settled, or was before it was voided."""
    return auction.state is State.SETTLED or auction.settled_at is not None


def page_count(auction: Auction) -> int:
    """The number of pages, at least 1."""
    return -(-auction.seats // PAGE_SEATS) if were_awarded(auction) else 1


def page(auction: Auction, number: int) -> list[SeatHistory]:
    """The seats of page `number`, from 1, the best one first, with their histories. At most three statements, if the
    auction has its concert."""
    first = (number - 1) * PAGE_SEATS + 1
    # An award is bought at most once.
    bought = and_(AwardEvent.award_id == Award.id, AwardEvent.state == AwardState.BOUGHT)
    award = (Award.id, Award.person_id, Award.rank, Award.previous_id, Award.state)
    rows = db.session.execute(
        select(Seat.number, Seat.label, *award, Award.offered_at, Award.expires_at, Award.decided_at)
        .add_columns(AwardEvent.at.label("bought_at"))
        .outerjoin(Award, Award.seat_id == Seat.id)
        .outerjoin(AwardEvent, bought)
        .where(Seat.auction_id == auction.id, Seat.number.between(first, first + PAGE_SEATS - 1))
        .order_by(Seat.number, Award.id)
    ).all()
    rights = [_right(auction, row) for row in rows if row.id is not None]
    near = _near(auction, rights)
    shown = {right.award_id: _with_passed_over(right, near) for right in rights}
    # Asked where a shown seat is unsold, once.
    held_back = cache(lambda: _held_back_since(auction))
    return [_history(auction, list(group), shown, held_back) for _, group in groupby(rows, key=lambda row: row.number)]


def _held_back_since(auction: Auction) -> datetime | None:
    """Since when the line is paused, or was when the cancellation deadline came; None if neither."""
    paused_at, deadline = auction.line_paused_at, auction.concert.cancel_until
    # A pause that began after the deadline held nothing back; an earlier one may have.
    return paused_at if paused_at and paused_at < deadline else line_paused_at(auction.id, deadline)


def _right(auction: Auction, row: Any) -> Right:
    until = max(row.offered_at, row.expires_at) if row.state is AwardState.LAPSED else row.decided_at
    return Right(
        award_id=row.id,
        alias=alias(auction.alias_salt, auction.id, row.person_id),
        rank=row.rank,
        handed_over=row.previous_id is not None,
        state=row.state,
        since=row.offered_at,
        until=None if row.state in LIVE_AWARD_STATES else until,
        expires_at=row.expires_at,
        bought_at=row.bought_at,
    )


def _history(
    auction: Auction, rows: Sequence[Any], rights: dict[int, Right], held_back: Callable[[], datetime | None]
) -> SeatHistory:
    last = rows[-1]
    unsold = None
    if last.id is None:
        unsold = Unsold.NOBODY_WON
    elif last.state not in (*LIVE_AWARD_STATES, AwardState.VOIDED):
        unsold = _why_not_handed_over(auction, last.decided_at, held_back)
    return SeatHistory(last.number, last.label, tuple(rights[row.id] for row in rows if row.id is not None), unsold)


def _why_not_handed_over(auction: Auction, freed_at: datetime, held_back: Callable[[], datetime | None]) -> Unsold:
    if freed_at >= auction.concert.cancel_until:
        return Unsold.DEADLINE
    since = held_back()
    return Unsold.NOT_OFFERED if since is not None and freed_at >= since else Unsold.LINE_EMPTY


_People = dict[int, tuple[str, int | None]]
"""By final rank: the alias, and the id of the own award in this auction."""


def _near(auction: Auction, rights: Iterable[Right]) -> _People:
    """Everybody of these rights, and who stands directly before them in the final ranks."""
    people: _People = {right.rank: (right.alias, right.award_id) for right in rights}
    before = {rank - places for rank in people for places in range(1, NAMED_MAX + 2)}
    before = {rank for rank in before if rank > 0} - people.keys()
    if not before:
        return people
    mine = and_(Award.auction_id == FinalRank.auction_id, Award.person_id == FinalRank.person_id)
    rows = db.session.execute(
        select(FinalRank.rank, FinalRank.person_id, Award.id)
        .outerjoin(Award, mine)
        .where(FinalRank.auction_id == auction.id, FinalRank.rank.in_(before))
    )
    return people | {row.rank: (alias(auction.alias_salt, auction.id, row.person_id), row.id) for row in rows}


def _with_passed_over(right: Right, people: _People) -> Right:
    """The right with those whom its seat passed over. Seats go down the ranks, so whoever stands directly before and
    got no award earlier was passed over."""
    passed: list[str] = []
    for rank in range(right.rank - 1, right.rank - NAMED_MAX - 2, -1):
        name, award_id = people.get(rank, ("", 0))
        if award_id is not None and award_id < right.award_id:
            break
        passed.append(name)
    return replace(right, passed_over=tuple(reversed(passed[:NAMED_MAX])), and_others=len(passed) > NAMED_MAX)

"""What one person got in finished auctions; for the standing, the outcome beside the results, and my bids. One
statement, whatever the number of bidders and of auctions.

In the minute after an end every bidder asks, so the statements are built once and read columns, no objects.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, bindparam, exists, select
from sqlalchemy.orm import aliased

from cashticket.auction.seat_plan import SeatPlace, place_of, read_rows
from cashticket.auction.values import AwardState, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, Concert, FinalRank, Seat, Withdrawal
from cashticket.settlement import line

FREES_A_SEAT = (AwardState.DECLINED, AwardState.LAPSED, AwardState.CANCELLED)
"""States of an award whose holder reads what becomes of the seat."""


@dataclass(frozen=True, slots=True)
class OwnAward:
    """A person's award as the outcome shows it. `price` is in won, `expires_at` in UTC; `seat` is the label and
    `place` the row and number, None where no rows were announced.
    `handed_over`: not won, but offered in line when somebody else gave the seat up. `passed_on`: somebody was offered
    the seat later."""

    id: int
    price: int
    expires_at: datetime
    seat: str
    handed_over: bool = False
    place: SeatPlace | None = None
    passed_on: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """`kind` is the state of the person's award, run_out for one that was not bought in time and not taken back yet,
    or in_line (with `position`), left (with `left_at`, UTC: out of the line for
    good), passed_over (with `why`: holds_ticket or account) withdrawn (the
    standing was taken out while the auction ran) or no_bid. `rank` is the final rank, `amount` the own bid
    in won. `paused`: the line is paused and the cancellation deadline has not come, so that seats which are free now
    may be offered later."""

    kind: str
    rank: int | None = None
    award: OwnAward | None = None
    position: int | None = None
    why: str | None = None
    amount: int = 0
    left_at: datetime | None = None
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Ending:
    """The state of an auction; `outcome` is what the person got, None before the end and for nobody."""

    state: State
    outcome: Outcome | None


def ending_of(auction_id: int, person_id: int | None, now: datetime) -> Ending | None:
    """The state of an auction and what has become of a person in it at `now` (UTC); None if the ledger has no such
    auction."""
    # Nobody has the id 0.
    row = _rows(ONE, auction_id=auction_id, person=person_id or 0)
    if not row:
        return None
    state: State = row[0].state
    return Ending(state, _outcome(row[0], now) if person_id and state.is_end else None)


def outcome_of(auction: Auction, person_id: int, now: datetime) -> Outcome:
    """The outcome of a settled or voided auction for a person at `now` (UTC)."""
    return outcomes_of([auction], person_id, now)[auction.id]


def outcomes_of(auctions: Iterable[Auction], person_id: int, now: datetime) -> dict[int, Outcome]:
    """The outcome of each of these settled or voided auctions for a person at `now` (UTC), by auction."""
    ids = [auction.id for auction in auctions]
    rows = _rows(SEVERAL, auction_ids=ids, person=person_id) if ids else []
    return {row.id: _outcome(row, now) for row in rows}


def _statement() -> Select[*tuple[Any, ...]]:
    # Rows do not count before the auction has `ranked_at`.
    mine = and_(
        FinalRank.auction_id == Auction.id,
        FinalRank.person_id == bindparam("person"),
        Auction.ranked_at.is_not(None),
    )
    place = (FinalRank.rank, FinalRank.line_place, FinalRank.waiting, FinalRank.left_at)
    gone = line.gone_before().label("gone")
    later = aliased(Award)
    passed_on = exists().where(later.seat_id == Award.seat_id, later.id > Award.id).correlate(Award).label("passed_on")
    taken_out = and_(Withdrawal.auction_id == Auction.id, Withdrawal.person_id == bindparam("person"))
    withdrawn = exists().where(taken_out).correlate(Auction).label("withdrawn")
    deadline = Concert.id == Auction.concert_id
    award = (Award.id.label("award_id"), Award.price, Award.expires_at, Award.previous_id, Award.state.label("awarded"))
    return (
        select(
            Auction.id, Auction.state, FinalRank.amount, *place, gone, line.holds_ticket().label("holds_ticket"), *award
        )
        .add_columns(
            Seat.label, Seat.number, Auction.rows.label("seat_rows"), Auction.line_paused_at, passed_on, withdrawn
        )
        .add_columns(select(Concert.cancel_until).where(deadline).correlate(Auction).scalar_subquery().label("until"))
        .outerjoin(FinalRank, mine)
        .outerjoin(Award, and_(Award.auction_id == FinalRank.auction_id, Award.person_id == FinalRank.person_id))
        .outerjoin(Seat, Seat.id == Award.seat_id)
    )


ONE = _statement().where(Auction.id == bindparam("auction_id"))
SEVERAL = _statement().where(Auction.id.in_(bindparam("auction_ids", expanding=True)))


def _rows(statement: Select[*tuple[Any, ...]], **values: Any) -> Sequence[Any]:
    return db.session.connection().execute(statement, values).all()


def _outcome(row: Any, now: datetime) -> Outcome:
    paused = row.line_paused_at is not None and row.state is State.SETTLED and now < row.until
    if row.awarded is not None:
        place = place_of(row.number, read_rows(row.seat_rows)) if row.seat_rows else None
        handed_over = row.previous_id is not None
        award = OwnAward(row.award_id, row.price, row.expires_at, row.label, handed_over, place, bool(row.passed_on))
        is_over = row.awarded is AwardState.OFFERED and row.expires_at <= now
        kind = "run_out" if is_over else row.awarded
        return Outcome(kind, row.rank, award, amount=row.amount or 0, paused=paused and kind in FREES_A_SEAT)
    if row.state is State.VOIDED:
        return Outcome(AwardState.VOIDED, row.rank)
    if row.rank is None:
        return Outcome("withdrawn" if row.withdrawn else "no_bid")
    if row.left_at is not None:
        return Outcome("left", row.rank, left_at=row.left_at)
    if row.waiting:
        return Outcome("in_line", row.rank, position=row.line_place - row.gone, paused=paused)
    return Outcome("passed_over", row.rank, why=line.HOLDS_TICKET if row.holds_ticket else line.ACCOUNT)

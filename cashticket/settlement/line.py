"""The line behind the winners: who is passed over and why, and who is next for a freed seat.

The place in the line is a row of final ranks. Nothing here reads the whole order.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Exists, ScalarSelect, false, func, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.models import Auction, Award, FinalRank, Person
from cashticket.models.waiting import is_waiting

HOLDS_TICKET = "holds_ticket"
ACCOUNT = "account"

PEOPLE_A_STATEMENT = 500
"""SQLite limits the values of a statement."""


def passed_over(session: Session, concert_id: int, people: Collection[int]) -> dict[int, str]:
    """Those of `people` who may not be awarded a seat now, each with the reason: HOLDS_TICKET or ACCOUNT (blocked or
    closed).

    The accounts stay locked against changes until the unit ends.
    """
    reasons: dict[int, str] = {}
    ids = sorted(people)
    for start in range(0, len(ids), PEOPLE_A_STATEMENT):
        reasons |= _passed_over(session, concert_id, ids[start : start + PEOPLE_A_STATEMENT])
    return reasons


def _passed_over(session: Session, concert_id: int, ids: Sequence[int]) -> dict[int, str]:
    accounts = session.execute(
        select(Person.id, or_(Person.blocked_at.is_not(None), Person.closed_at.is_not(None)))
        .where(Person.id.in_(ids))
        .order_by(Person.id)
        .with_for_update(read=True)
    )
    barred = [person_id for person_id, is_barred in accounts if is_barred]
    held = select(Award.person_id).where(Award.concert_id == concert_id, Award.live == 1, Award.person_id.in_(ids))
    holders = session.scalars(held)
    return dict.fromkeys(barred, ACCOUNT) | dict.fromkeys(holders, HOLDS_TICKET)


# `waiting IS false` would use no index on MariaDB, so conditions compare with `==`.


def next_in_line(session: Session, auction_id: int, count: int) -> Sequence[FinalRank]:
    """The first `count` people in the line of a settled auction, fewer when it is shorter."""
    waiting = select(FinalRank).where(FinalRank.auction_id == auction_id, FinalRank.waiting == true())
    return session.scalars(waiting.order_by(FinalRank.line_place).limit(count)).all()


def gone_before(row: type[FinalRank] = FinalRank) -> ScalarSelect[int]:
    """The SQL expression that counts who left the line of a settled auction before the person of `row`."""
    other = aliased(FinalRank)
    gone = (other.auction_id == row.auction_id, other.waiting == false(), other.line_place < row.line_place)
    return select(func.count()).select_from(other).where(*gone).correlate(row).scalar_subquery()


def position(auction_id: int, person_id: int) -> int | None:
    """A person's position in the line of a settled auction, from 1; None if not in it."""
    place = FinalRank.line_place - gone_before()
    mine = (FinalRank.auction_id == auction_id, FinalRank.person_id == person_id, FinalRank.waiting == true())
    settled = select(Auction.id).where(Auction.id == auction_id, Auction.state == State.SETTLED).exists()
    answer: int | None = db.session.scalar(select(place).where(*mine, settled))
    return answer


def first_untrue_rank(session: Session, auction_id: int) -> int | None:
    """The first rank whose `waiting` is not what awards, accounts and `left_at` say, None if all are. The database
    looks at every row."""
    untrue = (FinalRank.auction_id == auction_id, FinalRank.waiting != is_waiting())
    rank: int | None = session.scalar(select(func.min(FinalRank.rank)).where(*untrue))
    return rank


def holds_ticket() -> Exists:
    """The SQL expression for whether the person of a final rank holds a live award of the concert of its Auction. If
    not, somebody who did not win and is not in the line is passed over because of the account."""
    held = aliased(Award)
    mine = (held.concert_id == Auction.concert_id, held.person_id == FinalRank.person_id, held.live == 1)
    return select(held.id).where(*mine).correlate(Auction, FinalRank).exists()


def record_passed_over(session: Session, auction: Auction) -> None:
    """Store for the whole line of an auction that is being settled who is passed over now, and why."""
    holders = select(Award.person_id).where(Award.concert_id == auction.concert_id, Award.live == 1)
    is_holder = FinalRank.person_id.in_(holders)
    for why, condition in ((HOLDS_TICKET, is_holder), (ACCOUNT, ~is_holder)):
        _mark(session, auction.id, why, condition)


def _mark(session: Session, auction_id: int, why: str, condition: ColumnElement[bool]) -> None:
    out = (FinalRank.auction_id == auction_id, FinalRank.waiting == false(), FinalRank.line_place.is_not(None))
    rows = update(FinalRank).where(*out, condition).values(passed_over=why)
    session.execute(rows, execution_options={"synchronize_session": False})

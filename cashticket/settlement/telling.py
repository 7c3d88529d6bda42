"""Telling everybody how an auction ended, from its final ranks: a notice with its mail for each, batch by batch.

Winners and holders are told in the unit that settles or voids. All others are told here in the order of their ranks, so
those who are next for a seat come first. A batch is one unit and may be repeated: rows that were told are not read
again, and nobody gets a second notice of the same kind. It holds the concert's row, so what it tells is true.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, false, func, or_, select, update
from sqlalchemy.orm import Session, joinedload

from cashticket.auction.values import AwardState, NoticeKind, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, AwardEvent, FinalRank
from cashticket.models.units import in_one_unit
from cashticket.settlement import line
from cashticket.settlement.issuing import lock_concert_of
from cashticket.settlement.notices import ResultNotice, add_result_notices

BATCH = 500
"""People who are told in one unit."""


def auctions_to_tell() -> Sequence[int]:
    """Ids of the auctions whose bidders are still to be told how it ended, the earliest end first."""
    rows = select(Auction.id).where(Auction.telling_since.is_not(None)).order_by(Auction.telling_since, Auction.id)
    return db.session.scalars(rows).all()


def count_untold(auction_id: int) -> int:
    """How many bidders of the auction are still to be told. Counts all of them: for commands."""
    since = db.session.scalar(select(Auction.telling_since).where(Auction.id == auction_id))
    if since is None:
        return 0
    untold = (FinalRank.auction_id == auction_id, or_(*_untold(since)))
    return db.session.scalar(select(func.count()).select_from(FinalRank).where(*untold)) or 0


def tell_batch(auction_id: int, now: datetime) -> int:
    """Tell the next people, at most BATCH. Returns how many; 0 when everybody was told, or the ranks are not ready."""
    return in_one_unit(lambda session: _tell(session, auction_id, now))


def _tell(session: Session, auction_id: int, now: datetime) -> int:
    lock_concert_of(session, auction_id)
    auction = session.get(Auction, auction_id)
    if auction is None or auction.telling_since is None or auction.ranked_at is None:
        return 0
    rows = _next(session, auction_id, auction.telling_since)
    if not rows:
        auction.telling_since = None
        return 0
    notices = _voided(session, auction_id, rows) if auction.state is State.VOIDED else _results(session, auction, rows)
    add_result_notices(session, notices, auction_id, now)
    # Never before `telling_since`, or the rows would be read again.
    at = max(now, auction.telling_since)
    mine = (FinalRank.auction_id == auction_id, FinalRank.rank.in_([row.rank for row in rows]))
    session.execute(update(FinalRank).where(*mine).values(told_at=at), execution_options={"synchronize_session": False})
    return len(rows)


def _untold(since: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return FinalRank.told_at.is_(None), FinalRank.told_at < since


def _next(session: Session, auction_id: int, since: datetime) -> Sequence[FinalRank]:
    never, before = _untold(since)
    rows = select(FinalRank).where(FinalRank.auction_id == auction_id).limit(BATCH)
    first = session.scalars(rows.where(never).order_by(FinalRank.rank)).all()
    # Who was told an earlier end of the auction comes next, in the order of the index.
    return first or session.scalars(rows.where(before).order_by(FinalRank.told_at, FinalRank.rank)).all()


def _results(session: Session, auction: Auction, rows: Sequence[FinalRank]) -> list[ResultNotice]:
    """Notices for everybody but people with an award, who were told with it, and people who have left the line by now:
    they have seen the result."""
    people = [row.person_id for row in rows]
    mine = (Award.auction_id == auction.id, Award.person_id.in_(people))
    awarded = set(session.scalars(select(Award.person_id).where(*mine)))
    barred = line.passed_over(session, auction.concert_id, [row.person_id for row in rows if not row.waiting])
    gone = _gone_through(session, auction.id, rows)
    notices = []
    for row in rows:
        facts: dict[str, Any] = {"rank": row.rank, "amount": row.amount}
        if row.person_id in awarded or row.line_place is None or row.left_at is not None:
            continue
        if row.passed_over or not row.waiting:
            facts["why"] = row.passed_over or barred.get(row.person_id, line.ACCOUNT)
            notices.append(ResultNotice(row.person_id, NoticeKind.PASSED_OVER, facts))
        else:
            facts["position"] = row.line_place - bisect_left(gone, row.line_place)
            notices.append(ResultNotice(row.person_id, NoticeKind.NOT_WON, facts))
    return notices


def _gone_through(session: Session, auction_id: int, rows: Sequence[FinalRank]) -> list[int]:
    """The places of everybody who left the line down to the last of `rows`, ascending."""
    last = max((row.line_place or 0 for row in rows), default=0)
    gone = (FinalRank.auction_id == auction_id, FinalRank.waiting == false(), FinalRank.line_place <= last)
    return list(session.scalars(select(FinalRank.line_place).where(*gone).order_by(FinalRank.line_place)))


def _voided(session: Session, auction_id: int, rows: Sequence[FinalRank]) -> list[ResultNotice]:
    return voided_notices(session, auction_id, [row.person_id for row in rows])


def voided_notices(session: Session, auction_id: int, people: Sequence[int]) -> list[ResultNotice]:
    """Notices of a voided auction for these people; those of buyers state what is given back (won)."""
    bought = select(AwardEvent.award_id).where(
        AwardEvent.auction_id == auction_id, AwardEvent.state == AwardState.BOUGHT
    )
    void = (Award.auction_id == auction_id, Award.state == AwardState.VOIDED)
    refunds = session.scalars(
        select(Award).where(*void, Award.person_id.in_(people), Award.id.in_(bought)).options(joinedload(Award.seat))
    )
    facts = {
        award.person_id: {"why": "bought", "award_id": award.id, "seat": award.seat.label, "price": award.price}
        for award in refunds
    }
    return [ResultNotice(person, NoticeKind.VOIDED, facts.get(person, {})) for person in people]

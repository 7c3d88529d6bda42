"""How far each auction has been checked, and what was found: the only reads and writes of the table `checks`.

A verdict answers the checks that were asked for before it began, so nobody takes an older one for an answer, whatever
the clocks of two machines say.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, case, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.models import Auction, AuctionCheck
from cashticket.models.checks import FAULT_MAX
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit

WHOLE_SECONDS_MAX = 900.0
"""A check of all bids that began longer ago has died."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Bids up to sequence `through` were found sound: the newest accepted at `last_ms`, from `people` bidders, with
    notices of displacements up to `notice_id` and `resolved` quarantined entries decided."""

    through: int = 0
    last_ms: int = 0
    people: int = 0
    notice_id: int = 0
    resolved: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found: on which process of the live store, which count of wanted checks it answers, and what stops
    bidding, None for nothing. `mark` is None where the next check must not go on from here."""

    checked_on: str
    wanted: int
    fault: str | None
    mark: Mark | None


def check_of(auction_id: int) -> AuctionCheck | None:
    """The checks of an auction; None before the first."""
    return db.session.get(AuctionCheck, auction_id)


def mark_of(check: AuctionCheck | None) -> Mark:
    """How far the auction has been checked."""
    if check is None:
        return Mark()
    return Mark(check.through_sequence, check.last_ms, check.people, check.notice_id, check.resolved)


def unfinished_checks() -> dict[int, tuple[AuctionCheck, State]]:
    """The checks, and the state in the ledger, of every auction that was not checked whole after its end."""
    rows = db.session.execute(
        select(AuctionCheck, Auction.state)
        .join(Auction, Auction.id == AuctionCheck.auction_id)
        .where(AuctionCheck.final_at.is_(None))
        .order_by(AuctionCheck.auction_id)
    )
    return {check.auction_id: (check, state) for check, state in rows}


def oldest_check_seconds(now: datetime) -> float:
    """How long ago that running auction was checked whose check is the oldest, counted from its opening
    if it never was. 0 without running auctions."""
    checked = func.coalesce(AuctionCheck.checked_at, Auction.opens_at)
    running = (Auction.state == State.OPEN) & (Auction.opens_at <= now)
    oldest = db.session.scalar(select(func.min(checked)).select_from(Auction).outerjoin(AuctionCheck).where(running))
    return max(0.0, (now - oldest).total_seconds()) if oldest else 0.0


def ensure(auction_ids: Collection[int]) -> None:
    """Give these auctions a row, so that the watch looks after them. Ids that the ledger does not know are left out."""
    present = select(AuctionCheck.auction_id).where(AuctionCheck.auction_id.in_(auction_ids))
    missing = set(auction_ids) - set(db.session.scalars(present))
    if not missing:
        return
    in_ledger = db.session.scalars(select(Auction.id).where(Auction.id.in_(missing))).all()
    for auction_id in in_ledger:
        try:
            in_one_unit(partial(_insert, auction_id))
        except IntegrityError:
            # Another process was faster.
            continue


def _insert(auction_id: int, session: Session) -> None:
    session.execute(insert(AuctionCheck).values(auction_id=auction_id))


def want(auction_ids: Collection[int]) -> None:
    """Ask for a check of each of these auctions."""
    ensure(auction_ids)
    _change(AuctionCheck.auction_id.in_(auction_ids), wanted=AuctionCheck.wanted + 1)


def answer(auction_id: int, verdict: Verdict) -> None:
    """Store a verdict, unless a newer one is there. The mark moves only on, or wherever a sound one puts it."""
    ensure([auction_id])
    fault = verdict.fault and verdict.fault[:FAULT_MAX]
    _change(
        (AuctionCheck.auction_id == auction_id) & (AuctionCheck.answered <= verdict.wanted),
        answered=verdict.wanted,
        checked_on=verdict.checked_on,
        checked_at=utcnow(),
        fault=fault,
    )
    if verdict.mark is not None:
        move_mark(auction_id, verdict.mark)


def move_mark(auction_id: int, mark: Mark) -> None:
    """Remember how far the auction was found sound, unless it is known further."""
    ensure([auction_id])
    further = or_(AuctionCheck.through_sequence <= mark.through, AuctionCheck.resolved != mark.resolved)
    _change(
        (AuctionCheck.auction_id == auction_id) & further,
        through_sequence=mark.through,
        last_ms=mark.last_ms,
        people=mark.people,
        notice_id=mark.notice_id,
        resolved=mark.resolved,
    )


def begin_whole(auction_id: int) -> bool:
    """Claim the check of all bids. False while one that began less than WHOLE_SECONDS_MAX ago may still run."""
    now = utcnow()
    check = AuctionCheck
    free = or_(
        check.whole_begun_at.is_(None),
        check.whole_begun_at < now - timedelta(seconds=WHOLE_SECONDS_MAX),
        check.whole_at >= check.whole_begun_at,
    )
    return _change((check.auction_id == auction_id) & free, whole_begun_at=now) == 1


def give_up_whole(auction_id: int) -> None:
    """Let others check all bids: this check was stopped on its way."""
    _change(AuctionCheck.auction_id == auction_id, whole_begun_at=None)


def end_whole(auction_id: int, verdict: Verdict, *, final: bool) -> None:
    """Store the verdict of a check of all bids. `final`: the auction had ended in the ledger when it began."""
    answer(auction_id, verdict)
    now = utcnow()
    _change(
        AuctionCheck.auction_id == auction_id,
        whole_at=now,
        whole_begun_at=case((AuctionCheck.whole_begun_at > now, now), else_=AuctionCheck.whole_begun_at),
        whole_fault=verdict.fault and verdict.fault[:FAULT_MAX],
        **({"final_at": now} if final else {}),
    )


def _change(where: ColumnElement[bool], **values: object) -> int:
    """Change the rows in a unit of its own. Returns how many there were."""
    statement = update(AuctionCheck).where(where).values(**values)
    options = {"synchronize_session": False}
    return in_one_unit(lambda session: session.execute(statement, execution_options=options).rowcount)  # type: ignore[attr-defined,no-any-return]

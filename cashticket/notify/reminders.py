"""Finds who is to be reminded and stores their notices, with mails and pushes: one unit a window, at most BATCH people.

Each unit moves on what it has done (`follows.reminded`, `awards.remind_at`) together with the notices, so it may be
repeated or run twice at once, and nobody is reminded of the same thing twice.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, update
from sqlalchemy.orm import Session, selectinload

from cashticket.auction.reminder_rules import AuctionReminder, next_right_reminder, right_reminder
from cashticket.auction.values import AwardState, NoticeKind, State
from cashticket.extensions import db
from cashticket.locale import iso, to_moment, to_ms
from cashticket.models import Auction, Award, Follow, Notification
from cashticket.models.notice_adding import add_notices, open_accounts
from cashticket.models.units import in_one_unit

BATCH = 500
"""People who are reminded in one unit."""

WHY = {reminder: reminder.name.lower() for reminder in AuctionReminder}
"""The fact `why` of a notice about an auction, by which its text is chosen."""


class FollowedAuction(NamedTuple):
    """A running auction with followers. `ends_at` (UTC) is the end in force as the ledger has it, `reminded` the
    reminder that the follower furthest behind had last."""

    auction_id: int
    opens_at: datetime
    ends_at: datetime
    reminded: int


def followed_auctions(now: datetime) -> list[FollowedAuction]:
    """The auctions that are open at `now` (UTC) and have followers: one statement, a look at one follower each."""
    behind = select(Follow.reminded).where(Follow.auction_id == Auction.id).order_by(Follow.reminded).limit(1)
    rows = db.session.execute(
        select(Auction.id, Auction.opens_at, Auction.ends_at, behind.scalar_subquery()).where(
            Auction.state == State.OPEN, Auction.opens_at <= now, Auction.ends_at > now
        )
    )
    return [FollowedAuction(*row) for row in rows if row[3] is not None]


def any_right_due(now: datetime) -> bool:
    """Whether the holder of a right to buy is to be looked at, at `now` (UTC)."""
    return db.session.scalar(_rights_due(now).limit(1)) is not None


def remind_followers(auction_id: int, reminder: AuctionReminder, ends_at: datetime, now: datetime) -> int:
    """Give the next followers of an auction a reminder at `now` (UTC): those who had an earlier one last. `ends_at` is
    the end in force. Returns how many were gone through; 0 when nobody is left."""

    def work(session: Session) -> int:
        behind = (Follow.auction_id == auction_id, Follow.reminded < reminder)
        rows = select(Follow.id, Follow.person_id).where(*behind).order_by(Follow.reminded, Follow.id).limit(BATCH)
        ids = {each: person_id for each, person_id in session.execute(rows)}  # noqa: C416 - typed row by row
        # The accounts before anything of theirs: in this order they are locked everywhere.
        open_accounts(session, ids.values())
        still = select(Follow.id).where(Follow.id.in_(ids), *behind).with_for_update()
        taken = session.scalars(still).all()
        _move_on(session, taken, reminder)
        facts = {"why": WHY[reminder], "ends_at": iso(ends_at)}
        people = {ids[each] for each in taken}
        rows_of_notices = [_row(each, auction_id, NoticeKind.AUCTION_REMINDER, reminder, facts, now) for each in people]
        add_notices(session, _without_told(session, rows_of_notices))
        return len(ids)

    return in_one_unit(work)


def remind_of_rights(now: datetime) -> int:
    """Remind the next holders of a right to buy at `now` (UTC), and note when each is reminded next. Returns how many
    were gone through; 0 when nobody is left."""

    def work(session: Session) -> int:
        due = session.execute(_rights_due(now).order_by(Award.remind_at, Award.id).limit(BATCH)).all()
        open_accounts(session, {row.person_id for row in due})
        still = select(Award).where(Award.id.in_([row.id for row in due]), *_is_due(now))
        awards = session.scalars(still.options(selectinload(Award.seat)).with_for_update()).all()
        rows = [row for award in awards if (row := _reminded(award, now))]
        add_notices(session, _without_told(session, rows))
        return len(due)

    return in_one_unit(work)


def _move_on(session: Session, follows: Collection[int], reminder: AuctionReminder) -> None:
    moved = update(Follow).where(Follow.id.in_(follows)).values(reminded=int(reminder))
    session.execute(moved, execution_options={"synchronize_session": False})


def _rights_due(now: datetime) -> Any:
    return select(Award.id, Award.person_id).where(*_is_due(now))


def _is_due(now: datetime) -> tuple[Any, ...]:
    return Award.state == AwardState.OFFERED, Award.remind_at <= now


def _reminded(award: Award, now: datetime) -> dict[str, Any] | None:
    """The notice that is due about an award, if one is; the award is moved on to its next one."""
    window = (to_ms(award.offered_at), to_ms(award.expires_at), to_ms(now))
    next_ms, reminder = next_right_reminder(*window), right_reminder(*window)
    award.remind_at = None if next_ms is None else to_moment(next_ms)
    if reminder is None:
        return None
    facts = {"why": reminder.name.lower(), "award_id": award.id, "seat": award.seat.label, "price": award.price}
    facts["expires_at"] = iso(award.expires_at)
    return _row(award.person_id, award.auction_id, NoticeKind.RIGHT_REMINDER, reminder, facts, now)


def _row(
    person_id: int, auction_id: int, kind: NoticeKind, occasion: int, facts: dict[str, Any], now: datetime
) -> dict[str, Any]:
    return {
        "person_id": person_id,
        "auction_id": auction_id,
        "kind": kind,
        "occasion": int(occasion),
        "facts": facts,
        "created_at": now,
    }


def _without_told(session: Session, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those of these notices that are not there yet. Somebody who followed, stopped and followed again after the end
    had moved had one already."""
    if not rows:
        return []
    of = {name: {row[name] for row in rows} for name in ("person_id", "auction_id", "kind", "occasion")}
    key = (Notification.person_id, Notification.auction_id, Notification.occasion)
    present = select(*key).where(*(Notification.__table__.c[name].in_(values) for name, values in of.items()))
    stored = {tuple(row) for row in session.execute(present)}
    return [row for row in rows if (row["person_id"], row["auction_id"], row["occasion"]) not in stored]

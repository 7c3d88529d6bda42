"""Stores notices with their messages in the caller's unit. Settlement and reminders both do."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.models.news_of_people import note_notices
from cashticket.models.notices import Notification
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.people import Person

QUIET_KINDS = (NoticeKind.NOT_WON, NoticeKind.PASSED_OVER, NoticeKind.VOIDED, NoticeKind.AUCTION_REMINDER)
"""Kinds that go to very many people at once and ask nothing of them that could not wait a minute."""


def add_notices(session: Session, rows: Sequence[dict[str, Any]]) -> None:
    """Store notices, each a row of `notifications` with its `created_at`, except for closed accounts, and put their
    mails and pushes into the outbox, due when the notices were written. All rows must have the same `created_at`."""
    open_ones = open_accounts(session, {row["person_id"] for row in rows}) if rows else ()
    rows = [row for row in rows if row["person_id"] in open_ones]
    if not rows:
        return
    session.execute(insert(Notification), rows)
    pressing = {row["person_id"] for row in rows if row["kind"] not in QUIET_KINDS}
    note_notices(session, pressing)
    note_notices(session, {row["person_id"] for row in rows} - pressing, are_pressing=False)
    of = {name: {row[name] for row in rows} for name in ("person_id", "auction_id", "kind")}
    conditions = [Notification.__table__.c[name].in_(values) for name, values in of.items()]
    add_notice_messages(session, rows[0]["created_at"], *conditions)


def open_accounts(session: Session, people: Collection[int]) -> Collection[int]:
    """Those of these people whose accounts are not closed. They stay locked until the unit ends, or closing one would
    not delete the notice that is added meanwhile."""
    accounts = select(Person.id).where(Person.id.in_(people), Person.closed_at.is_(None)).order_by(Person.id)
    return set(session.scalars(accounts.with_for_update(read=True)))

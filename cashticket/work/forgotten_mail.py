"""Mails that never came into the outbox, because a version stored them that had none: they have no `mailed_at`."""

from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, exists, or_, select, update
from sqlalchemy.orm import Session

from cashticket.accounts import mail_links
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import AccountMail, Notification
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit

WORTH = timedelta(hours=24)
"""An older mail is not worth sending any more."""

BATCH = 200


def any_forgotten(now: datetime) -> bool:
    """Whether a mail of the last day is not in the outbox at `now` (UTC). It looks only at what has no `mailed_at`."""
    notices, mails = (
        exists().where(Notification.mailed_at.is_(None), *_notices(now)),
        exists().where(*_account_mails(now)),
    )
    return bool(db.session.scalar(select(or_(notices, mails))))


def adopt(now: datetime) -> int:
    """Put forgotten mails of the last day into the outbox, at most BATCH about accounts. Returns how many. Repeating it
    adds nothing twice."""
    return in_one_unit(lambda session: _adopt(session, now)) if any_forgotten(now) else 0


def _adopt(session: Session, now: datetime) -> int:
    adopted = add_notice_messages(session, now, *_notices(now))
    rows = select(AccountMail).where(*_account_mails(now)).order_by(AccountMail.created_at).limit(BATCH)
    for mail in session.scalars(rows).all():
        marked = session.execute(
            update(AccountMail).where(AccountMail.id == mail.id, AccountMail.mailed_at.is_(None)).values(mailed_at=now),
            execution_options={"synchronize_session": False},
        )
        if cast("CursorResult[Any]", marked).rowcount:
            mail_links.add_to_outbox(session, mail)
            adopted += 1
    return adopted


def _notices(now: datetime) -> tuple[ColumnElement[bool], ...]:
    # Displacements without a mail are not forgotten: somebody decides about them first.
    mailed = [kind for kind in NoticeKind if kind.is_mailed_at_once]
    young = Notification.created_at.between(now - WORTH, now)
    return (young, Notification.kind.in_(mailed))


def _account_mails(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (AccountMail.mailed_at.is_(None), AccountMail.created_at.between(now - WORTH, now))

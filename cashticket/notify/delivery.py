"""Sends the mail of a stored row once.

A conditional update claims the row before the mail is sent, so two workers never send it twice. If sending fails, the
claim is given back and the mail can be tried again.
"""

from sqlalchemy import update
from sqlalchemy.orm import Session

from cashticket.models import AccountMail, Notification
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify.mail import compose, send
from cashticket.notify.texts import Letter

Table = type[Notification] | type[AccountMail]


def deliver_once(table: Table, row_id: int, letter: Letter | None, mail_url: str, base_url: str) -> bool:
    """Send `letter` unless the row was mailed before; returns whether it was sent. With None, only claim the row.

    Raises MailRefused, and ValueError for an address or subject with a line break.
    """
    if not in_one_unit(lambda session: _mark(session, table, row_id, mailed=True)) or letter is None:
        return False
    try:
        send(mail_url, compose(letter.to, letter.subject, letter.body, base_url))
    except BaseException:
        in_one_unit(lambda session: _mark(session, table, row_id, mailed=False))
        raise
    return True


def _mark(session: Session, table: Table, row_id: int, *, mailed: bool) -> bool:
    before = table.mailed_at.is_(None) if mailed else table.mailed_at.is_not(None)
    marked = session.execute(
        update(table).where(table.id == row_id, before).values(mailed_at=utcnow() if mailed else None),
        execution_options={"synchronize_session": False},
    )
    return marked.rowcount == 1  # type: ignore[attr-defined,no-any-return]

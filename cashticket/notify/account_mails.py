"""Mails about accounts, in their reader's language, sent once.

The texts are `templates/<language>/account/<purpose>.txt`: the subject, an empty line, the body. As with notices, one
conditional update decides who sends; a mail that the server refuses is free to be tried again.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.locale import language_or_default
from cashticket.models import AccountMail, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify.mail import compose, send


def deliver_once(mail_id: int, token: Callable[[AccountMail], str], mail_url: str, base_url: str) -> bool:
    """Send a mail unless it was sent before; whether it left. `token` makes the secret part of its link.

    Raises MailRefused (the mail then waits for another try) and LookupError for an unknown one.
    """
    mail = db.session.get(AccountMail, mail_id)
    if mail is None:
        raise LookupError(f"there is no account mail {mail_id}")
    person = db.session.get(Person, mail.person_id)
    subject, body = write(mail, person.name if person else "", token(mail), base_url)
    to = mail.email
    db.session.rollback()
    if not in_one_unit(lambda session: _mark(session, mail_id, sent=True)):
        return False
    try:
        send(mail_url, compose(to, subject, body, base_url))
    except BaseException:
        in_one_unit(lambda session: _mark(session, mail_id, sent=False))
        raise
    return True


def write(mail: AccountMail, name: str, token: str, base_url: str) -> tuple[str, str]:
    """Subject and body. Only the account's own mails name its owner."""
    language = language_or_default(mail.locale)
    text = _text(language, mail.purpose)
    words = {"name": name, "link": token, "site": base_url}
    subject, _, body = text.format_map(words).partition("\n\n")
    return " ".join(subject.split()), body


def unmailed(before: datetime, after: datetime, most: int = 100) -> Sequence[int]:
    """Ids of mails written down between `after` and `before` that nobody has sent."""
    waiting = select(AccountMail.id).where(AccountMail.mailed_at.is_(None), AccountMail.created_at < before)
    return db.session.scalars(waiting.where(AccountMail.created_at > after).order_by(AccountMail.id).limit(most)).all()


def _mark(session: Session, mail_id: int, *, sent: bool) -> bool:
    was = AccountMail.mailed_at.is_(None) if sent else AccountMail.mailed_at.is_not(None)
    marked = session.execute(
        update(AccountMail).where(AccountMail.id == mail_id, was).values(mailed_at=utcnow() if sent else None),
        execution_options={"synchronize_session": False},
    )
    return marked.rowcount == 1  # type: ignore[attr-defined,no-any-return]


@cache
def _text(language: str, purpose: str) -> str:
    path = files("cashticket.notify") / "templates" / language / "account" / f"{purpose}.txt"
    return path.read_text(encoding="utf-8")

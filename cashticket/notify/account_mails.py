"""Mails about accounts, in their reader's language. The texts are `templates/<language>/account/<purpose>.txt`."""

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import select

from cashticket.extensions import db
from cashticket.locale import language_or_default
from cashticket.models import AccountMail, Person
from cashticket.notify import delivery
from cashticket.notify.texts import Letter, fill, moment

UNKNOWN_BROWSER = {"ko": "알 수 없는 기기", "en": "unknown device"}


def deliver_once(mail_id: int, token: Callable[[AccountMail], str], mail_url: str, base_url: str) -> bool:
    """Send a mail unless it was sent before; returns whether it was sent. `token` makes the secret part of its link.

    Raises MailRefused (the mail can then be tried again) and LookupError for an unknown mail.
    """
    mail = db.session.get(AccountMail, mail_id)
    if mail is None:
        raise LookupError(f"there is no account mail {mail_id}")
    person = db.session.get(Person, mail.person_id) if mail.person_id else None
    letter = write(mail, person.name if person else "", token(mail), base_url)
    db.session.rollback()
    return delivery.deliver_once(AccountMail, mail_id, letter, mail_url, base_url)


def write(mail: AccountMail, name: str, token: str, base_url: str) -> Letter:
    """The mail as it is sent; `name` is the account's owner."""
    language = language_or_default(mail.locale)
    facts = mail.facts or {}
    values = {"name": name, "link": token, "site": base_url, "at": moment(mail.created_at, language), **facts}
    if not facts.get("browser"):
        values["browser"] = UNKNOWN_BROWSER[language]
    subject, body = fill(language, f"account/{mail.purpose}", values)
    return Letter(mail.email, subject, body)


def unmailed(before: datetime, after: datetime, limit: int = 100) -> Sequence[int]:
    """Ids of mails stored between `after` and `before` (UTC) and not sent yet, oldest first."""
    rows = select(AccountMail.id).where(AccountMail.mailed_at.is_(None), AccountMail.created_at < before)
    return db.session.scalars(rows.where(AccountMail.created_at > after).order_by(AccountMail.id).limit(limit)).all()

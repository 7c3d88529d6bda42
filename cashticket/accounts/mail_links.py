"""Mails about accounts, and the links in them: signed, good for one use, for a while, and for one purpose.

A mail is written down in the unit that makes it needed, and sent by a worker afterwards. The link is made from the
row and the signing key, so the table alone opens nothing; the row knows whether it was used.
"""

import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from itsdangerous import BadData, URLSafeSerializer
from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import AccountMail
from cashticket.models.columns import utcnow


class Purpose(StrEnum):
    """Which text a mail has. The first three carry a link."""

    CONFIRM = "confirm"
    RESET = "reset"
    CHANGE = "change"
    # Somebody signed up with the address, or the phone, of an account that exists.
    IN_USE = "in_use"
    PHONE_IN_USE = "phone_in_use"
    # Told after the fact, so that a change by somebody else is noticed.
    EMAIL_CHANGED = "email_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a text
    CLOSED = "closed"


GOOD_FOR = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.RESET: timedelta(hours=1),
    Purpose.CHANGE: timedelta(days=1),
}


class LinkRefused(Exception):
    """The link opens nothing. `mail` is its row when it was a link of ours, used or too old."""

    def __init__(self, mail: AccountMail | None = None) -> None:
        super().__init__()
        self.mail = mail


def write_down(session: Session, person_id: int, purpose: Purpose, email: str, locale: str) -> int:
    """Note, in the caller's unit, that a mail is to be sent. Answers its id, for the mail queue."""
    mail = AccountMail(
        person_id=person_id, purpose=purpose.value, email=email, locale=locale, nonce=secrets.token_hex(16)
    )
    session.add(mail)
    session.flush()
    return mail.id


def token(mail: AccountMail, secret_key: str) -> str:
    """The part of a link that opens something; letters, digits, `-`, `_` and dots."""
    text = _signer(secret_key).dumps([mail.id, mail.nonce])
    return text if isinstance(text, str) else text.decode()


def read(text: str, purposes: tuple[Purpose, ...], secret_key: str, now: datetime) -> AccountMail:
    """The mail whose link this is, unused and young enough. Uses nothing up. Raises LinkRefused."""
    try:
        mail_id, nonce = _signer(secret_key).loads(text)
    except (BadData, ValueError, TypeError) as error:
        raise LinkRefused from error
    mail = db.session.get(AccountMail, mail_id)
    if mail is None or mail.nonce != nonce or mail.purpose not in purposes:
        raise LinkRefused
    if mail.used_at or mail.created_at + GOOD_FOR[Purpose(mail.purpose)] < now:
        raise LinkRefused(mail)
    return mail


def use(session: Session, mail: AccountMail) -> None:
    """Use a link up, in the caller's unit, together with every other open link of its kind. Raises LinkRefused when
    somebody was faster."""
    open_links = update(AccountMail).where(AccountMail.person_id == mail.person_id, AccountMail.used_at.is_(None))
    this = cast(
        "CursorResult[Any]", session.execute(open_links.where(AccountMail.id == mail.id).values(used_at=utcnow()))
    )
    if this.rowcount == 0:
        raise LinkRefused(mail)
    session.execute(open_links.where(AccountMail.purpose == mail.purpose).values(used_at=utcnow()))


def _signer(secret_key: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_key, salt="account-mail")

"""Mails about accounts and the signed links in them. A link works once, for a limited time, for one purpose.

A mail is stored, and put into the outbox, in the unit that makes it necessary. Its link is made from the row and
the signing key, so nobody can make one from the table alone. The row remembers whether the link was used. Opening a
link changes nothing, because mail scanners and browsers open links that nobody has clicked: the form behind it acts.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from itsdangerous import BadData
from sqlalchemy import CursorResult, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import AccountMail
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Priority, Source
from cashticket.models.outbox_adding import add_message
from cashticket.signing import serializer


class Purpose(StrEnum):
    """The text of a mail. The first four have a link."""

    CONFIRM = "confirm"
    RESET = "reset"
    CHANGE = "change"
    # To the old address after a change of address; its link undoes the change.
    EMAIL_CHANGED = "email_changed"
    # To the address that an undone change had brought.
    EMAIL_RESTORED = "email_restored"
    # Somebody signed up with the address of a confirmed account, or asked to change to it.
    IN_USE = "in_use"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 - the name of a text
    # Somebody signed in from a browser that was never used for this account.
    NEW_BROWSER = "new_browser"
    CLOSED = "closed"
    # About second factors; see second_factor_changes.py.
    APP_SET = "app_set"
    PASSKEY_ADDED = "passkey_added"
    FACTOR_REMOVED = "factor_removed"
    FACTORS_OFF = "factors_off"
    CODES_RENEWED = "codes_renewed"
    RECOVERY_CODE_USED = "recovery_code_used"
    FACTOR_FAILED = "factor_failed"
    FACTOR_RESET = "factor_reset"


PURPOSE_OF_LINKS = "account-mail"

LINK_LIFETIME = {
    Purpose.CONFIRM: timedelta(days=3),
    Purpose.RESET: timedelta(hours=1),
    Purpose.CHANGE: timedelta(days=1),
    Purpose.EMAIL_CHANGED: timedelta(hours=72),
}

OUTBOX_TERMS = {
    Purpose.RESET: (Priority.ACCOUNT, timedelta(hours=1)),
    Purpose.CONFIRM: (Priority.CONFIRMATION, timedelta(days=3)),
    Purpose.CHANGE: (Priority.CONFIRMATION, timedelta(days=1)),
    # As urgent as the confirmation that others get in its place.
    Purpose.IN_USE: (Priority.CONFIRMATION, timedelta(days=3)),
}
"""How urgent a mail is, and for how long it is worth sending; one with a link, while the link works."""

NEWS_OF_ACCOUNT = (Priority.ACCOUNT, timedelta(days=3))
"""The same of every other purpose: they tell the owner of a change that somebody else may have made."""


class LinkRefused(Exception):
    """The link does not work. `mail` is its row if the link was used or is too old, None if it was never ours."""

    def __init__(self, mail: AccountMail | None = None) -> None:
        super().__init__()
        self.mail = mail


def store_mail(
    session: Session,
    purpose: Purpose,
    email: str,
    locale: str,
    *,
    person_id: int | None = None,
    draft_id: int | None = None,
    mailed_at: datetime | None = None,
) -> AccountMail:
    """Store a mail and put it into the outbox, in the caller's unit; with `mailed_at` store its link alone, which no
    mail carries. Returns its row."""
    mail = AccountMail(
        person_id=person_id,
        draft_id=draft_id,
        purpose=purpose.value,
        email=email,
        locale=locale,
        nonce=secrets.token_hex(16),
        mailed_at=mailed_at or utcnow(),
    )
    session.add(mail)
    session.flush()
    if mailed_at is None:
        add_to_outbox(session, mail)
    return mail


def add_to_outbox(session: Session, mail: AccountMail) -> None:
    """Let a stored mail leave, in the caller's unit."""
    purpose = Purpose(mail.purpose)
    priority, worth = OUTBOX_TERMS.get(purpose, NEWS_OF_ACCOUNT)
    add_message(
        session,
        Source.ACCOUNT_MAIL,
        mail.id,
        purpose,
        address=mail.email,
        locale=mail.locale,
        priority=priority,
        expires_at=mail.created_at + LINK_LIFETIME.get(purpose, worth),
        asker=f"person {mail.person_id}" if mail.person_id else "",
    )


def worth_until(mail: AccountMail, now: datetime) -> datetime | None:
    """Until when a stored mail that leaves again at `now` (UTC) is worth that; None if its link works no more."""
    purpose = Purpose(mail.purpose)
    if purpose not in LINK_LIFETIME:
        return now + OUTBOX_TERMS.get(purpose, NEWS_OF_ACCOUNT)[1]
    ends_at = mail.created_at + LINK_LIFETIME[purpose]
    return None if mail.used_at or ends_at <= now else ends_at


def open_token(mail: AccountMail, keys: Sequence[str], now: datetime) -> str | None:
    """The secret part of the mail's link; None if the link works no more at `now` (UTC)."""
    lifetime = LINK_LIFETIME.get(Purpose(mail.purpose))
    if lifetime is not None and (mail.used_at or mail.created_at + lifetime <= now):
        return None
    return token(mail, keys)


def token(mail: AccountMail, keys: Sequence[str]) -> str:
    """The secret part of a link: letters, digits, `-`, `_` and dots. `keys` are the signing keys, oldest first."""
    text = serializer(keys, PURPOSE_OF_LINKS).dumps([mail.id, mail.nonce])
    return text if isinstance(text, str) else text.decode()


def read(text: str, purposes: tuple[Purpose, ...], keys: Sequence[str], now: datetime) -> AccountMail:
    """The mail of a link that was not used and is young enough. The link stays unused. Raises LinkRefused."""
    try:
        mail_id, nonce = serializer(keys, PURPOSE_OF_LINKS).loads(text)
    except (BadData, ValueError, TypeError) as error:
        raise LinkRefused from error
    mail = db.session.get(AccountMail, mail_id)
    if mail is None or mail.nonce != nonce or mail.purpose not in purposes:
        raise LinkRefused
    db.session.expunge(mail)
    if mail.used_at or mail.created_at + LINK_LIFETIME[Purpose(mail.purpose)] < now:
        raise LinkRefused(mail)
    return mail


def use(session: Session, mail: AccountMail) -> None:
    """Mark a link as used, in the caller's unit. Raises LinkRefused if it was used or voided meanwhile."""
    unused = update(AccountMail).where(AccountMail.id == mail.id, AccountMail.used_at.is_(None))
    marked = cast("CursorResult[Any]", session.execute(unused.values(used_at=utcnow())))
    if marked.rowcount == 0:
        raise LinkRefused(mail)

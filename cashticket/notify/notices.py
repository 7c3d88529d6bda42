"""Mails of notices, in their reader's language. `kinds` says which text a notice has."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from cashticket.extensions import db
from cashticket.locale import language_or_default
from cashticket.models import Auction, Concert, Notification, Person
from cashticket.notify import delivery
from cashticket.notify.kinds import text_of
from cashticket.notify.texts import Letter, fill, moment


def deliver_once(notification_id: int, mail_url: str, base_url: str) -> bool:
    """Mail a notice unless it was mailed before or its reader closed the account; returns whether a mail was sent.

    Raises MailRefused (the notice can then be tried again) and LookupError for an unknown notice.
    """
    row = db.session.execute(
        select(Notification, Person, Concert)
        .join(Person, Person.id == Notification.person_id)
        .join(Auction, Auction.id == Notification.auction_id)
        .join(Concert, Concert.id == Auction.concert_id)
        .where(Notification.id == notification_id)
    ).one_or_none()
    if row is None:
        raise LookupError(f"there is no notice {notification_id}")
    notice, person, concert = row
    subject, body = write(notice, person, concert, base_url)
    letter = None if person.closed_at else Letter(person.email, subject, body)
    db.session.rollback()
    return delivery.deliver_once(Notification, notification_id, letter, mail_url, base_url)


def write(notice: Notification, person: Person, concert: Concert, base_url: str) -> tuple[str, str]:
    """Subject and body of a notice in its reader's language. Raises KeyError for a missing fact."""
    language = language_or_default(person.locale)
    name = text_of(notice.kind, notice.facts).name
    return fill(language, name, _values(notice, person, concert, base_url, language))


def _values(notice: Notification, person: Person, concert: Concert, base_url: str, language: str) -> dict[str, Any]:
    values: dict[str, Any] = {"person": person.name, "concert": concert.title, **notice.facts}
    values |= {"auction_url": f"{base_url}/auctions/{notice.auction_id}", "tickets_url": f"{base_url}/me/tickets"}
    for name in ("price", "amount", "cutoff"):
        if name in values:
            values[name] = _won(values[name], language)
    if "expires_at" in values:
        values["expires_at"] = moment(datetime.fromisoformat(values["expires_at"]), language)
    return values


def _won(amount: int, language: str) -> str:
    return f"{amount:,}원" if language == "ko" else f"₩{amount:,}"

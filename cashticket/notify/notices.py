"""A notice as a mail, in its reader's language, sent once.

The texts are `templates/<language>/<kind>.txt`: the subject, an empty line, the body. A notice of being passed over
has a text for every reason. Whether a notice was mailed is decided by one conditional update before it is sent: two
workers never mail the same notice, and a mail that the server refuses is free to be tried again.
"""

from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.locale import SEOUL, language_or_default
from cashticket.models import Auction, Concert, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify.mail import compose, send


def deliver_once(notification_id: int, mail_url: str, base_url: str) -> bool:
    """Mail a notice unless it was mailed before or its reader closed the account; whether a mail left.

    Raises MailRefused (the notice then waits for another try) and LookupError for an unknown notice.
    """
    found = db.session.execute(
        select(Notification, Person, Concert)
        .join(Person, Person.id == Notification.person_id)
        .join(Auction, Auction.id == Notification.auction_id)
        .join(Concert, Concert.id == Auction.concert_id)
        .where(Notification.id == notification_id)
    ).one_or_none()
    if found is None:
        raise LookupError(f"there is no notice {notification_id}")
    notice, person, concert = found
    subject, body = write(notice, person, concert, base_url)
    reachable, address = person.closed_at is None, person.email
    db.session.rollback()
    if not in_one_unit(lambda session: _mark(session, notification_id, None, utcnow())) or not reachable:
        return False
    try:
        send(mail_url, compose(address, subject, body, base_url))
    except BaseException:
        in_one_unit(lambda session: _mark(session, notification_id, utcnow(), None))
        raise
    return True


def write(notice: Notification, person: Person, concert: Concert, base_url: str) -> tuple[str, str]:
    """Subject and body of a notice in its reader's language. KeyError names a fact that the notice lacks."""
    language = language_or_default(person.locale)
    why = notice.facts.get("why")
    text = _text(language, f"{notice.kind}_{why}" if why else notice.kind)
    subject, _, body = text.format_map(_words(notice, person, concert, base_url, language)).partition("\n\n")
    return " ".join(subject.split()), body


def _mark(session: Session, notification_id: int, old: datetime | None, new: datetime | None) -> bool:
    was = Notification.mailed_at.is_(None) if old is None else Notification.mailed_at.is_not(None)
    marked = session.execute(
        update(Notification).where(Notification.id == notification_id, was).values(mailed_at=new),
        execution_options={"synchronize_session": False},
    )
    return marked.rowcount == 1  # type: ignore[attr-defined,no-any-return]


@cache
def _text(language: str, name: str) -> str:
    return (files("cashticket.notify") / "templates" / language / f"{name}.txt").read_text(encoding="utf-8")


def _words(notice: Notification, person: Person, concert: Concert, base_url: str, language: str) -> dict[str, Any]:
    words: dict[str, Any] = {"person": person.name, "concert": concert.title, **notice.facts}
    words |= {"auction_url": f"{base_url}/auctions/{notice.auction_id}", "tickets_url": f"{base_url}/me/tickets"}
    for name in ("price", "amount", "cutoff"):
        if name in words:
            words[name] = _won(words[name], language)
    if "expires_at" in words:
        words["expires_at"] = _moment(datetime.fromisoformat(words["expires_at"]), language)
    words["cancel_until"] = _moment(concert.cancel_until, language)
    return words


def _won(amount: int, language: str) -> str:
    return f"{amount:,}원" if language == "ko" else f"₩{amount:,}"


def _moment(at: datetime, language: str) -> str:
    local = at.astimezone(UTC).astimezone(SEOUL)
    if language == "ko":
        return f"{local.year}년 {local.month}월 {local.day}일 {local:%H:%M}"
    return f"{local.day} {local:%B %Y, %H:%M} (Seoul)"

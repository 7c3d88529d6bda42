"""Mails of notices, in their reader's language. `kinds` says which text a notice has."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.locale import language_or_default, to_moment
from cashticket.models import Auction, Concert, Notification, Person
from cashticket.notify.kinds import text_of
from cashticket.notify.texts import Letter, fill, moment

RIGHTS = (NoticeKind.WON, NoticeKind.OFFERED)
"""Kinds whose fact `expires_at` ends what they tell of."""


def letter_of(notification_id: int, base_url: str, now: datetime) -> Letter | None:
    """The mail of a notice, None when nobody needs it any more: its reader closed the account, or the seat can no
    longer be bought at `now` (UTC). Raises KeyError for a missing fact."""
    row = db.session.execute(
        select(Notification, Person, Concert)
        .join(Person, Person.id == Notification.person_id)
        .join(Auction, Auction.id == Notification.auction_id)
        .join(Concert, Concert.id == Auction.concert_id)
        .where(Notification.id == notification_id)
    ).one_or_none()
    if row is None:
        return None
    notice, person, concert = row
    if person.closed_at or (notice.kind in RIGHTS and datetime.fromisoformat(notice.facts["expires_at"]) <= now):
        return None
    return Letter(person.email, *write(notice, person, concert, base_url))


def write(notice: Notification, person: Person, concert: Concert, base_url: str) -> tuple[str, str]:
    """Subject and body of a notice in its reader's language. Raises KeyError for a missing fact."""
    language = language_or_default(person.locale)
    name = text_of(notice.kind, notice.facts).name
    return fill(language, name, _values(notice, person, concert, base_url, language))


def _values(notice: Notification, person: Person, concert: Concert, base_url: str, language: str) -> dict[str, Any]:
    values: dict[str, Any] = {"person": person.name, "concert": concert.title, **notice.facts}
    values |= {"auction_url": f"{base_url}/auctions/{notice.auction_id}", "tickets_url": f"{base_url}/me/tickets"}
    for name in ("price", "amount", "cutoff", "own", "enough"):
        if name in values:
            values[name] = _won(values[name], language)
    if "expires_at" in values:
        values["expires_at"] = moment(datetime.fromisoformat(values["expires_at"]), language)
    if "at" in values:
        values["at"] = moment(to_moment(values["at"]), language)
    return values


def _won(amount: int, language: str) -> str:
    return f"{amount:,}원" if language == "ko" else f"₩{amount:,}"

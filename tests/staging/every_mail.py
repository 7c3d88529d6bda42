"""Every mail that there is, written from made-up rows that no database has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from cashticket.accounts.mail_links import Purpose
from cashticket.auction.values import NoticeKind
from cashticket.models import AccountMail, Auction, Concert, Notification, Person
from cashticket.models.outbox import OrganiserMail
from cashticket.notify import account_mails, notices, organiser_mails
from cashticket.notify.kinds import TEXTS
from cashticket.notify.texts import Letter

SITE = "https://tickets.example"
KEYS = ("a signing key",)
AT = datetime(2026, 11, 23, 3, tzinfo=UTC)
FACTS: dict[str, Any] = {
    "seat": "VIP-7",
    "seat_number": 7,
    "price": 150_000,
    "rank": 7,
    "expires_at": AT.isoformat(),
    "ends_at": (AT + timedelta(hours=1)).isoformat(),
    "amount": 140_000,
    "position": 12,
    "cutoff": 145_000,
    "own": 139_000,
    "enough": 146_000,
    "at": 1_795_000_000_000,
    "reason": "a stolen card",
    "award_id": 7_001,
    "bought_at": AT.isoformat(),
    "left_at": AT.isoformat(),
    "ended_at": AT.isoformat(),
    "cancel_until": (AT + timedelta(days=9)).isoformat(),
}
BUSINESS = {"name": "캐시티켓 주식회사", "address": "서울시 중구 1", "email": "help@tickets.example", "phone": ""}


class Names(NamedTuple):
    """What people and organisers typed."""

    person: str = "김하나"
    title: str = "Spring & Night"
    reason: str = "the hall burned down"
    zone: str = "A구역"


def every_mail(language: str, names: Names | None = None) -> Iterator[tuple[str, Letter]]:
    """Each mail by the name of its text."""
    names = names or Names()
    for kind, texts in TEXTS.items():
        for why, text in texts.items():
            yield text.name, notice_mail(language, kind, why, names)
    for purpose in Purpose:
        facts = {"browser": "Firefox, Linux"}
        mail = AccountMail(purpose=purpose, email="alice@example.org", locale=language, created_at=AT, facts=facts)
        yield f"account/{purpose}", account_mails.write(mail, names.person, "a-token.of_signs", SITE)
    for about in OrganiserMail:
        auction = Auction(id=5, concert=Concert(title=names.title), seats=40)
        letter = organiser_mails.write(about, auction, (3, ("VIP-7", "VIP-9")), SITE, language)
        yield f"organiser/{about}", letter._replace(to="olga@example.org")


def notice_mail(language: str, kind: NoticeKind, why: str = "", names: Names | None = None) -> Letter:
    """The mail of a notice of this kind and variant."""
    names = names or Names()
    person = Person(id=1, name=names.person, email="alice@example.org", locale=language)
    auction = Auction(id=5, concert=Concert(title=names.title), seats=40, face_price=160_000, zone=names.zone)
    auction.view, auction.benefits, auction.rows = "stage", "poster", "20,20"
    facts = {**FACTS, "reason": names.reason} | ({"why": why} if why else {})
    notice = Notification(person_id=1, auction_id=5, kind=kind, occasion=0, facts=facts)
    return notices.write(notice, person, auction, SITE, KEYS, names.reason)

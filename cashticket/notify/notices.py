"""Mails of notices, in their reader's language. `kinds` says which text a notice has."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from cashticket.auction.notice_topics import MAILS_NAME_SETTINGS, TOPICS
from cashticket.auction.seat_plan import SeatPlace, place_of, read_rows
from cashticket.auction.values import AwardState, NoticeKind, State
from cashticket.extensions import db
from cashticket.locale import in_language, language_or_default, to_moment
from cashticket.models import Auction, Award, Concert, Notification, Person
from cashticket.models.operator_acts import WHY_MAX
from cashticket.models.own_awards import own_award
from cashticket.notify import unsubscribing
from cashticket.notify.kinds import text_of
from cashticket.notify.mail_parts import parts_of
from cashticket.notify.texts import SETTINGS_WORDS, UNSUBSCRIBE_WORDS, Letter, fill, moment
from cashticket.typed.text import shown_line

RIGHTS = (NoticeKind.WON, NoticeKind.OFFERED, NoticeKind.RIGHT_REMINDER)
"""Kinds whose fact `expires_at` ends what they tell of."""

SEAT_WORDS = {
    "ko": ("구역", "열과 번호", "시야", "혜택", "정가"),
    "en": ("Zone", "Row and number", "View", "Benefits", "Face price"),
}
"""What the facts about seats are called: zone, place, view, benefits and face price."""

SETTINGS = "/me/notifications/settings"
"""The page on which people choose what they are told of."""

REASON_WORDS = {"ko": "주최사가 밝힌 이유", "en": "Reason given"}


def letter_of(
    notification_id: int, base_url: str, now: datetime, why_voided: Callable[[int], str], keys: Sequence[str]
) -> Letter | None:
    """The mail of a notice, None when nobody needs it any more: its reader closed the account, or there is
    nothing to do about it at `now` (UTC). `why_voided` reads the public reason of a voided auction ("" without one),
    `keys` sign the link that turns such mails off. Raises KeyError for a missing fact."""
    row = db.session.execute(
        select(Notification, Person, Auction, Award.state)
        .join(Person, Person.id == Notification.person_id)
        .join(Auction, Auction.id == Notification.auction_id)
        .outerjoin(Award, own_award())
        .join(Auction.concert)
        .options(contains_eager(Auction.concert))
        .where(Notification.id == notification_id)
    ).one_or_none()
    if row is None:
        return None
    notice, person, auction, award_state = row
    if person.closed_at or is_over(notice, auction, award_state, now):
        return None
    reason = why_voided(auction.id) if notice.kind is NoticeKind.VOIDED else ""
    return write(notice, person, auction, base_url, keys, reason)


def is_over(notice: Notification, auction: Auction, award_state: AwardState | None, now: datetime) -> bool:
    """Whether a notice tells of bidding that has ended at `now` (UTC), of a right that has ended or was revoked, of a
    purchase that was taken back, or of the place of somebody who was offered a seat since; or reminds of a seat that is
    bought or given up. `award_state` is that of its person's award in the auction, None without one."""
    if notice.kind in (NoticeKind.AUCTION_REMINDER, NoticeKind.MOVED_IN):
        return auction.state.is_end or auction.ends_at <= now
    if notice.kind is NoticeKind.RIGHT_REMINDER and award_state is not AwardState.OFFERED:
        return True
    if notice.kind is NoticeKind.BOUGHT:
        return award_state is not AwardState.BOUGHT
    if notice.kind is NoticeKind.MOVED_UP:
        return auction.state is not State.SETTLED or award_state is not None
    if notice.kind in RIGHTS and award_state is AwardState.REVOKED:
        return True
    return notice.kind in RIGHTS and datetime.fromisoformat(notice.facts["expires_at"]) <= now


def write(
    notice: Notification, person: Person, auction: Auction, base_url: str, keys: Sequence[str], reason: str = ""
) -> Letter:
    """The mail of a notice about this auction in its reader's language. `reason` is the public one of a voided auction.
    Raises KeyError for a missing fact."""
    language = language_or_default(person.locale)
    name = text_of(notice.kind, notice.facts).name
    values = values_of(notice, person.name, auction.concert, base_url, language)
    seats = seat_lines(auction, notice.facts.get("seat_number"), language)
    values |= {"seat_lines": seats, "reason_line": reason_line(reason, language)}
    subject, body = fill(language, name, values)
    letter = Letter(person.email, subject, body, parts=parts_of(language, name, values), language=language)
    topic = TOPICS[notice.kind]
    if topic not in MAILS_NAME_SETTINGS:
        return letter
    unsubscribe_url = base_url + unsubscribing.PATH + unsubscribing.token_of(person.id, topic, keys)
    unsubscribe_url += "?lang=en" if language == "en" else ""
    return _that_may_be_turned_off(letter, base_url + SETTINGS, unsubscribe_url)


def _that_may_be_turned_off(letter: Letter, settings_url: str, unsubscribe_url: str) -> Letter:
    """The letter with the link that turns such mails off, and the page of all choices, in its last lines."""
    off, settings = UNSUBSCRIBE_WORDS[letter.language], SETTINGS_WORDS[letter.language]
    body = f"{letter.body}\n{off}: {unsubscribe_url}\n{settings}: {settings_url}\n"
    return letter._replace(body=body, settings_url=settings_url, unsubscribe_url=unsubscribe_url)


def values_of(notice: Notification, name: str, concert: Concert, base_url: str, language: str) -> dict[str, Any]:
    """What a text about a notice may format, as `language` writes it; `name` is its reader's."""
    title = in_language(language, concert.title, concert.title_en)
    values: dict[str, Any] = {"person": name, "concert": title, **notice.facts}
    values |= {"auction_url": f"{base_url}/auctions/{notice.auction_id}", "tickets_url": f"{base_url}/me/tickets"}
    for fact in ("price", "amount", "cutoff", "own", "enough"):
        if fact in values:
            values[fact] = _won(values[fact], language)
    for fact in ("expires_at", "ends_at", "bought_at", "cancel_until", "left_at", "ended_at"):
        if fact in values:
            values[fact] = moment(datetime.fromisoformat(values[fact]), language)
    if "reason" in values:
        values["reason"] = _one_line(values["reason"])
    if "at" in values:
        values["at"] = moment(to_moment(values["at"]), language)
    return values


def seat_lines(auction: Auction, seat_number: int | None, language: str) -> str:
    """What was announced of the seats, and where this one is, a line for each fact; "" when nothing was. Notices
    of older releases do not say the number of the seat."""
    price = _won(auction.face_price, language) if auction.face_price else None
    place = place_of(seat_number, read_rows(auction.rows)) if auction.rows and seat_number else None
    where = _place(place, language) if place else None
    facts = (auction.zone, where, auction.view, auction.benefits, price)
    lines = zip(SEAT_WORDS[language], facts, strict=True)
    return "".join(f"{word}: {fact}\n" for word, fact in lines if fact)


def _place(place: SeatPlace, language: str) -> str:
    return f"{place.row}열 {place.number}번" if language == "ko" else f"row {place.row}, number {place.number}"


def reason_line(reason: str, language: str) -> str:
    """Why an auction was voided, as one line; "" without a reason. What does not print, line breaks too, becomes a
    space, so that no reason looks like another part of the mail."""
    shown = _one_line(reason)
    return f"{REASON_WORDS[language]}: {shown}\n" if shown else ""


def _one_line(reason: str) -> str:
    shown = shown_line(reason)
    return shown if len(shown) <= WHY_MAX else f"{shown[: WHY_MAX - 1]}…"


def _won(amount: int, language: str) -> str:
    return f"{amount:,}원" if language == "ko" else f"₩{amount:,}"

"""Pushes of notices: to which device, in its language, what is said, and for how long it is worth saying.

A push names the page of ours that it leads to and a tag: of those with one tag a device shows only the newest, and a
push service keeps only the newest for a device that it cannot reach.
"""

import json
import logging
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.locale import language_or_default
from cashticket.models import Auction, Award, Concert, Notification, OutboxMessage, Person, PushSubscription
from cashticket.models.own_awards import own_award
from cashticket.models.seat_names import facts_in_zone
from cashticket.notify.kinds import text_of
from cashticket.notify.notices import is_over, values_of
from cashticket.notify.texts import fill

log = logging.getLogger(__name__)

LENGTH_MAX = 300
"""Characters of a title or a text; a phone shows fewer."""

URGENT = frozenset({NoticeKind.RANK_OUT, NoticeKind.WON, NoticeKind.OFFERED, NoticeKind.RIGHT_REMINDER})
"""Kinds for which a push service wakes a phone that saves its battery."""

ABOUT_BIDDING = frozenset({NoticeKind.RANK_OUT, NoticeKind.MOVED_IN, NoticeKind.AUCTION_REMINDER})
"""Nobody needs them after the end, when nobody can bid."""

LINKS = {
    NoticeKind.RANK_OUT: "/auctions/{auction}#bid",
    NoticeKind.MOVED_IN: "/auctions/{auction}",
    NoticeKind.WON: "/me/tickets",
    NoticeKind.OFFERED: "/me/tickets",
    NoticeKind.LAPSED: "/me/tickets",
    NoticeKind.REVOKED: "/me/notifications",
    NoticeKind.BOUGHT: "/me/tickets",
    NoticeKind.CANCELLED: "/me/tickets",
    NoticeKind.DECLINED: "/me/tickets",
    NoticeKind.VOIDED: "/auctions/{auction}/results",
    NoticeKind.NOT_WON: "/auctions/{auction}/results",
    NoticeKind.PASSED_OVER: "/auctions/{auction}/results",
    NoticeKind.LEFT: "/auctions/{auction}/results",
    NoticeKind.MOVED_UP: "/auctions/{auction}/results",
    NoticeKind.BID_GIVEN_UP: "/auctions/{auction}",
    NoticeKind.AUCTION_REMINDER: "/auctions/{auction}",
    NoticeKind.RIGHT_REMINDER: "/me/tickets",
}


@dataclass(frozen=True, slots=True)
class Push:
    """One push, before it is encrypted. `ttl_seconds`: how long a push service keeps it for a device that is off."""

    person_id: int
    device_id: int
    endpoint: str
    p256dh: str
    auth: str
    failures: int
    payload: bytes
    topic: str
    ttl_seconds: int
    is_urgent: bool


def pushes_of(messages: Collection[OutboxMessage], base_url: str, now: datetime) -> dict[int, Push]:
    """The pushes of messages by their ids, without those that nobody needs at `now` (UTC): the device is gone or is
    somebody else's by now, its person closed the account, or there is nothing to do about it any more.

    One statement for any number of messages. One that cannot be written is left out and leaves a line in the log.
    """
    by_id = {message.id: message for message in messages}
    pushes: dict[int, Push] = {}
    for message_id, notice, device, person, concert, auction, award in db.session.execute(_causes(by_id)).all():
        worth_until = by_id[message_id].expires_at
        if notice.kind in ABOUT_BIDDING:
            worth_until = min(worth_until, auction.ends_at)
        try:
            if worth_until > now and not is_over(notice, auction, award, now):
                words = _words(notice, person, auction, concert, base_url, language_or_default(device.locale))
                pushes[message_id] = _push(notice, device, words, int((worth_until - now).total_seconds()))
        except (KeyError, ValueError, TypeError) as error:
            log.error("push %s (%s) cannot be written: %s", message_id, notice.kind, type(error).__name__)
    return pushes


def _causes(message_ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    """Each message with everything that its push is written from and judged by."""
    return (
        select(OutboxMessage.id, Notification, PushSubscription, Person, Concert, Auction, Award.state)
        .select_from(OutboxMessage)
        .join(Notification, Notification.id == OutboxMessage.reference)
        .join(PushSubscription, PushSubscription.id == OutboxMessage.device_id)
        .join(Person, Person.id == Notification.person_id)
        .join(Auction, Auction.id == Notification.auction_id)
        .join(Concert, Concert.id == Auction.concert_id)
        .outerjoin(Award, own_award())
        .where(OutboxMessage.id.in_(sorted(message_ids)), PushSubscription.person_id == Notification.person_id)
        .where(Person.closed_at.is_(None))
    )


def newest_of_each_tag(pushes: dict[int, Push]) -> dict[int, Push]:
    """Of the pushes with one tag to one device only the one of the newest message: the others would be replaced."""
    newest = {(pushes[each].device_id, pushes[each].topic): each for each in sorted(pushes)}
    return {each: pushes[each] for each in newest.values()}


def _push(notice: Notification, device: PushSubscription, words: dict[str, Any], seconds: int) -> Push:
    tag = f"{notice.kind.value}-{notice.auction_id}"
    link = LINKS[notice.kind].replace("{auction}", str(notice.auction_id))
    content = {"id": notice.id, "kind": notice.kind.value, **words, "link": link, "tag": tag}
    return Push(
        person_id=device.person_id,
        device_id=device.id,
        endpoint=device.endpoint,
        p256dh=device.p256dh,
        auth=device.auth,
        failures=device.failures,
        payload=json.dumps(content, ensure_ascii=False).encode(),
        topic=tag[:32],
        ttl_seconds=seconds,
        is_urgent=notice.kind in URGENT,
    )


def _words(
    notice: Notification, person: Person, auction: Auction, concert: Concert, base_url: str, language: str
) -> dict[str, Any]:
    name = text_of(notice.kind, notice.facts).name
    values = facts_in_zone(values_of(notice, person.name, concert, base_url, language), auction.zone)
    title, body = fill(language, f"push/{name}", values)
    return {"title": title[:LENGTH_MAX], "body": body.strip()[:LENGTH_MAX], "lang": language}

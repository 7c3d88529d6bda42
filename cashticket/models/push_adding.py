"""Adds pushes to the outbox, in the unit that stores their notice: one for each device of its person."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, insert, select
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.models.muting import is_muted
from cashticket.models.notice_messages import Terms, message_columns
from cashticket.models.notices import Notification
from cashticket.models.outbox import Channel, OutboxMessage, Priority, Source
from cashticket.models.push import PushSubscription

PUSH_TERMS: Terms = {
    # Whoever is out can still bid: for an hour, and never after the end, when nobody needs it any more.
    NoticeKind.RANK_OUT: (Priority.PUSH_NOW, timedelta(hours=1)),
    NoticeKind.MOVED_IN: (Priority.PUSH_NOW, timedelta(hours=1)),
    NoticeKind.WON: (Priority.PUSH_NOW, timedelta(days=1)),
    NoticeKind.OFFERED: (Priority.PUSH_NOW, timedelta(days=1)),
    NoticeKind.BID_GIVEN_UP: (Priority.PUSH_NOW, timedelta(hours=12)),
    NoticeKind.NOT_WON: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.PASSED_OVER: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.LAPSED: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.VOIDED: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.REVOKED: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.BOUGHT: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.CANCELLED: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.DECLINED: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.LEFT: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.MOVED_UP: (Priority.PUSH_REST, timedelta(days=1)),
    NoticeKind.RIGHT_REMINDER: (Priority.PUSH_NOW, timedelta(days=1)),
    NoticeKind.AUCTION_REMINDER: (Priority.PUSH_REST, timedelta(days=1)),
}
"""How urgent the push of a kind of notice is, and for how long it is worth sending. Other kinds are never pushed."""


def anybody_has_a_device(session: Session, people: Collection[int]) -> bool:
    """Whether one of these people has a device to push to. One statement, for a unit that must stay short."""
    some = select(PushSubscription.id).where(PushSubscription.person_id.in_(sorted(people))).limit(1)
    return session.scalar(some) is not None


def add_pushes(session: Session, now: datetime, *of: ColumnElement[bool]) -> int:
    """Add the pushes of these notices to the caller's unit, due at `now` (UTC): of all that satisfy the SQL conditions
    `of`, to each device of their people who did not mute the topic. Returns how many.

    Costs one statement for any number of notices. A push that is there already is not added again.
    """
    is_added = select(OutboxMessage.id).where(
        OutboxMessage.channel == Channel.PUSH,
        OutboxMessage.source == Source.NOTICE,
        OutboxMessage.reference == Notification.id,
        OutboxMessage.device_id == PushSubscription.id,
    )
    values = message_columns(Channel.PUSH, PUSH_TERMS, now)
    values |= {"device_id": PushSubscription.id.expression, "locale": PushSubscription.locale.expression}
    rows = (
        select(*values.values())
        .select_from(Notification)
        .join(PushSubscription, PushSubscription.person_id == Notification.person_id)
        .where(*of, Notification.kind.in_(list(PUSH_TERMS)), ~is_muted(Channel.PUSH), ~is_added.exists())
    )
    return cast("CursorResult[Any]", session.execute(insert(OutboxMessage).from_select(list(values), rows))).rowcount

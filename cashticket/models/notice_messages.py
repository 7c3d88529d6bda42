"""What mails and pushes of notices have alike in the outbox, as columns of an INSERT from the table of notices."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, literal

from cashticket.auction.values import NoticeKind
from cashticket.models.columns import Moment
from cashticket.models.notices import Notification
from cashticket.models.outbox import Channel, MessageState, OutboxMessage, Priority, Source

Terms = Mapping[NoticeKind, tuple[Priority, timedelta]]
"""How urgent the message of a kind of notice is, and for how long it is worth sending."""


def message_columns(channel: Channel, terms: Terms, now: datetime) -> dict[str, ColumnElement[Any]]:
    """Column of the outbox → what a message by `channel`, due at `now` (UTC), has there. Its device and its language
    are the caller's to add."""
    expires = {kind: literal(now + worth, Moment) for kind, (_, worth) in terms.items()}
    return {
        "channel": literal(channel, OutboxMessage.channel.type),
        "source": literal(Source.NOTICE, OutboxMessage.source.type),
        "reference": Notification.id.expression,
        "auction_id": Notification.auction_id.expression,
        "kind": Notification.kind.expression,
        "priority": case({kind: int(priority) for kind, (priority, _) in terms.items()}, value=Notification.kind),
        "state": literal(MessageState.WAITING, OutboxMessage.state.type),
        "due_at": literal(now, Moment),
        "expires_at": case(expires, value=Notification.kind),
        "tries": literal(0),
        "last_error": literal(""),
        "created_at": literal(now, Moment),
    }

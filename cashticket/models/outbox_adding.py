"""Adds messages to the outbox, in the unit that stores their cause, so that one is never there without the other.

It lives here because accounts, ledger and settlement all add messages, and models is the room they all know.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from flask import current_app
from sqlalchemy import ColumnElement, CursorResult, func, insert, literal, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.models.columns import utcnow
from cashticket.models.muting import is_muted
from cashticket.models.notice_messages import Terms, message_columns
from cashticket.models.notices import Notification
from cashticket.models.outbox import CODE_SMS, Channel, MessageState, OrganiserMail, OutboxMessage, Priority, Source
from cashticket.models.push_adding import add_pushes
from cashticket.signing import keyed_hash

OPEN_MAX = 10
"""Messages of one kind that may be open for one address; a further one replaces the oldest."""

OPEN_OF_ASKER_MAX = 10
"""Messages of one kind that one asker may have open, whatever their addresses; a further one replaces the oldest."""

OPEN_OF_ALL_MAX = 100_000
"""Messages of one kind that all askers together may have open; a further one replaces the oldest."""

REPLACED_AT_ONCE = 500
REPLACED = "replaced"
"""`last_error` of a message that a newer one of its kind replaced."""

NOTICE_TERMS: Terms = {
    NoticeKind.WON: (Priority.URGENT, timedelta(days=3)),
    NoticeKind.OFFERED: (Priority.URGENT, timedelta(days=3)),
    NoticeKind.BID_GIVEN_UP: (Priority.URGENT, timedelta(days=3)),
    NoticeKind.RANK_OUT: (Priority.RANK_OUT, timedelta(hours=24)),
    NoticeKind.MOVED_IN: (Priority.RANK_OUT, timedelta(hours=24)),
    NoticeKind.NOT_WON: (Priority.REST, timedelta(days=3)),
    NoticeKind.PASSED_OVER: (Priority.REST, timedelta(days=3)),
    NoticeKind.LAPSED: (Priority.REST, timedelta(days=3)),
    NoticeKind.VOIDED: (Priority.REST, timedelta(days=3)),
    NoticeKind.REVOKED: (Priority.REST, timedelta(days=3)),
    NoticeKind.BOUGHT: (Priority.CONFIRMATION, timedelta(days=3)),
    NoticeKind.CANCELLED: (Priority.REST, timedelta(days=3)),
    NoticeKind.DECLINED: (Priority.REST, timedelta(days=3)),
    NoticeKind.LEFT: (Priority.REST, timedelta(days=3)),
    NoticeKind.MOVED_UP: (Priority.REST, timedelta(days=1)),
    NoticeKind.RIGHT_REMINDER: (Priority.CONFIRMATION, timedelta(days=1)),
    NoticeKind.AUCTION_REMINDER: (Priority.REMINDER, timedelta(days=1)),
}
"""How urgent the mail of a kind of notice is, and for how long it is worth sending. Other kinds have no mail."""


ORGANISER_MAIL_WORTH = timedelta(days=3)
"""For how long a mail to an organiser is worth sending."""


def hashed(text: str) -> str:
    """A keyed hash of an address or an asker, so that the table is no list of customers. Raises NoSigningKey."""
    return keyed_hash([str(current_app.secret_key or "")], "outbox", text.strip().lower()).partition(":")[2]


def add_message(
    session: Session,
    source: Source,
    reference: int,
    kind: str,
    *,
    address: str,
    locale: str,
    priority: Priority,
    expires_at: datetime,
    asker: str = "",
) -> None:
    """Add a mail to one address, due now, to the caller's unit. `asker` names whoever made the product write it.

    Of the open messages of this kind at most OPEN_MAX are for one address and OPEN_OF_ASKER_MAX of one asker: beyond
    that the oldest is dropped as replaced, of the same asker if there is one. Those with askers have OPEN_OF_ALL_MAX.
    """
    address_key, asker_key = hashed(address), hashed(asker) if asker else None
    _replace_oldest(session, kind, OPEN_MAX, (OutboxMessage.address_key == address_key,), asker_key)
    if asker_key:
        _replace_oldest(session, kind, OPEN_OF_ASKER_MAX, (OutboxMessage.asker_key == asker_key,), asker_key)
        _replace_oldest_of_all(session, kind)
    message = OutboxMessage(source=source, reference=reference, kind=kind, address=address, locale=locale)
    message.address_key, message.asker_key = address_key, asker_key
    message.priority, message.expires_at = priority, expires_at
    session.add(message)
    session.flush()


def add_organiser_mail(
    session: Session, kind: OrganiserMail, auction_id: int, award_id: int, now: datetime, *, wait: timedelta
) -> None:
    """Add a mail about an award to the organiser of its concert to the caller's unit, due `wait` after `now` (UTC).
    Nothing is added while one of this kind about the same auction waits, which is written when it leaves, or if there
    was one about this award; if that was dropped, because there was nothing to tell just then, it waits again."""
    waiting = (OutboxMessage.auction_id == auction_id, OutboxMessage.state == MessageState.WAITING)
    # Locked: nobody writes it before the caller's unit is committed, so it tells of that too.
    of_kind = select(OutboxMessage.id).where(*waiting, OutboxMessage.kind == kind)
    if session.scalar(of_kind.limit(1).with_for_update()):
        return
    same = (OutboxMessage.channel == Channel.MAIL, OutboxMessage.source == Source.AWARD)
    message = session.scalar(select(OutboxMessage).where(*same, OutboxMessage.reference == award_id))
    if message is None:
        message = OutboxMessage(source=Source.AWARD, reference=award_id, kind=kind, auction_id=auction_id)
        session.add(message)
    elif message.state is not MessageState.DROPPED:
        return
    message.state, message.tries, message.last_error, message.ended_at = MessageState.WAITING, 0, "", None
    message.priority, message.due_at, message.expires_at = Priority.ORGANISER, now + wait, now + ORGANISER_MAIL_WORTH
    session.flush()


def add_code_sms(session: Session, code_id: int, locale: str, expires_at: datetime) -> None:
    """Add the SMS with a code, a row of `phone_codes`, to the caller's unit, due now. The number stays in that row."""
    message = OutboxMessage(channel=Channel.SMS, source=Source.PHONE_CODE, reference=code_id, kind=CODE_SMS)
    message.locale, message.priority, message.expires_at = locale, Priority.SMS, expires_at
    session.add(message)
    session.flush()


def add_notice_messages(session: Session, now: datetime, *of: ColumnElement[bool]) -> int:
    """Add the mails of these notices to the caller's unit, due at `now` (UTC): all that satisfy the SQL conditions `of`
    (which must not look at `mailed_at`) and about which nothing was decided before, but for topics that their people
    muted. Returns how many. Their pushes are added too, except of displacements, whose pushes came with the notice.

    Costs the same number of statements for any number of notices. Each mail goes to the address that the person has
    when it is sent.
    """
    undecided = update(Notification).where(Notification.mailed_at.is_(None), *of)
    marked = session.execute(undecided.values(mailed_at=now), execution_options={"synchronize_session": False})
    if not cast("CursorResult[Any]", marked).rowcount:
        return 0
    added = (OutboxMessage.source == Source.NOTICE, OutboxMessage.reference == Notification.id)
    is_added = select(OutboxMessage.id).where(OutboxMessage.channel == Channel.MAIL, *added).exists()
    values = message_columns(Channel.MAIL, NOTICE_TERMS, now) | {"device_id": literal(0)}
    rows = select(*values.values()).where(Notification.mailed_at == now, *of, ~is_added, ~is_muted(Channel.MAIL))
    mails = session.execute(insert(OutboxMessage).from_select(list(values), rows))
    add_pushes(session, now, Notification.mailed_at == now, Notification.kind != NoticeKind.RANK_OUT, *of)
    return cast("CursorResult[Any]", mails).rowcount


def _replace_oldest(
    session: Session, kind: str, open_max: int, of: tuple[ColumnElement[bool], ...], asker_key: str | None
) -> None:
    # Those of other kinds, which are few, are left out here: asked by kind as well, SQLite would take the index of
    # states and kinds and look at everything of this kind that waits.
    waiting = select(OutboxMessage.id, OutboxMessage.asker_key, OutboxMessage.kind)
    rows = session.execute(waiting.where(OutboxMessage.state == MessageState.WAITING, *of))
    replaceable = sorted((row.asker_key != asker_key, row.id) for row in rows if row.kind == kind)
    _replace(session, [each for _, each in replaceable[: max(0, len(replaceable) - open_max + 1)]])


def _replace_oldest_of_all(session: Session, kind: str) -> None:
    """Only once the numbers of the oldest and the newest lie so far apart that there may be too many, they are counted:
    an outage of the mail server during a flood."""
    waiting = (OutboxMessage.state == MessageState.WAITING, OutboxMessage.kind == kind)
    apart = session.scalar(select(func.max(OutboxMessage.id) - func.min(OutboxMessage.id)).where(*waiting)) or 0
    if apart + 1 < OPEN_OF_ALL_MAX:
        return
    open_ones = session.scalar(select(func.count()).select_from(OutboxMessage).where(*waiting)) or 0
    if open_ones >= OPEN_OF_ALL_MAX:
        oldest = select(OutboxMessage.id).where(*waiting).order_by(OutboxMessage.id)
        _replace(session, session.scalars(oldest.limit(min(REPLACED_AT_ONCE, open_ones - OPEN_OF_ALL_MAX + 1))).all())


def _replace(session: Session, surplus: Sequence[int]) -> None:
    if surplus:
        ended = {"state": MessageState.DROPPED, "last_error": REPLACED, "address": None, "ended_at": utcnow()}
        session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id.in_(surplus), OutboxMessage.state == MessageState.WAITING)
            .values(**ended),
            execution_options={"synchronize_session": False},
        )

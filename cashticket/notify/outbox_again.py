"""Failed messages that are sent again: which of them somebody still needs, and how they wait once more."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import CursorResult, Select, String, and_, case, func, literal, null, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import AccountMail, Auction, Award, Notification, OutboxMessage, Person, PushSubscription
from cashticket.models.columns import Moment
from cashticket.models.muting import is_muted
from cashticket.models.outbox import Channel, MessageState, Source
from cashticket.models.outbox_adding import NOTICE_TERMS, ORGANISER_MAIL_WORTH
from cashticket.models.own_awards import own_award
from cashticket.models.push_adding import PUSH_TERMS
from cashticket.notify import refused_addresses
from cashticket.notify.notices import is_over
from cashticket.notify.pushes import ABOUT_BIDDING

TERMS = {Channel.MAIL: NOTICE_TERMS, Channel.PUSH: PUSH_TERMS}


class Hindrance(StrEnum):
    """Why a failed message is not sent again."""

    NO_CAUSE = "no_cause"
    # The notice lacks a fact.
    UNREADABLE = "unreadable"
    OVER = "over"
    # The same was asked for again later.
    REPLACED = "replaced"
    CLOSED = "closed"
    MUTED = "muted"
    NO_DEVICE = "no_device"
    NO_ADDRESS = "no_address"


@dataclass(frozen=True, slots=True)
class Again:
    """A message that may be sent again, until when it is worth that (UTC), and the address that it lost when it failed;
    None for the address that its reader has when it is sent, which is at present `present_address`."""

    message_id: int
    expires_at: datetime
    address: str | None = None
    present_address: str | None = None


def messages_of(ids: Collection[int]) -> list[OutboxMessage]:
    """These messages, newest first, apart from any session."""
    rows = select(OutboxMessage).where(OutboxMessage.id.in_(ids)).order_by(OutboxMessage.id.desc())
    messages = list(db.session.scalars(rows))
    for each in messages:
        db.session.expunge(each)
    return messages


def account_mails(messages: Iterable[OutboxMessage]) -> dict[int, AccountMail]:
    """The account mails that are the causes of these messages, by their own ids. One statement."""
    causes = [each.reference for each in messages]
    return {each.id: each for each in db.session.scalars(select(AccountMail).where(AccountMail.id.in_(causes)))}


def newest_of_addresses(messages: Iterable[OutboxMessage]) -> dict[tuple[str, str | None], int]:
    """Kind and key of an address → the newest message of that kind to it, for the addresses of these messages. One
    statement."""
    keys = {each.address_key for each in messages if each.address_key}
    newest = select(OutboxMessage.kind, OutboxMessage.address_key, func.max(OutboxMessage.id))
    rows = newest.where(OutboxMessage.address_key.in_(keys)).group_by(OutboxMessage.kind, OutboxMessage.address_key)
    return {(kind, key): message_id for kind, key, message_id in db.session.execute(rows).all()}


def judge_notices(messages: Sequence[OutboxMessage], now: datetime) -> dict[int, Again | Hindrance]:
    """Whether each of these messages about notices is still needed at `now` (UTC), by their ids; whether a displaced
    person is still out is not looked at. One statement for each channel."""
    judged: dict[int, Again | Hindrance] = {each.id: Hindrance.NO_CAUSE for each in messages}
    for channel in TERMS:
        ids = [each.id for each in messages if each.channel is channel]
        for message_id, *facts in db.session.execute(_causes(channel, ids)).all() if ids else ():
            judged[message_id] = _judged(channel, message_id, facts, now)
    return judged


def judge_organiser_mails(
    messages: Sequence[OutboxMessage], is_needed: Callable[[OutboxMessage], bool], now: datetime
) -> dict[int, Again | Hindrance]:
    """Whether each of these mails to organisers is to leave again at `now` (UTC), by their ids. Each tells of
    everything until it leaves, so of one auction only the newest is asked for with `is_needed`."""
    newest = _newest_to_organisers(messages) if messages else {}
    judged: dict[int, Again | Hindrance] = {each.id: Hindrance.REPLACED for each in messages}
    for each in messages:
        if newest.get((each.kind, each.auction_id)) == each.id:
            judged[each.id] = Again(each.id, now + ORGANISER_MAIL_WORTH) if is_needed(each) else Hindrance.OVER
    return judged


def _newest_to_organisers(messages: Iterable[OutboxMessage]) -> dict[tuple[str, int | None], int]:
    """Kind and auction → the newest mail of that kind that was not dropped, for the auctions of these messages."""
    columns = (OutboxMessage.kind, OutboxMessage.auction_id)
    auctions = OutboxMessage.auction_id.in_({each.auction_id for each in messages})
    still_meant = (OutboxMessage.source == Source.AWARD, OutboxMessage.state != MessageState.DROPPED)
    rows = select(*columns, func.max(OutboxMessage.id)).where(auctions, *still_meant).group_by(*columns)
    return {(kind, auction_id): message_id for kind, auction_id, message_id in db.session.execute(rows).all()}


def put_back(session: Session, again: Sequence[Again], now: datetime) -> int:
    """Let failed messages wait from `now` (UTC) on as if they had never been tried, in the caller's unit. Returns how
    many; one that is no longer failed stays as it is. None of their addresses counts as refused by its mail server."""
    if not again:
        return 0
    addresses = {each.message_id: literal(each.address, String) for each in again if each.address is not None}
    ends = {each.message_id: literal(each.expires_at, Moment) for each in again}
    put = (
        update(OutboxMessage)
        .where(OutboxMessage.id.in_([each.message_id for each in again]), OutboxMessage.state == MessageState.FAILED)
        .values(state=MessageState.WAITING, due_at=now, tries=0, ended_at=None)
        .values(
            expires_at=case(ends, value=OutboxMessage.id),
            address=case(addresses, value=OutboxMessage.id) if addresses else null(),
        )
    )
    changed = session.execute(put, execution_options={"synchronize_session": False})
    refused_addresses.forgive(session, {each.address or each.present_address or "" for each in again})
    return cast("CursorResult[Any]", changed).rowcount


def _causes(channel: Channel, ids: Collection[int]) -> Select[*tuple[Any, ...]]:
    device = and_(PushSubscription.id == OutboxMessage.device_id, PushSubscription.person_id == Notification.person_id)
    return (
        select(
            OutboxMessage.id,
            Notification,
            Person,
            Auction,
            Award.state,
            PushSubscription.id,
            is_muted(channel),
        )
        .select_from(OutboxMessage)
        .join(Notification, Notification.id == OutboxMessage.reference)
        .join(Person, Person.id == Notification.person_id)
        .join(Auction, Auction.id == Notification.auction_id)
        .outerjoin(Award, own_award())
        .outerjoin(PushSubscription, device)
        .where(OutboxMessage.id.in_(ids))
    )


def _judged(channel: Channel, message_id: int, facts: Sequence[Any], now: datetime) -> Again | Hindrance:
    notice, person, auction, award_state, device_id, muted = facts
    if person.closed_at:
        return Hindrance.CLOSED
    if muted:
        return Hindrance.MUTED
    try:
        is_late = is_over(notice, auction, award_state, now)
    except (KeyError, ValueError, TypeError):
        return Hindrance.UNREADABLE
    if is_late or (notice.kind in ABOUT_BIDDING and auction.ends_at <= now):
        return Hindrance.OVER
    if channel is Channel.PUSH and device_id is None:
        return Hindrance.NO_DEVICE
    _, worth = TERMS[channel][NoticeKind(notice.kind)]
    return Again(message_id, now + worth, present_address=person.email if channel is Channel.MAIL else None)

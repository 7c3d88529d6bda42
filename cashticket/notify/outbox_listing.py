"""Messages of the outbox as operators look at them: by state, kind, auction or reader, newest first, a page at a time.

No whole address and no link leaves this module.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, func, select, true, union, union_all
from sqlalchemy.orm import InstrumentedAttribute

from cashticket.extensions import db
from cashticket.models import AccountMail, Notification, OutboxMessage, Person
from cashticket.models.outbox import Channel, MessageState, Source


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose messages: those of an account, and account mails to an address, which may have no account yet."""

    person_id: int | None
    email: str | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Messages in one of these states and of one of these kinds; only about one auction, only to one reader."""

    states: Sequence[MessageState]
    kinds: Sequence[str]
    auction_id: int | None = None
    reader: Reader | None = None


class ShownMessage(NamedTuple):
    """A message and to whom it goes. `address` is masked; None when it is not known any more."""

    message: OutboxMessage
    person_id: int | None
    address: str | None


def page(wanted: Wanted, after: int | None, limit: int) -> list[int]:
    """Ids of the newest wanted messages, at most `limit`; with `after`, of those that come after that message in the
    list. It looks at `limit` messages of each state and kind, however many there are, or at all of one reader."""
    older = OutboxMessage.id < after if after is not None else true()
    ids = (_of_reader(wanted, wanted.reader, older) if wanted.reader else _of_all(wanted, older, limit)).subquery()
    return list(db.session.scalars(select(ids.c.id).order_by(ids.c.id.desc()).limit(limit)))


def count(wanted: Wanted) -> int:
    """How many messages are wanted, of every reader. Counts all of them: for commands."""
    each = [select(func.count(OutboxMessage.id)).where(*group) for group in _groups(wanted)]
    return sum(db.session.scalars(union_all(*each)))


def shown(ids: Collection[int]) -> list[ShownMessage]:
    """These messages, newest first. One statement for any number of them."""
    owner = func.coalesce(Notification.person_id, AccountMail.person_id)
    rows = (
        select(OutboxMessage, owner, AccountMail.email, Person.email, Person.closed_at)
        .outerjoin(Notification, _is_cause(Source.NOTICE, Notification.id))
        .outerjoin(AccountMail, _is_cause(Source.ACCOUNT_MAIL, AccountMail.id))
        .outerjoin(Person, Person.id == Notification.person_id)
        .where(OutboxMessage.id.in_(ids))
        .order_by(OutboxMessage.id.desc())
    )
    return [
        ShownMessage(message, person_id, masked(mailed_to or (None if closed_at else notified)))
        for message, person_id, mailed_to, notified, closed_at in db.session.execute(rows).all()
    ]


def ends(ids: Collection[int]) -> list[tuple[datetime | None, str]]:
    """When each of these messages ended (UTC), and its last error."""
    rows = db.session.execute(select(OutboxMessage.ended_at, OutboxMessage.last_error).where(OutboxMessage.id.in_(ids)))
    return [(ended_at, last_error) for ended_at, last_error in rows]


def masked(address: str | None) -> str | None:
    """An address of which the first character and the domain are left, such as `a***@example.org`."""
    if not address:
        return None
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}"


def _is_cause(source: Source, cause: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    return and_(OutboxMessage.source == source, cause == OutboxMessage.reference)


def _groups(wanted: Wanted) -> list[tuple[ColumnElement[bool], ...]]:
    """The wanted messages as one condition for each state and kind, so that an index gives each in the order of ids."""
    auction = () if wanted.auction_id is None else (OutboxMessage.auction_id == wanted.auction_id,)
    return [
        (*auction, OutboxMessage.state == state, OutboxMessage.kind == kind)
        for state in wanted.states
        for kind in wanted.kinds
    ]


def _of_all(wanted: Wanted, older: ColumnElement[bool], limit: int) -> CompoundSelect[int]:
    groups = [select(OutboxMessage.id).where(*group, older) for group in _groups(wanted)]
    newest = [group.order_by(OutboxMessage.id.desc()).limit(limit).subquery() for group in groups]
    return union_all(*[select(each.c.id) for each in newest])


def _of_reader(wanted: Wanted, reader: Reader, older: ColumnElement[bool]) -> CompoundSelect[int]:
    # Neither sorted nor limited before they are together: MariaDB would walk through the messages of everybody.
    shared = [older, OutboxMessage.state.in_(wanted.states), OutboxMessage.kind.in_(wanted.kinds)]
    if wanted.auction_id is not None:
        shared.append(OutboxMessage.auction_id == wanted.auction_id)
    of_mails = select(OutboxMessage.id).join(AccountMail, _is_cause(Source.ACCOUNT_MAIL, AccountMail.id))
    of_notices = select(OutboxMessage.id).join(Notification, _is_cause(Source.NOTICE, Notification.id))
    sent_by_mail = OutboxMessage.channel == Channel.MAIL
    parts: list[Select[int]] = [of_mails.where(sent_by_mail, AccountMail.email == reader.email)]
    if reader.person_id is not None:
        parts.append(of_mails.where(sent_by_mail, AccountMail.person_id == reader.person_id))
        own = [of_notices.where(OutboxMessage.channel == each) for each in (Channel.MAIL, Channel.PUSH)]
        parts.extend(each.where(Notification.person_id == reader.person_id) for each in own)
    return union(*[part.where(*shared) for part in parts])

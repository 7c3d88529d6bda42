"""Forgetting what is no longer needed: personal data is deleted or blanked once it is old enough (docs/privacy.md).

Each rule walks its table by id in windows, and forgets what it finds there in short units of its own. So it may run
beside an auction, be stopped at any moment, and run again: what is forgotten is not found a second time.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, exists, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from cashticket.accounts import drafts, erasing, push_devices
from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.models import (
    AccountMail,
    Auction,
    Award,
    Concert,
    Follow,
    KnownBrowser,
    Notification,
    Person,
    PersonKey,
    PushSubscription,
    RecordedBid,
    RefusedAddress,
    SignIn,
    SignUpDraft,
)
from cashticket.models.outbox import Source
from cashticket.models.units import in_one_unit

WINDOW = 5_000
"""Ids that one statement looks at."""

BATCH = 200
"""Rows that one unit forgets: it holds the only writer of SQLite for well under a second."""

MAIL_AGE = timedelta(days=30)
SIGN_IN_AGE, UNENDED_SIGN_IN_AGE = timedelta(days=30), timedelta(days=60)
BROWSER_AGE = timedelta(days=180)
NOTICE_AGE = timedelta(days=365)
FOLLOW_AGE = timedelta(days=90)
"""After the end of the auction."""

REFUSED_AGE = timedelta(days=365)
UNVERIFIED_AGE = timedelta(days=30)
AWARD_NAME_AGE = timedelta(days=5 * 365)

Conditions = tuple[ColumnElement[bool], ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """What is forgotten: the rows of `id_column`'s table that satisfy `old` at a moment (UTC), by `forget`, which gets
    the session of a unit and ids. It must look at `old` again, because a row may have changed meanwhile."""

    name: str
    id_column: InstrumentedAttribute[int]
    old: Callable[[datetime], Conditions]
    forget: Callable[[Session, Sequence[int], Conditions], int]


def forget(now: datetime, *, dry: bool, progress: Callable[[str, int], None]) -> dict[str, int]:
    """Forget everything that is old enough at `now` (UTC). Returns how many rows, by the name of the rule.

    A `dry` run changes nothing. `progress` is called with a rule's name and count after every window.
    """
    counts: dict[str, int] = {}
    for rule in RULES:
        counts[rule.name] = 0
        for count in _walk(rule, rule.old(now), dry):
            counts[rule.name] += count
            progress(rule.name, counts[rule.name])
    return counts


def _walk(rule: Rule, old: Conditions, dry: bool) -> Iterator[int]:
    first, last = db.session.execute(select(func.min(rule.id_column), func.max(rule.id_column))).one()
    for start in range(first, last + 1, WINDOW) if first is not None else ():
        window = rule.id_column.between(start, start + WINDOW - 1)
        ids = db.session.scalars(select(rule.id_column).where(window, *old).order_by(rule.id_column)).all()
        db.session.rollback()
        yield len(ids) if dry else sum(_forget(rule, old, ids[at : at + BATCH]) for at in range(0, len(ids), BATCH))


def _forget(rule: Rule, old: Conditions, ids: Sequence[int]) -> int:
    return in_one_unit(lambda session: rule.forget(session, ids, old))


def _delete(table: Any) -> Callable[[Session, Sequence[int], Conditions], int]:
    def forget_rows(session: Session, ids: Sequence[int], old: Conditions) -> int:
        statement = delete(table).where(table.id.in_(ids), *old)
        return _changed(session.execute(statement, execution_options={"synchronize_session": False}))

    return forget_rows


def _delete_mails(session: Session, ids: Sequence[int], old: Conditions) -> int:
    return erasing.delete_mails(session, ids)


def _delete_notices(session: Session, ids: Sequence[int], old: Conditions) -> int:
    erasing.delete_messages(session, Source.NOTICE, ids)
    return _delete(Notification)(session, ids, old)


def _blank_names(session: Session, ids: Sequence[int], old: Conditions) -> int:
    statement = update(Award).where(Award.id.in_(ids)).values(person_name="")
    return _changed(session.execute(statement, execution_options={"synchronize_session": False}))


def _delete_people(session: Session, ids: Sequence[int], old: Conditions) -> int:
    rows = session.scalars(select(Person).where(Person.id.in_(ids), *old).with_for_update()).all()
    for row in rows:
        erasing.erase(session, row)
        session.delete(row)
    session.flush()
    return len(rows)


def _changed(result: Any) -> int:
    return int(result.rowcount)


def _old_sign_ins(now: datetime) -> Conditions:
    return (or_(SignIn.ended_at < now - SIGN_IN_AGE, SignIn.started_at < now - UNENDED_SIGN_IN_AGE),)


def _unseen_browsers(now: datetime) -> Conditions:
    return (KnownBrowser.last_seen_at < now - BROWSER_AGE,)


def _unseen_devices(now: datetime) -> Conditions:
    return (PushSubscription.seen_at < now - push_devices.UNSEEN_AGE,)


def _old_notices(now: datetime) -> Conditions:
    over = select(Auction.id).where(Auction.state.in_((State.SETTLED, State.VOIDED)))
    is_over = or_(Notification.auction_id.is_(None), Notification.auction_id.in_(over))
    return (Notification.created_at < now - NOTICE_AGE, is_over)


def _old_follows(now: datetime) -> Conditions:
    is_end = Auction.state.in_((State.SETTLED, State.VOIDED))
    return (Follow.auction_id.in_(select(Auction.id).where(is_end, Auction.ends_at < now - FOLLOW_AGE)),)


def _refused_long_ago(now: datetime) -> Conditions:
    return (RefusedAddress.since < now - REFUSED_AGE,)


def _unverified_people(now: datetime) -> Conditions:
    return (
        Person.created_at < now - UNVERIFIED_AGE,
        Person.verified_at.is_(None),
        Person.blocked_at.is_(None),
        Person.is_staff.is_(False),
        ~exists().where(RecordedBid.person_id == Person.id),
        ~exists().where(RecordedBid.displaced_id == Person.id),
        ~exists().where(Award.person_id == Person.id),
    )


def _old_award_names(now: datetime) -> Conditions:
    past = select(Concert.id).where(Concert.starts_at < now - AWARD_NAME_AGE)
    return (Award.concert_id.in_(past), or_(Award.person_name.is_(None), Award.person_name != ""))


RULES = (
    Rule(
        "sign_up_drafts",
        SignUpDraft.id,
        lambda now: (SignUpDraft.created_at <= now - drafts.LIFETIME,),
        _delete(SignUpDraft),
    ),
    Rule("account_mails", AccountMail.id, lambda now: (AccountMail.created_at < now - MAIL_AGE,), _delete_mails),
    Rule("sign_ins", SignIn.id, _old_sign_ins, _delete(SignIn)),
    Rule("known_browsers", KnownBrowser.id, _unseen_browsers, _delete(KnownBrowser)),
    Rule("push_subscriptions", PushSubscription.id, _unseen_devices, _delete(PushSubscription)),
    Rule("follows", Follow.id, _old_follows, _delete(Follow)),
    Rule("refused_addresses", RefusedAddress.id, _refused_long_ago, _delete(RefusedAddress)),
    Rule("person_keys", PersonKey.id, lambda now: (PersonKey.kept_until < now,), _delete(PersonKey)),
    Rule("notifications", Notification.id, _old_notices, _delete_notices),
    Rule("unverified_people", Person.id, _unverified_people, _delete_people),
    Rule("award_names", Award.id, _old_award_names, _blank_names),
)

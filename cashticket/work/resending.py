"""Sending failed messages again: those that somebody still needs wait as if they had never been tried.

Nothing is sent twice: a message that was sent is refused, and one that failed is put back by a conditional update. It
keeps its Message-ID, so a server that had taken it in spite of its answer can tell.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cashticket.accounts import mail_links
from cashticket.accounts.mail_links import OUTBOX_TERMS
from cashticket.auction.values import NoticeKind
from cashticket.engine.interface import Engine
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import OutboxMessage
from cashticket.models.operator_acts import Act, auction_subject, message_subject, record_act
from cashticket.models.outbox import MessageState, Source
from cashticket.models.outbox_adding import hashed
from cashticket.models.units import in_one_unit
from cashticket.notify import outbox_again, outbox_listing
from cashticket.notify.outbox import BOUNCED
from cashticket.notify.outbox_again import Again, Hindrance
from cashticket.notify.outbox_listing import Wanted
from cashticket.wiring import queue_redis
from cashticket.work import queueing
from cashticket.work.message_kinds import KINDS
from cashticket.work.messages import letter_of
from cashticket.work.rank_outs import Verdict, verdicts_now

WINDOW = 200
"""Failed messages that one unit puts back at most."""

WORDS: Mapping[Hindrance, str] = {
    Hindrance.NO_CAUSE: "what it was about is deleted",
    Hindrance.UNREADABLE: "its notice lacks a fact that its text needs",
    Hindrance.OVER: "what it tells of is over, or its link works no more",
    Hindrance.REPLACED: "a newer one of its kind was stored for this reader",
    Hindrance.CLOSED: "its reader has closed the account",
    Hindrance.MUTED: "its reader does not want such messages any more",
    Hindrance.NO_DEVICE: "its device is gone",
    Hindrance.NO_ADDRESS: "its address was erased when it failed and cannot be known again",
}


class NotResent(OperatorError):
    """The message is not sent again."""


@dataclass(frozen=True, slots=True)
class Resent:
    """How many messages wait again, and how many stay failed for which reason."""

    resent: int
    left: Mapping[Hindrance, int]


def resend(engine: Engine, message_id: int, why: str, operator: str, now: datetime, *, dry: bool = False) -> None:
    """Let one failed message wait again at `now` (UTC), and record the act; with `dry` only look whether it may. Raises
    NotResent."""
    messages = outbox_again.messages_of([message_id])
    if not messages:
        raise NotResent(f"There is no message {message_id}; `flask post list` shows those that failed.")
    _check_state(messages[0])
    judged = _judge(engine, messages, now)[message_id]
    if isinstance(judged, Hindrance):
        raise NotResent(f"Message {message_id} is not sent again: {WORDS[judged]}.")
    if dry:
        return

    def work(session: Session) -> int:
        changed = outbox_again.put_back(session, [judged], now)
        if changed:
            record_act(session, operator, Act.POST_RESEND, message_subject(message_id), why, {"kind": messages[0].kind})
        return changed

    if not in_one_unit(work):
        raise NotResent(f"Message {message_id} has changed meanwhile; look at it with `flask post show {message_id}`.")
    queueing.deliver_soon()


def failed(auction_id: int | None) -> int:
    """How many messages have failed for good, about one auction or in all."""
    return outbox_listing.count(_failed(auction_id))


def resend_failed(
    engine: Engine,
    auction_id: int | None,
    why: str,
    operator: str,
    now: datetime,
    progress: Callable[[int], None],
    *,
    dry: bool = False,
) -> Resent:
    """Let every failed message wait again at `now` (UTC) that somebody needs, about one auction or all, in windows;
    with `dry` only count them. Records one act, with the first window that changes something; a repeat after an
    interruption does the rest. `progress` is called with how many messages were looked at."""
    left: Counter[Hindrance] = Counter()
    looked_at = resent = 0
    for ids in _windows(auction_id):
        judged = _judge(engine, outbox_again.messages_of(ids), now)
        left.update(each for each in judged.values() if isinstance(each, Hindrance))
        again = [each for each in judged.values() if isinstance(each, Again)]
        resent += len(again) if dry else _put_back(again, auction_id, why, operator, now, is_first=not resent)
        looked_at += len(ids)
        progress(looked_at)
    if resent and not dry:
        queueing.deliver_soon()
    return Resent(resent, left)


def _put_back(
    again: Sequence[Again], auction_id: int | None, why: str, operator: str, now: datetime, *, is_first: bool
) -> int:
    subject = "failed messages" if auction_id is None else auction_subject(auction_id)
    total = failed(auction_id) if is_first else 0

    def work(session: Session) -> int:
        changed = outbox_again.put_back(session, again, now)
        if changed and is_first:
            record_act(session, operator, Act.POST_RESEND, subject, why, {"failed": total})
        return changed

    return in_one_unit(work)


def _failed(auction_id: int | None) -> Wanted:
    return Wanted((MessageState.FAILED,), KINDS, auction_id)


def _windows(auction_id: int | None) -> Iterator[list[int]]:
    """Ids of all failed messages, newest first. One that fails again meanwhile is not met a second time."""
    wanted, after = _failed(auction_id), None
    while ids := outbox_listing.page(wanted, after, WINDOW):
        yield ids
        after = ids[-1]


def _check_state(message: OutboxMessage) -> None:
    """Raises NotResent for a message that has not failed."""
    if message.state is MessageState.FAILED:
        return
    if message.state is MessageState.SENT:
        at = f" at {iso(message.ended_at)}" if message.ended_at else ""
        raise NotResent(f"Message {message.id} was sent{at}, and nothing is sent twice.")
    if message.state is MessageState.DROPPED:
        reason = "mails to its address come back" if message.last_error == BOUNCED else "nobody needs it any more"
        raise NotResent(
            f"Message {message.id} was dropped ({message.last_error}): {reason}; only what failed is sent again."
        )
    raise NotResent(f"Message {message.id} is {message.state} and leaves by itself, once it is due.")


def _judge(engine: Engine, messages: Sequence[OutboxMessage], now: datetime) -> dict[int, Again | Hindrance]:
    """Whether each message may be sent again at `now` (UTC), by their ids. Raises what stores raise while away."""
    about_notices = [each for each in messages if each.source is Source.NOTICE]
    about_accounts = [each for each in messages if each.source is Source.ACCOUNT_MAIL]
    judged = outbox_again.judge_notices(about_notices, now)
    displaced = {each.id: each.reference for each in about_notices if each.kind == NoticeKind.RANK_OUT}
    verdicts = verdicts_now(engine, queue_redis(), set(displaced.values()), now) if displaced else {}
    for message_id, notice_id in displaced.items():
        if isinstance(judged[message_id], Again) and verdicts[notice_id] is Verdict.NEEDLESS:
            judged[message_id] = Hindrance.OVER
    if about_accounts:
        judged |= _judge_account_mails(about_accounts, now)
    to_organisers = [each for each in messages if each.source is Source.AWARD]
    judged |= outbox_again.judge_organiser_mails(to_organisers, lambda each: letter_of(each, now) is not None, now)
    # A code works for five minutes, and whoever still needs one asks for another.
    judged |= {each.id: Hindrance.OVER for each in messages if each.source is Source.PHONE_CODE}
    # Nothing stays open while the caller writes.
    db.session.rollback()
    return judged


def _judge_account_mails(messages: Sequence[OutboxMessage], now: datetime) -> dict[int, Again | Hindrance]:
    mails, newest = outbox_again.account_mails(messages), outbox_again.newest_of_addresses(messages)
    judged: dict[int, Again | Hindrance] = {}
    for message in messages:
        mail = mails.get(message.reference)
        ends_at = mail_links.worth_until(mail, now) if mail else None
        if mail is None:
            judged[message.id] = Hindrance.NO_CAUSE
        elif ends_at is None:
            judged[message.id] = Hindrance.OVER
        elif hashed(mail.email) != message.address_key:
            judged[message.id] = Hindrance.NO_ADDRESS
        elif message.kind in OUTBOX_TERMS and newest[message.kind, message.address_key] != message.id:
            # Anybody may ask for these by typing an address, whose owner shall not get all of them at once.
            judged[message.id] = Hindrance.REPLACED
        else:
            judged[message.id] = Again(message.id, ends_at, mail.email)
    return judged

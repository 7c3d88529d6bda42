"""Finds what is due and queues it: drains, settlements, hand-overs, telling, reminders, messages. Workers decide.

Cron may call it each minute, the watch each second, or both: work that is queued twice is done once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cashticket import redis_keys
from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger import award_queries, queries
from cashticket.locale import to_moment
from cashticket.notify import outbox, push_outbox, sms_outbox
from cashticket.settlement import telling
from cashticket.wiring import queue_redis
from cashticket.work import (
    ending_keys,
    forgotten_mail,
    mail_server,
    push_outcomes,
    queueing,
    rank_outs,
    reminding,
    sms_queueing,
)
from cashticket.work.check.due_checks import whole_due
from cashticket.work.handing_over import is_time_certain
from cashticket.work.leases import Lease
from cashticket.work.watch.ends import differing_ends

COMPARING_ENDS_MS = 60_000
"""How often the ends of auctions that the live store shows are compared with the ledger."""


@dataclass(frozen=True, slots=True)
class Queued:
    """What was queued: ids of auctions to `settle`, to `hand_over`, and whose bidders to `tell` how they ended.

    `drain`, `check`, `rank_outs`, `remind`, `mail`, `push`, `sms` and `forget` are whether a drain, checks of whole
    auctions, the decision about rank-out mails, reminding people, a deliverer of mails, one of pushes, one of SMS, and
    removing the keys of ended auctions was queued.
    """

    drain: bool = False
    settle: list[int] = field(default_factory=list)
    hand_over: list[int] = field(default_factory=list)
    tell: list[int] = field(default_factory=list)
    mail: bool = False
    push: bool = False
    sms: bool = False
    rank_outs: bool = False
    remind: bool = False
    forget: bool = False
    check: bool = False

    @property
    def anything(self) -> bool:
        """Whether any job was queued."""
        one_each = (self.drain, self.mail, self.push, self.sms, self.rank_outs, self.remind, self.forget, self.check)
        return any((*one_each, self.settle, self.hand_over, self.tell))


def queue_due(engine: Engine) -> Queued:
    """Queue what is due by the live store's clock. Raises what stores raise while they are away; then call again."""
    now = datetime.now(UTC)
    try:
        return Queued(
            drain=queueing.ensure_drain(engine),
            hand_over=[each for each in _with_lapses(engine, now) if queueing.lapse_and_offer(each)],
            tell=[auction_id for auction_id in telling.auctions_to_tell() if queueing.tell(auction_id)],
            rank_outs=rank_outs.any_due(now) and queueing.sort_rank_outs(),
            remind=reminding.any_due(now) and queueing.remind(),
            mail=_is_mail_due(now) and queueing.deliver(),
            push=push_outbox.any_due(now) and not push_outcomes.is_pushing() and queueing.push(),
            sms=sms_outbox.any_due(now) and sms_queueing.send(),
            forget=ending_keys.any_due(now) and queueing.forget_ended(),
            check=bool(whole_due(now)) and queueing.check_due(),
            # Last: while the live store is away, everything else is queued all the same.
            settle=[each for each in _to_settle(engine) if queueing.settle(each)],
        )
    finally:
        db.session.remove()


def _with_lapses(engine: Engine, now: datetime) -> Sequence[int]:
    auctions = award_queries.auctions_with_lapses(now)
    return auctions if auctions and is_time_certain(engine, now) else ()


def _to_settle(engine: Engine) -> list[int]:
    """Ids of due auctions, and of those that have ended in the ledger while the live store shows them otherwise."""
    # The jobs of others would wait for their store in vain, and those of these for them.
    answering = engine.stores().keys() - engine.silent()
    rows = queries.due_auctions(to_moment(engine.clock()))
    due = [row.id for row in rows if (row.store or FIRST_STORE) in answering]
    states = queries.states(engine.auctions())
    ended = [auction_id for auction_id, state in states.items() if state.is_end]
    return list(dict.fromkeys([*due, *ended, *_with_another_end(engine)]))


def _with_another_end(engine: Engine) -> list[int]:
    if not Lease(queue_redis(), redis_keys.COMPARING_ENDS, COMPARING_ENDS_MS).hold():
        return []
    try:
        return differing_ends(engine)
    except (StoreUnavailable, OutcomeUnknown):
        # All that ended lately are in a store that is away: what is due in the others is queued all the same.
        return []


def _is_mail_due(now: datetime) -> bool:
    """Whether mail is due that nobody sends: its deliverer died, or the queue store was away when it was stored."""
    if queueing.is_delivering() or mail_server.is_paused():
        return False
    return outbox.any_due(now) or forgotten_mail.any_forgotten(now)

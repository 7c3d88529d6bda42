"""Finds what is due and queues it: drains, settlements, hand-overs and mails. Workers decide and do the work.

Cron may call it each minute, the watch each second, or both: work that is queued twice is done once.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger import award_queries, notice_queries, queries
from cashticket.locale import to_moment
from cashticket.notify import account_mails
from cashticket.wiring import queue
from cashticket.work import queueing, rank_outs

# A younger notice was queued by whoever wrote it; an older one is no longer worth a mail.
MAIL_AGE_MIN = timedelta(seconds=60)
MAIL_AGE_MAX = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Queued:
    """What was queued: ids of auctions to `settle` and to `hand_over`, ids of notices to `mail`.

    `drain` and `rank_outs` are whether a drain, and the decision about rank-out mails, was queued.
    """

    drain: bool = False
    settle: list[int] = field(default_factory=list)
    hand_over: list[int] = field(default_factory=list)
    mail: list[int] = field(default_factory=list)
    rank_outs: bool = False

    @property
    def anything(self) -> bool:
        """Whether any job was queued."""
        return bool(self.drain or self.settle or self.hand_over or self.mail or self.rank_outs)


def queue_due(engine: Engine) -> Queued:
    """Queue what is due by the live store's clock. Raises what stores raise while they are away; then call again."""
    now = datetime.now(UTC)
    # Mail is looked for only while none waits; otherwise every round would queue the same mails again.
    mail_is_idle = not queue("mail").count
    try:
        return Queued(
            drain=queueing.ensure_drain(),
            settle=[auction_id for auction_id in _to_settle(engine) if queueing.settle(auction_id)],
            hand_over=[
                auction_id
                for auction_id in award_queries.auctions_with_lapses(now)
                if queueing.lapse_and_offer(auction_id)
            ],
            rank_outs=mail_is_idle and rank_outs.any_due(now) and queueing.sort_rank_outs(),
            mail=_queue_forgotten_mail(now) if mail_is_idle else [],
        )
    finally:
        db.session.remove()


def _to_settle(engine: Engine) -> list[int]:
    """Ids of due auctions, and of those that the ledger has settled while the live store still shows them as live."""
    due = [row.id for row in queries.due_auctions(to_moment(engine.clock()))]
    states = queries.states(engine.auctions())
    return due + [auction_id for auction_id, state in states.items() if state.is_end]


def _queue_forgotten_mail(now: datetime) -> list[int]:
    """Queue mails that nobody queued or that could not be sent. Returns the ids of their notices."""
    after, before = now - MAIL_AGE_MAX, now - MAIL_AGE_MIN
    notice_ids = list(notice_queries.unmailed_between(after=after, before=before))
    queueing.deliver(notice_ids)
    queueing.deliver_account_mails(account_mails.unmailed(before=before, after=after))
    return notice_ids

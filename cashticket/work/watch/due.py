"""The closing watch: looks what is due and puts it on the queues. It decides nothing and does nothing itself.

Cron may call it each minute, the watch each second, both at once: what is queued twice is done once.
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

# A fresh notice has been queued by whoever wrote it; a very old one is no news any more.
MAIL_AFTER = timedelta(seconds=60)
MAIL_UNTIL = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Queued:
    """What one look put on the queues: ids of auctions, and of notices to mail. `rank_outs` is the look at who was
    pushed out and is away."""

    drain: bool = False
    settle: list[int] = field(default_factory=list)
    hand_over: list[int] = field(default_factory=list)
    mail: list[int] = field(default_factory=list)
    rank_outs: bool = False

    @property
    def anything(self) -> bool:
        return bool(self.drain or self.settle or self.hand_over or self.mail or self.rank_outs)


def look(engine: Engine) -> Queued:
    """Queue a drain if none lives, settlements whose time has come by the live store's clock, hand-overs, mails.

    Raises what a store raises while it is away; nothing is lost by that, the next look finds the same.
    """
    # Mail is looked for while none waits: otherwise what waits would be queued again and again.
    mail_rests = not queue("mail").count
    try:
        return Queued(
            drain=queueing.ensure_drain(),
            settle=[auction_id for auction_id in _to_settle(engine) if queueing.settle(auction_id)],
            hand_over=[
                auction_id
                for auction_id in award_queries.auctions_with_lapses(datetime.now(UTC))
                if queueing.lapse_and_offer(auction_id)
            ],
            rank_outs=mail_rests and rank_outs.any_due(datetime.now(UTC)) and queueing.sort_rank_outs(),
            mail=_forgotten_mail() if mail_rests else [],
        )
    finally:
        db.session.remove()


def _to_settle(engine: Engine) -> list[int]:
    """Due auctions, and those that the ledger has settled while the live store still serves them as live."""
    due = [row.id for row in queries.due_auctions(to_moment(engine.clock()))]
    states = queries.states(engine.auctions())
    return due + [auction_id for auction_id, state in states.items() if state.is_end]


def _forgotten_mail() -> list[int]:
    now = datetime.now(UTC)
    found = list(notice_queries.unmailed_between(after=now - MAIL_UNTIL, before=now - MAIL_AFTER))
    queueing.deliver(found)
    queueing.deliver_account_mails(account_mails.unmailed(before=now - MAIL_AFTER, after=now - MAIL_UNTIL))
    return found

"""Telling all bidders how an auction ended, in short runs, so that settlements and hand-overs never wait for it.

After a crash, or while a store was away, the watch queues the rest again. Several runs at once are harmless.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.ledger import queries
from cashticket.ledger.recording import record_waiting
from cashticket.models.columns import utcnow
from cashticket.settlement import telling
from cashticket.settlement.voiding import rank_voided
from cashticket.work import queueing

RUN_SECONDS = 2.0
"""A run ends after this long, so that other jobs of its queue get their turn; it queues the next one."""


def tell(engine: Engine, auction_id: int, stop: threading.Event, seconds: float = RUN_SECONDS) -> bool:
    """Tell bidders of an auction that ended, for about `seconds`. Returns whether more are to be told.

    Raises what stores raise while they are away, and LedgerGap: call again later.
    """
    finish_voided(engine, auction_id)
    ends_at = time.monotonic() + seconds
    while telling.tell_batch(auction_id, utcnow()):
        queueing.deliver_soon()
        if stop.is_set() or time.monotonic() >= ends_at:
            return True
    return False


def tell_all(engine: Engine, auction_id: int, progress: Callable[[int, int], None]) -> int:
    """Tell all bidders of an auction that ended, in this process. Returns how many it told; others may be at it too.

    Calls `progress` after each batch with how many are done, and how many were to do at the start.
    """
    finish_voided(engine, auction_id)
    total, done = telling.count_untold(auction_id), 0
    while count := telling.tell_batch(auction_id, utcnow()):
        done += count
        progress(done, max(done, total))
    queueing.deliver_soon()
    return done


def finish_voided(engine: Engine, auction_id: int) -> None:
    """Record the last bids of a voided auction, end it in the live store and store its final ranks.

    Also if its ranks count already: whoever voided a settled auction may have died before the live store was told.
    """
    row = queries.auction(auction_id)
    if row is None or row.state is not State.VOIDED or row.telling_since is None:
        return
    with suppress(UnknownAuction):
        record_all(engine, auction_id)
        engine.finish(auction_id, State.VOIDED)
        record_all(engine, auction_id)
    rank_voided(auction_id)


def record_all(engine: Engine, auction_id: int) -> None:
    """Record every bid that waits. Raises LedgerGap and what stores raise while they are away."""
    while record_waiting(engine, auction_id):
        pass

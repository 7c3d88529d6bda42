"""Closing: end bidding, record what waits, settle from the ledger alone, show the result. Every step may be repeated.

The due auctions of one concert settle one after the other, in the order in which they ended.
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from cashticket.auction.values import State
from cashticket.engine.interface import Beat, Closing, Engine, OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.engine.windows import whole_order
from cashticket.extensions import db
from cashticket.ledger import check_marks, queries
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.outages import recorded_ends
from cashticket.ledger.recording import record_end, record_waiting
from cashticket.models.columns import utcnow
from cashticket.settlement import telling
from cashticket.settlement.readiness import NotReady
from cashticket.settlement.settle import Settled, settle
from cashticket.work import queueing, refusals, settlement_outcomes
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.giving_back import give_back
from cashticket.work.handing_over import holders_now

log = logging.getLogger(__name__)

ASKING_SECONDS, DOUBT_SECONDS_MAX = 0.2, 8.0


def close_and_settle(engine: Engine, auction_id: int, clock: Callable[[], datetime] = utcnow) -> None:
    """If bidding is over, settle every auction of the concert that ended earlier, then this one. Purchase windows begin
    at the time of `clock`; that of the live store may have made a step.

    Raises LookupError for an auction that the ledger does not know, UnknownAuction for one that the live store does not
    know, LedgerGap, and what stores raise while they are away: call again later.
    """
    row = queries.auction(auction_id)
    if row is None:
        raise LookupError(f"there is no auction {auction_id} in the ledger")
    if row.state.is_end:
        # A crash after the commit may have left the live store behind.
        _show_end(engine, auction_id, row.state)
        return
    closings = _end_bidding(engine, row.concert_id, auction_id)
    for ended_id in _ended_through(closings, auction_id):
        if isinstance(_settle(engine, ended_id, closings[ended_id], clock), NotReady):
            break


def close_and_announce(engine: Engine, auction_id: int) -> None:
    """Run `close_and_settle` and see to it that everybody is told. Raises what that raises."""
    close_and_settle(engine, auction_id)
    queueing.deliver_soon()
    for ended_id in telling.auctions_to_tell():
        queueing.tell_soon(ended_id)


def _end_bidding(engine: Engine, concert_id: int, auction_id: int) -> dict[int, Closing]:
    """Close and record every auction of the concert whose end has come. Returns how each was closed. Time in which the
    live store was away is given back first."""
    unfinished_ids = [row.id for row in queries.auctions_of(concert_id) if not row.state.is_end]
    db.session.remove()
    closings = {}
    for unfinished_id in unfinished_ids:
        try:
            closing = _close(engine, unfinished_id)
            if closing.closed:
                while record_waiting(engine, unfinished_id):
                    pass
                record_end(unfinished_id, closing.ends_at_ms, closing.sequence)
                closings[unfinished_id] = closing
        except (UnknownAuction, LedgerGap, StoreUnavailable, OutcomeUnknown):
            # The job of another auction reports its trouble, such as its own live store being away; settlement itself
            # keeps the order.
            if unfinished_id == auction_id:
                raise
    return closings


def _beat_without_doubt(engine: Engine) -> Beat:
    """After a time without beats, wait until those who ask the live store each second have said whether it was away."""
    deadline = time.monotonic() + DOUBT_SECONDS_MAX
    while (beat := engine.beat()).is_doubtful and time.monotonic() < deadline:
        time.sleep(ASKING_SECONDS)
    return beat


def _close(engine: Engine, auction_id: int) -> Closing:
    end = recorded_ends([auction_id]).get(auction_id)
    db.session.remove()
    engine = engine.of(auction_id)
    beat = _beat_without_doubt(engine)
    # An end that came while the live store was away has not come: this job may be the first to ask afterwards.
    if end is not None and beat.silences:
        give_back(engine, auction_id, beat.silences, end)
        db.session.remove()
    return engine.close(auction_id, known_ms=beat.taken_ms if beat.is_doubtful else beat.now_ms)


def _ended_through(closings: dict[int, Closing], auction_id: int) -> list[int]:
    """The ended auctions in settling order, up to this one; none if this one has not ended."""
    order = sorted(closings, key=lambda ended_id: (closings[ended_id].ends_at_ms, ended_id))
    return order[: order.index(auction_id) + 1] if auction_id in closings else []


def _settle(engine: Engine, auction_id: int, closing: Closing, clock: Callable[[], datetime]) -> Settled | NotReady:
    # Whatever happens from here on, the watch finds that the settled auction is to be checked whole.
    check_marks.ensure([auction_id])
    began_at = time.monotonic()
    order, now = whole_order(engine, auction_id), clock()
    outcome = settle(auction_id, order, closing.sequence, now, expired_by=holders_now(engine, now))
    refusals.remember(auction_id, outcome)
    settlement_outcomes.count(outcome, time.monotonic() - began_at)
    if isinstance(outcome, Settled):
        _show_end(engine, auction_id, State.SETTLED)
        queueing.check_due_soon()
    return outcome


@renewing_pages()
def _show_end(engine: Engine, auction_id: int, state: State) -> None:
    # Its keys may have left the live store meanwhile.
    with suppress(UnknownAuction):
        engine.finish(auction_id, state)

"""Closing time: end bidding, record what waits, settle from the ledger alone, show it. Repeat-safe at every step.

The due auctions of one concert settle one after the other, in the order in which they ended.
"""

import logging

from cashticket.auction.values import State
from cashticket.engine.interface import Closing, Engine, UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import notice_queries, queries
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.recording import record_end, record_waiting
from cashticket.locale import to_moment
from cashticket.settlement.readiness import NotReady
from cashticket.settlement.settle import Settled, settle
from cashticket.work import queueing
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.check.compare import check
from cashticket.work.outages import AWAY

log = logging.getLogger(__name__)


def close_and_settle(engine: Engine, auction_id: int) -> list[int]:
    """Settle this auction, and before it every auction of its concert that ended earlier, if bidding is over.

    Answers the ids of notices to mail. Raises LookupError for an auction the ledger does not know, UnknownAuction for
    one the live store does not know, LedgerGap, and whatever a store raises while it is away: then call again.
    """
    found = queries.auction(auction_id)
    if found is None:
        raise LookupError(f"there is no auction {auction_id} in the ledger")
    if found.state.is_end:
        return _finish(engine, auction_id, found.state)
    ended = _end_bidding(engine, found.concert_id, auction_id)
    notices: list[int] = []
    for earlier_or_own in _through(ended, auction_id):
        outcome = _settle(engine, earlier_or_own, ended[earlier_or_own])
        if isinstance(outcome, NotReady):
            break
        notices += outcome.notification_ids
    return notices


def close_and_announce(engine: Engine, auction_id: int) -> None:
    """Run `close_and_settle` and queue the mails of its notices. Raises what that raises."""
    queueing.deliver_soon(close_and_settle(engine, auction_id))


def _end_bidding(engine: Engine, concert_id: int, auction_id: int) -> dict[int, Closing]:
    """Close every auction of the concert whose end has come and record its last bids; those that are over."""
    unfinished = [row.id for row in queries.auctions_of(concert_id) if not row.state.is_end]
    db.session.remove()
    ended = {}
    for each in unfinished:
        try:
            closing = engine.close(each)
            if closing.closed:
                while record_waiting(engine, each):
                    pass
                record_end(each, closing.ends_at_ms, closing.sequence)
                ended[each] = closing
        except (UnknownAuction, LedgerGap):
            # Another auction's trouble is told by its own job; settlement itself keeps the order.
            if each == auction_id:
                raise
    return ended


def _through(ended: dict[int, Closing], auction_id: int) -> list[int]:
    """The ended auctions in the order in which they settle, up to this one; none when this one has not ended."""
    order = sorted(ended, key=lambda each: (ended[each].ends_at_ms, each))
    return order[: order.index(auction_id) + 1] if auction_id in ended else []


def _settle(engine: Engine, auction_id: int, closing: Closing) -> Settled | NotReady:
    now = to_moment(engine.clock())
    outcome = settle(auction_id, engine.order(auction_id), closing.sequence, now)
    if isinstance(outcome, Settled):
        _show_end(engine, auction_id, State.SETTLED)
        _tell_faults(engine, auction_id)
    return outcome


def _finish(engine: Engine, auction_id: int, state: State) -> list[int]:
    """A crash after the commit left the live store behind: show there what the ledger says."""
    _show_end(engine, auction_id, state)
    return list(notice_queries.unmailed_of(auction_id))


@renewing_pages()
def _show_end(engine: Engine, auction_id: int, state: State) -> None:
    engine.finish(auction_id, state)


def _tell_faults(engine: Engine, auction_id: int) -> None:
    """Look at what was settled once more. It stays as it is: an operator decides about what contradicts the law."""
    try:
        findings = check(engine, auction_id).findings
    except AWAY as error:
        log.warning("auction %s was settled and could not be checked: %s", auction_id, type(error).__name__)
        return
    finally:
        db.session.remove()
    for finding in findings:
        log.error("auction %s was settled unsoundly: %s %s", auction_id, finding.invariant, finding.sentence)

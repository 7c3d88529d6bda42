"""Time without bids is given back in the live store, and the ledger keeps it: when an auction is resumed, and after the
store was away without a pause."""

import logging
from collections.abc import Iterable

import redis

from cashticket.auction.outages import Outage, Silence, Stop, longest_part, needs_operator, stopped_at
from cashticket.auction.values import Entry
from cashticket.engine.interface import Engine, Snapshot, Status
from cashticket.engine.pauses import OVERDUE
from cashticket.ledger import outages
from cashticket.ledger.bid_windows import moments_between
from cashticket.ledger.outages import RecordedEnd
from cashticket.work import orders_taken
from cashticket.work.cached_pages import renewing_pages

log = logging.getLogger(__name__)

WAITING_MAX = 2_000
"""Entries that wait for the ledger and are looked at for bids within a silence. They stand at its edges."""


def resume(
    engine: Engine,
    auction_id: int,
    reason: str,
    checked_on: str = "",
    known_ms: int | None = None,
    end: RecordedEnd | None = None,
) -> bool:
    """Take bids again, if paused for exactly this reason, and record the outage. Returns whether it was.

    `known_ms` is the last moment at which the auction is known to have taken orders, `end` what the ledger has. Raises
    UnknownAuction, and what stores raise while they are away: the watch records what is missing in the ledger then.
    """
    before = _last_outage(engine, auction_id)
    ends = (end.deadline_ms, end.ends_at_ms) if end else ()
    if not engine.resume(auction_id, reason, checked_on, known_ms, *ends):
        return False
    after = _last_outage(engine, auction_id)
    if after is not None and after != before:
        _record(auction_id, after)
    return True


def give_back(engine: Engine, auction_id: int, silences: Iterable[Silence], end: RecordedEnd) -> None:
    """Give an auction those `silences` of the live store back that it lost, and record them. If that is more than its
    end may move, it is paused for an operator (OVERDUE). Repeating it changes nothing. Raises UnknownAuction, and what
    stores raise while they are away."""
    for silence in silences:
        board = engine.read(auction_id)
        part = longest_part(silence, _accepted_ms(engine, board, silence))
        if part is None:
            continue
        # The one that the next takes the place of in the live store.
        record_last_outage(engine, auction_id)
        stop = Stop(part.began_ms, board.ends_at_ms)
        if engine.give_back(auction_id, part, end.deadline_ms, end.ends_at_ms):
            record_last_outage(engine, auction_id)
            if needs_operator(board.terms, stop, part.ended_ms, end.deadline_ms):
                log.error("auction %s: more time was lost than its end may move: extend it, then resume it", auction_id)
                engine.pause(auction_id, OVERDUE, instead_of=board.paused)


def is_for_operator(board: Snapshot, known_ms: int | None, deadline_ms: int | None) -> bool:
    """Whether a paused auction has lost more time than its end may move by itself."""
    at_ms = stopped_at(board.stopped_ms, known_ms, board.last_ms, board.now_ms)
    stop = Stop(at_ms, board.ends_at_ms if board.stopped_end_ms is None else board.stopped_end_ms)
    return needs_operator(board.terms, stop, board.now_ms, deadline_ms)


def resume_as_recorded(engine: Engine, client: redis.Redis, auction_id: int, reason: str, checked_on: str) -> bool:
    """`resume` with what the queue store (`client`) knows of the last orders and the ledger of the concert."""
    known_ms = orders_taken.taken_ms(client, auction_id)
    return resume(engine, auction_id, reason, checked_on, known_ms, outages.recorded_ends([auction_id]).get(auction_id))


def deadline_ms(auction_id: int) -> int | None:
    """The latest end (ms) that the concert of an auction allows; None for an auction that the ledger does not know."""
    end = outages.recorded_ends([auction_id]).get(auction_id)
    return end.deadline_ms if end else None


def record_last_outage(engine: Engine, auction_id: int) -> None:
    """Record the last outage that the live store knows, if it knows the auction and the ledger has none that late."""
    status, end = engine.statuses([auction_id]).get(auction_id), outages.recorded_ends([auction_id]).get(auction_id)
    if status is not None and end is not None:
        record_outage(auction_id, status, end)


def record_outage(auction_id: int, status: Status, end: RecordedEnd) -> None:
    """Record the last outage that the live store knows, if the ledger has none that late."""
    if status.outage is not None and status.outage.ended_ms > end.outage_ended_ms:
        _record(auction_id, status.outage)


def _accepted_ms(engine: Engine, board: Snapshot, silence: Silence) -> list[int]:
    """When bids of the auction were accepted during a silence."""
    if board.last_ms <= silence.began_ms:
        return []
    waiting = engine.peek(board.terms.auction_id, WAITING_MAX)
    waiting_ms = [entry.at_ms for entry in waiting if isinstance(entry, Entry)]
    return [*moments_between(board.terms.auction_id, silence.began_ms, silence.ended_ms), *waiting_ms]


@renewing_pages()
def _record(auction_id: int, outage: Outage) -> None:
    if outages.record(auction_id, outage):
        log.warning(
            "auction %s: its end moved by %.1f s, as long as it took no bids (%s)",
            auction_id,
            outage.moved_ms / 1000,
            outage.reason,
        )


def _last_outage(engine: Engine, auction_id: int) -> Outage | None:
    status = engine.statuses([auction_id]).get(auction_id)
    return status.outage if status else None

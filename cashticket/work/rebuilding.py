"""Rebuilding: an auction that the live store lost, or has wrongly, comes back from the ledger and what its list holds.

First everything that waits in the list is recorded. Then the numbers that were given and are nowhere are given up as a
row of their own: exactly those that the store remembers, or, when it remembers nothing, as many as can ever wait. Only
then is the store given the auction, paused until a check has found both sides equal. A crash anywhere is mended by
rebuilding again.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cashticket.auction.values import SEQUENCE_MAX, Entry, State
from cashticket.engine.interface import (
    OVERDUE,
    RESTORING,
    UNSOUND,
    Engine,
    Restoration,
    Snapshot,
    UnknownAuction,
)
from cashticket.errors import OperatorError
from cashticket.ledger import gaps, queries
from cashticket.ledger.bid_rows import entry_of
from cashticket.ledger.fence import Contradiction, LedgerGap
from cashticket.ledger.operator_acts import rebuild_count
from cashticket.ledger.recording import record_waiting
from cashticket.ledger.setting_aside import set_aside_contradiction
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_ms
from cashticket.models import Auction
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.check.compare import check
from cashticket.work.check.findings import Finding

log = logging.getLogger(__name__)

VERSIONS_BESIDE_BIDS = 1_000
"""Changes of an auction that are neither a bid nor a record: far more pauses and extensions than there will be before
it is rebuilt, or rebuilt again."""


class NotRebuildable(OperatorError):
    """The auction is not rebuilt."""


@dataclass(slots=True)
class Rebuilt:
    """What came back. `given_up` are (first, last) of the numbers lost now; `paused` is why no bids are taken, ''."""

    auction_id: int
    recorded: int = 0
    replayed: int = 0
    set_aside: int = 0
    given_up: list[tuple[int, int]] = field(default_factory=list)
    paused: str = ""
    findings: list[Finding] = field(default_factory=list)


@renewing_pages()
def rebuild(
    engine: Engine,
    auction_id: int,
    *,
    replace: bool,
    backlog_max: int,
    account_for: Callable[[dict[str, Any]], None],
) -> Rebuilt:
    """Give the live store the auction as the ledger has it. `account_for` keeps what is about to be done, before the
    store is changed. Raises NotRebuildable, and what stores raise while away: then simply call again."""
    snapshot = _present(engine, auction_id)
    _check_may(queries.auction(auction_id), auction_id, snapshot, replace)
    if snapshot is not None:
        snapshot = _held(engine, snapshot)
    done = Rebuilt(auction_id)
    _record_everything(engine, done)
    row = _fresh(auction_id)
    through = _last_number_given(engine, row, snapshot, backlog_max)
    _give_up(done, through, "the live store lost what it had accepted after the last recorded bid")
    row = _fresh(auction_id)
    restoration = _restoration(row, snapshot)
    done.recorded = len(restoration.bids)
    account_for({"recorded": done.recorded, "replayed": done.replayed, "given_up": done.given_up})
    try:
        engine.restore(restoration)
    except ValueError as error:
        raise NotRebuildable(f"Somebody else rebuilds auction {auction_id}, or bids arrive: {error}.") from error
    _let_go_on(engine, row, done)
    return done


def _present(engine: Engine, auction_id: int) -> Snapshot | None:
    try:
        return engine.read(auction_id)
    except UnknownAuction:
        return None


def _check_may(row: Auction | None, auction_id: int, snapshot: Snapshot | None, replace: bool) -> None:
    if row is None:
        raise NotRebuildable(f"There is no auction {auction_id} in the ledger; `flask auction list` shows them.")
    if row.state.is_end:
        raise NotRebuildable(f"Auction {auction_id} is {row.state}: the ledger alone counts, nothing is rebuilt.")
    if snapshot is not None and snapshot.paused != RESTORING and not replace:
        raise NotRebuildable(
            f"The live store still has auction {auction_id}; `flask auction check {auction_id}` compares the two. "
            "Rebuilding replaces it by what the ledger has: add --yes if that is meant."
        )


def _held(engine: Engine, snapshot: Snapshot) -> Snapshot:
    """Take no bids from now on; the board after the last one."""
    auction_id = snapshot.terms.auction_id
    if snapshot.paused != RESTORING and snapshot.state in (State.SCHEDULED, State.OPEN, State.CLOSING):
        engine.pause(auction_id, RESTORING, instead_of=snapshot.paused)
    held = engine.read(auction_id)
    if held.paused not in (RESTORING, "") or (not held.paused and held.state in (State.SCHEDULED, State.OPEN)):
        raise NotRebuildable(f"Auction {auction_id} was paused or resumed by somebody else just now; try again.")
    return held


def _fresh(auction_id: int) -> Auction:
    queries.forget()
    row = queries.auction(auction_id)
    assert row is not None, "auctions are never deleted"
    return row


def _record_everything(engine: Engine, done: Rebuilt) -> None:
    """Empty the list into the ledger; what lies between the two and is nowhere is given up."""
    while True:
        try:
            moved = record_waiting(engine, done.auction_id)
            done.replayed += moved
            if not moved and not engine.peek(done.auction_id, 1):
                return
        except Contradiction as error:
            set_aside_contradiction(done.auction_id, error.entries)
            done.set_aside += len(error.entries)
            engine.trim(done.auction_id, max(entry.sequence for entry in error.entries))
        except LedgerGap:
            head = engine.peek(done.auction_id, 1)
            if not head or not isinstance(head[0], Entry):
                raise
            _give_up(done, head[0].sequence - 1, "neither in the ledger nor in the list of the live store")


def _give_up(done: Rebuilt, through: int, reason: str) -> None:
    if gap := gaps.give_up(done.auction_id, through, reason):
        done.given_up.append((gap.first, gap.last))


def _last_number_given(engine: Engine, row: Auction, snapshot: Snapshot | None, backlog_max: int) -> int:
    """The last number that anybody may hold a receipt for."""
    recorded = row.recorded_sequence
    if snapshot is not None and snapshot.sequence >= recorded:
        return snapshot.sequence
    if snapshot is None and recorded == 0 and engine.clock() < to_ms(row.opens_at):
        return 0
    return min(SEQUENCE_MAX, recorded + backlog_max)


def _restoration(row: Auction, snapshot: Snapshot | None) -> Restoration:
    bids = [entry_of(bid) for bid in queries.bids(row.id)]
    shown = 2 * row.recorded_sequence + VERSIONS_BESIDE_BIDS * (1 + rebuild_count(row.id))
    ends = [to_ms(row.ends_at), *(bid.ends_at_ms for bid in bids[-1:])]
    closing = row.state is State.CLOSING
    return Restoration(
        terms=terms_of(row),
        bids=bids,
        sequence=row.recorded_sequence,
        ends_at_ms=ends[0] if closing else max(ends),
        version=max(shown, snapshot.version if snapshot else 0) + 1,
        state=State.CLOSING if closing else State.OPEN,
        paused="" if closing else RESTORING,
    )


def _let_go_on(engine: Engine, row: Auction, done: Rebuilt) -> None:
    """Bids again, unless the check finds a fault or the end came meanwhile."""
    store = engine.condition().identity
    report = check(engine, row.id)
    done.findings = report.findings
    board = engine.read(row.id)
    if board.paused != RESTORING:
        return
    if report.stops_bidding:
        done.paused = UNSOUND
    elif board.now_ms >= board.ends_at_ms:
        done.paused = OVERDUE
    if done.paused:
        engine.pause(row.id, done.paused, instead_of=RESTORING)
    else:
        engine.resume(row.id, RESTORING, store)

"""Rebuilding: gives the live store an auction again, from the ledger and from what still waits in its list.

Waiting entries are recorded first. Sequence numbers that were given out and are found nowhere are then given up as a
row: those up to the store's last number, or, if the store lost that too, as many as can ever wait. Then the store gets
the auction, paused until a check finds both stores equal. After a crash at any point, rebuild again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cashticket.auction.values import Entry, State
from cashticket.engine.interface import Engine, Snapshot, UnknownAuction
from cashticket.engine.pauses import OVERDUE, RESTORING, UNSOUND
from cashticket.errors import OperatorError
from cashticket.ledger import bid_windows, gaps, queries
from cashticket.ledger.fence import Contradiction, LedgerGap
from cashticket.ledger.recording import record_waiting
from cashticket.ledger.setting_aside import set_aside_contradiction
from cashticket.models import Auction
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.check.findings import Finding
from cashticket.work.check.reading import Progress, silent
from cashticket.work.check.verdicts import check_all
from cashticket.work.restoration import last_sequence_given, restoration_of

BIDDABLE = (State.SCHEDULED, State.OPEN)


class NotRebuildable(OperatorError):
    """The auction is not rebuilt."""


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did: how many bids the store got, entries it recorded first, and entries it set aside.

    `given_up` holds (first, last) of the sequence numbers lost now. `paused` is why no bids are taken, '' for none.
    """

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
    progress: Progress = silent,
) -> Rebuilt:
    """Give the live store the auction as the ledger has it; `replace` allows it although the store still has it.

    `account_for` records what is about to be done, before the store is changed. `progress` is told of every window of
    bids. Raises NotRebuildable, and what stores raise while they are away: call again later.
    """
    snapshot = _read(engine, auction_id)
    _check_rebuildable(queries.auction(auction_id), auction_id, snapshot, replace)
    snapshot = snapshot and _hold(engine, snapshot)
    rebuilt = Rebuilt(auction_id)
    _record_all(engine, rebuilt)
    last = last_sequence_given(engine, _fresh(auction_id), snapshot, backlog_max)
    _give_up(rebuilt, last, "the live store lost what it had accepted after the last recorded bid")
    restoration = restoration_of(row := _fresh(auction_id), snapshot, progress)
    rebuilt.recorded = bid_windows.bid_count(auction_id)
    account_for({"recorded": rebuilt.recorded, "replayed": rebuilt.replayed, "given_up": rebuilt.given_up})
    try:
        engine.restore(restoration)
    except ValueError as error:
        raise NotRebuildable(f"Somebody else rebuilds auction {auction_id}, or bids arrive: {error}.") from error
    _check_and_resume(engine, row, rebuilt, progress)
    return rebuilt


def _read(engine: Engine, auction_id: int) -> Snapshot | None:
    try:
        return engine.read(auction_id)
    except UnknownAuction:
        return None


def _check_rebuildable(row: Auction | None, auction_id: int, snapshot: Snapshot | None, replace: bool) -> None:
    if row is None:
        raise NotRebuildable(f"There is no auction {auction_id} in the ledger; `flask auction list` shows them.")
    if row.state.is_end:
        raise NotRebuildable(f"Auction {auction_id} is {row.state}: the ledger alone counts, nothing is rebuilt.")
    if snapshot is not None and snapshot.paused != RESTORING and not replace:
        raise NotRebuildable(
            f"The live store still has auction {auction_id}; `flask auction check {auction_id}` compares the two. "
            "Rebuilding replaces it by what the ledger has: add --yes if that is meant."
        )


def _hold(engine: Engine, snapshot: Snapshot) -> Snapshot:
    """Stop bidding, and return the state after the last bid."""
    auction_id = snapshot.terms.auction_id
    if snapshot.paused != RESTORING and snapshot.state in (*BIDDABLE, State.CLOSING):
        engine.pause(auction_id, RESTORING, instead_of=snapshot.paused)
    held = engine.read(auction_id)
    if held.paused not in (RESTORING, "") or (not held.paused and held.state in BIDDABLE):
        raise NotRebuildable(f"Auction {auction_id} was paused or resumed by somebody else just now; try again.")
    return held


def _fresh(auction_id: int) -> Auction:
    queries.forget()
    row = queries.auction(auction_id)
    assert row is not None, "auctions are never deleted"
    return row


def _record_all(engine: Engine, rebuilt: Rebuilt) -> None:
    """Record every waiting entry; give up numbers missing between ledger and list, set contradictions aside."""
    while True:
        try:
            moved = record_waiting(engine, rebuilt.auction_id)
            rebuilt.replayed += moved
            if not moved and not engine.peek(rebuilt.auction_id, 1):
                return
        except Contradiction as error:
            set_aside_contradiction(rebuilt.auction_id, error.entries)
            rebuilt.set_aside += len(error.entries)
            engine.trim(rebuilt.auction_id, max(entry.sequence for entry in error.entries))
        except LedgerGap:
            head = engine.peek(rebuilt.auction_id, 1)
            if not head or not isinstance(head[0], Entry):
                raise
            _give_up(rebuilt, head[0].sequence - 1, "neither in the ledger nor in the list of the live store")


def _give_up(rebuilt: Rebuilt, through: int, reason: str) -> None:
    if gap := gaps.give_up(rebuilt.auction_id, through, reason):
        rebuilt.given_up.append((gap.first, gap.last))


def _check_and_resume(engine: Engine, row: Auction, rebuilt: Rebuilt, progress: Progress) -> None:
    """Take bids again, unless the check finds a fault or the end has passed."""
    # Read before the check: a store that restarts during it must be checked again.
    identity = engine.condition().identity
    report = check_all(engine, row.id, lambda step, done, total: progress(f"{step} checked", done, total), rebuilt=True)
    rebuilt.findings = report.findings
    board = engine.read(row.id)
    if board.paused != RESTORING:
        return
    if report.stops_bidding:
        rebuilt.paused = UNSOUND
    elif board.now_ms >= board.ends_at_ms:
        rebuilt.paused = OVERDUE
    if rebuilt.paused:
        engine.pause(row.id, rebuilt.paused, instead_of=RESTORING)
    else:
        engine.resume(row.id, RESTORING, identity)

"""Rebuilding: gives the live store an auction again, from the ledger and from what still waits in its list.

Waiting entries and bids that witnesses hold are recorded first. Sequence numbers that were given out and are found
nowhere are then given up as a row: those up to the last number that live store or witnesses know, or, where nobody
remembers it, as many as can ever wait. Then the store gets the auction, paused until a check finds both stores equal.
After a crash at any point, rebuild again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, Restoration, Snapshot, UnknownAuction
from cashticket.engine.pauses import OPERATOR, OVERDUE, RESTORING, UNSOUND
from cashticket.errors import OperatorError
from cashticket.ledger import bid_windows, queries
from cashticket.ledger.accounted import note_accounted
from cashticket.ledger.operator_acts import is_paused_by_operator
from cashticket.models import Auction
from cashticket.wiring import queue_redis
from cashticket.witness.testimony import Testimony
from cashticket.work import orders_taken
from cashticket.work.accounting import held_by_witnesses, was_witnessed
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.check.findings import Finding
from cashticket.work.check.reading import Progress, silent
from cashticket.work.check.verdicts import check_all
from cashticket.work.giving_back import deadline_ms, is_for_operator, record_last_outage, resume_as_recorded
from cashticket.work.held_bids import HeldBids
from cashticket.work.lost_auctions import require_address
from cashticket.work.restoration import last_sequence_given, restoration_of
from cashticket.work.watch.untold_people import UntoldPeople
from cashticket.work.witnesses import NOBODY, still_silent

BIDDABLE = (State.SCHEDULED, State.OPEN)


class NotRebuildable(OperatorError):
    """The auction is not rebuilt."""


@dataclass(slots=True)
class Rebuilt:
    """What a rebuild did: how many bids the store got, how many it recorded first from the list (`replayed`) and from
    witnesses (`witnessed`), and how many entries it set aside.

    `given_up` holds (first, last) of the sequence numbers lost now, `bids_given_up` counts answered bids whose number
    belongs to another bid. `paused` is why no bids are taken, '' for none.
    """

    auction_id: int
    recorded: int = 0
    replayed: int = 0
    witnessed: int = 0
    set_aside: int = 0
    given_up: list[tuple[int, int]] = field(default_factory=list)
    bids_given_up: int = 0
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
    testimony: Testimony = NOBODY,
    progress: Progress = silent,
) -> Rebuilt:
    """Give the live store the auction as the ledger has it; `replace` allows it although the store still has it.

    `account_for` records what is about to be done, before the store is changed. `testimony` is what witnesses know.
    `progress` is told of every window of bids. Raises NotRebuildable, and what stores raise while they are away.
    """
    if row := queries.auction(auction_id):
        require_address(engine, row)
    everywhere, engine = engine, engine.of(auction_id)
    snapshot = _checked_and_held(engine, auction_id, replace, testimony)
    rebuilt = Rebuilt(auction_id)
    _record_all(engine, rebuilt, testimony, snapshot, backlog_max)
    restoration = _restoration(engine, row := _fresh(auction_id), snapshot, progress)
    rebuilt.recorded = bid_windows.bid_count(auction_id)
    account_for({"recorded": rebuilt.recorded, "replayed": rebuilt.replayed, "given_up": rebuilt.given_up})
    try:
        engine.restore(restoration)
    except ValueError as error:
        raise NotRebuildable(f"Somebody else rebuilds auction {auction_id}, or bids arrive: {error}.") from error
    _check_and_resume(engine, everywhere, row, rebuilt, progress)
    return rebuilt


def _checked_and_held(engine: Engine, auction_id: int, replace: bool, testimony: Testimony) -> Snapshot | None:
    """The auction as its store has it, None for one that it lost. Raises NotRebuildable."""
    snapshot = None
    with suppress(UnknownAuction):
        snapshot = engine.read(auction_id)
    _check_rebuildable(queries.auction(auction_id), auction_id, snapshot, replace)
    _check_witnesses(engine, auction_id, testimony)
    return snapshot and _hold(engine, snapshot)


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


def _check_witnesses(engine: Engine, auction_id: int, testimony: Testimony) -> None:
    if silent := testimony.waits_for(engine.present_condition().of(auction_id).identity):
        raise NotRebuildable(still_silent(silent))


def _record_all(
    engine: Engine, rebuilt: Rebuilt, testimony: Testimony, snapshot: Snapshot | None, backlog_max: int
) -> None:
    """Record the last outage, and every bid that the list or a witness holds; give up missing numbers, set
    contradictions aside."""
    auction_id = rebuilt.auction_id
    record_last_outage(engine, auction_id)
    held, rebuilt.bids_given_up = held_by_witnesses(engine, auction_id, testimony)
    bids = HeldBids(engine, auction_id, held, gives_up_after=0, sets_aside=True)
    bids.record_list()
    witnessed = was_witnessed(engine, auction_id, testimony)
    heard = testimony.of(auction_id).highest
    last = last_sequence_given(engine, _fresh(auction_id), snapshot, backlog_max, heard, witnessed)
    bids.record_through(last, "the live store lost what it had accepted after the last recorded bid")
    rebuilt.replayed, rebuilt.witnessed = bids.recorded.from_list, bids.recorded.from_witnesses
    rebuilt.set_aside, rebuilt.given_up = bids.recorded.set_aside, bids.recorded.given_up


def _fresh(auction_id: int) -> Auction:
    queries.forget()
    row = queries.auction(auction_id)
    assert row is not None, "auctions are never deleted"
    return row


def _restoration(engine: Engine, row: Auction, snapshot: Snapshot | None, progress: Progress) -> Restoration:
    """What the store is given. A store that lost the auction does not say since when it takes no bids."""
    now_ms, stopped_ms = engine.clock(), snapshot.stopped_ms if snapshot else None
    if stopped_ms is None:
        taken_ms = orders_taken.taken_ms(queue_redis(), row.id)
        stopped_ms = now_ms if taken_ms is None else taken_ms
    return restoration_of(row, snapshot, now_ms, stopped_ms, progress)


def _check_and_resume(engine: Engine, everywhere: Engine, row: Auction, rebuilt: Rebuilt, progress: Progress) -> None:
    """Take bids again, unless the check finds a fault, an operator had paused bidding, or more time was lost than the
    end may move by itself."""
    # Read before the check: a store that restarts during it must be checked again.
    identity = engine.present_condition().of(row.id).identity
    report = check_all(engine, row.id, lambda step, done, total: progress(f"{step} checked", done, total), rebuilt=True)
    rebuilt.findings = report.findings
    board = engine.read(row.id)
    if board.paused != RESTORING:
        return
    if report.stops_bidding:
        rebuilt.paused = UNSOUND
    else:
        # Whoever resumes it later need not ask the witnesses of a former process again.
        note_accounted([row.id], identity)
        rebuilt.paused = _reason_to_stay(board)
    if rebuilt.paused:
        engine.pause(row.id, rebuilt.paused, instead_of=RESTORING)
    elif not UntoldPeople(engine, everywhere=everywhere).round(identity):
        # While the live store was given the auction, nobody could tell it of a session that ended.
        raise NotRebuildable("The auctions are being told of ended sessions and blocked accounts; repeat the command.")
    else:
        resume_as_recorded(engine, queue_redis(), row.id, RESTORING, identity)


def _reason_to_stay(board: Snapshot) -> str:
    auction_id = board.terms.auction_id
    if is_paused_by_operator(auction_id):
        return OPERATOR
    taken_ms = orders_taken.taken_ms(queue_redis(), auction_id)
    return OVERDUE if is_for_operator(board, taken_ms, deadline_ms(auction_id)) else ""

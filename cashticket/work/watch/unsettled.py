"""Why auctions whose end has come are not settled yet, for operators: one named reason each. It only reads.

Reasons are those of settlement (earlier_auction, not_recorded, quarantined, and incomplete, order_differs or not_ranked
if the last try ended so), and
`database_away`, `lost` (the live store does not know it), `paused` (nothing closes during a pause), `memory`,
`not_writing`, `no_replicas`, `replica` or `not_primary` (why no bids are taken), `store_away` (its
live store, one of several, does not answer) and `queued` (nothing is in the way: its settlement waits for the worker or
is running).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cashticket.auction.values import State
from cashticket.engine.interface import Engine, OutcomeUnknown, Snapshot, StoreUnavailable, UnknownAuction
from cashticket.engine.pauses import OVERDUE, WITNESS
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.locale import to_moment
from cashticket.settlement.readiness import NotReady, find_quickly
from cashticket.work.lost_auctions import lost_auctions, remedy_of
from cashticket.work.outages import DATABASE_AWAY
from cashticket.work.refusals import last_refusal
from cashticket.work.witnesses import unwitnessed


@dataclass(frozen=True, slots=True)
class UnsettledAuction:
    """A due auction, and why it is not settled: `reason` by name, `detail` in a sentence."""

    id: int
    reason: str
    detail: str


def unsettled_auctions(engine: Engine) -> list[UnsettledAuction]:
    """Return every lost auction, also before its end, and every due auction of the ledger; while the database is away,
    those that have ended in the live store.

    Raises StoreUnavailable and OutcomeUnknown.
    """
    refusals = _refusals(engine)
    try:
        due_ids = [row.id for row in queries.due_auctions(to_moment(engine.clock()))]
        lost = lost_auctions(engine)
        unsettled = [_of_store(engine, auction_id, refusals) for auction_id in due_ids if auction_id not in lost]
    except DATABASE_AWAY:
        away = "the database is away; bids wait in the live store until it is back"
        ended = [auction_id for auction_id in engine.auctions() if _has_ended(_board(engine, auction_id))]
        return [UnsettledAuction(auction_id, "database_away", away) for auction_id in ended]
    finally:
        db.session.remove()
    return [UnsettledAuction(auction_id, "lost", sentence) for auction_id, sentence in sorted(lost.items())] + [
        auction for auction in unsettled if auction is not None
    ]


def _refusals(engine: Engine) -> dict[int, Mapping[str, str] | None]:
    """Why each store takes no bids, by the identity of its engine here; None for one that is away. Raises what stores
    raise when all are."""
    refusals: dict[int, Mapping[str, str] | None] = {}
    failures: list[Exception] = []
    for name, store in engine.stores().items():
        try:
            if name in engine.silent():
                raise StoreUnavailable(f"the live store {name} did not answer")
            refusals[id(store)] = store.condition().refusals
        except (StoreUnavailable, OutcomeUnknown) as error:
            refusals[id(store)] = None
            failures.append(error)
    if len(failures) == len(refusals):
        raise failures[0]
    return refusals


def _of_store(
    engine: Engine, auction_id: int, refusals: Mapping[int, Mapping[str, str] | None]
) -> UnsettledAuction | None:
    store = engine.of(auction_id)
    reasons = refusals[id(store)]
    if reasons is None:
        return UnsettledAuction(auction_id, "store_away", "its live store does not answer; it is settled when it does")
    return _unsettled(store, auction_id, reasons)


def _unsettled(engine: Engine, auction_id: int, refusals: Mapping[str, str]) -> UnsettledAuction | None:
    """None when the live store has moved the end later than now."""
    board = _board(engine, auction_id)
    if board is None:
        return UnsettledAuction(auction_id, "lost", remedy_of(auction_id))
    if refusals and board.paused not in refusals and board.now_ms >= board.ends_at_ms:
        return UnsettledAuction(auction_id, *next(iter(refusals.items())))
    if board.paused:
        steps = {OVERDUE: "extend it, then resume it", WITNESS: unwitnessed(auction_id)}
        then = f"; {steps[board.paused]}" if board.paused in steps else ""
        return UnsettledAuction(auction_id, "paused", f"bidding is paused ({board.paused}), so nothing is closed{then}")
    if not _has_ended(board):
        return None
    problem = _problem(auction_id, board)
    if problem is None:
        return UnsettledAuction(
            auction_id, "queued", "nothing is in the way: is `python worker.py settlement` running?"
        )
    return UnsettledAuction(auction_id, problem.reason, problem.detail)


def _problem(auction_id: int, board: Snapshot) -> NotReady | None:
    """What is in the way now, or else what was in the way of the last try: only a settlement reads the whole order."""
    auction = queries.auction(auction_id)
    if auction is None:
        return None
    return find_quickly(db.session(), auction, board.sequence) or last_refusal(auction_id)


def _board(engine: Engine, auction_id: int) -> Snapshot | None:
    try:
        return engine.read(auction_id)
    except UnknownAuction:
        return None


def _has_ended(board: Snapshot | None) -> bool:
    return board is not None and board.state not in (State.SCHEDULED, State.OPEN)

"""Why auctions whose end has come are not settled yet: one named reason each, for operators. Reads alone.

Reasons are those of settlement (earlier_auction, not_recorded, quarantined, incomplete, order_differs), and
`database_away`, `lost` (the live store does not know it), `paused` (an end closes nothing meanwhile) and `queued`
(nothing is in the way: its settlement waits for the worker or is under way).
"""

from dataclasses import dataclass

from cashticket.auction.values import State
from cashticket.engine.interface import OVERDUE, Engine, Snapshot, UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.locale import to_moment
from cashticket.settlement.readiness import not_ready
from cashticket.work.outages import DATABASE_AWAY


@dataclass(frozen=True, slots=True)
class UnsettledAuction:
    """A due auction, the reason why it is not settled by its name, and in a sentence."""

    id: int
    reason: str
    detail: str


def due(engine: Engine) -> list[UnsettledAuction]:
    """Every due auction of the ledger; while the database is away, those that ended in the live store. Raises
    StoreUnavailable and OutcomeUnknown."""
    try:
        rows = [row.id for row in queries.due_auctions(to_moment(engine.clock()))]
        found = [_waiting(engine, auction_id) for auction_id in rows]
    except DATABASE_AWAY:
        away = "the database is away; bids wait in the live store until it is back"
        ended = [each for each in engine.auctions() if _has_ended(_board(engine, each))]
        return [UnsettledAuction(auction_id, "database_away", away) for auction_id in ended]
    finally:
        db.session.remove()
    return [each for each in found if each is not None]


def _waiting(engine: Engine, auction_id: int) -> UnsettledAuction | None:
    """None when the live store moved the end: it is not over yet."""
    board = _board(engine, auction_id)
    if board is None:
        return UnsettledAuction(
            auction_id, "lost", f"the live store does not know it: `flask auction rebuild {auction_id}`"
        )
    if board.paused:
        then = "; extend it, then resume it" if board.paused == OVERDUE else ""
        return UnsettledAuction(auction_id, "paused", f"bidding is paused ({board.paused}), so nothing is closed{then}")
    if not _has_ended(board):
        return None
    problem = not_ready(db.session(), auction_id, engine.order(auction_id), board.sequence)
    if problem is None:
        return UnsettledAuction(
            auction_id, "queued", "nothing is in the way: is `python worker.py settlement` running?"
        )
    return UnsettledAuction(auction_id, problem.reason, problem.detail)


def _board(engine: Engine, auction_id: int) -> Snapshot | None:
    try:
        return engine.read(auction_id)
    except UnknownAuction:
        return None


def _has_ended(board: Snapshot | None) -> bool:
    return board is not None and board.state not in (State.SCHEDULED, State.OPEN)

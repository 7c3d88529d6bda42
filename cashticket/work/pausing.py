"""An operator pauses an auction, or lets it take bids again after a check."""

from cashticket.engine.interface import Engine
from cashticket.engine.pauses import OPERATOR, RESTORING
from cashticket.errors import OperatorError
from cashticket.ledger.operator_acts import record_alone
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.work.check.verdicts import check_all


class NotPausable(OperatorError):
    """The auction cannot be paused, or cannot be resumed."""


def pause(engine: Engine, auction_id: int, why: str, operator: str) -> None:
    """Take no bids until an operator resumes, and record the act. Raises NotPausable and UnknownAuction."""
    board = engine.read(auction_id)
    if not engine.pause(auction_id, OPERATOR, instead_of=board.paused) and board.paused != OPERATOR:
        raise NotPausable(f"Auction {auction_id} is {board.state}; there is nothing to pause.")
    record_alone(operator, Act.AUCTION_PAUSE, auction_subject(auction_id), why, {"before": board.paused})


def resume(engine: Engine, auction_id: int, why: str, operator: str) -> None:
    """Take bids again if the check finds no fault, and record the act. Raises NotPausable and UnknownAuction."""
    board = engine.read(auction_id)
    if board.paused == RESTORING:
        raise NotPausable(f"Rebuilding was interrupted: repeat `flask auction rebuild {auction_id}`.")
    # Read before the check: a store that restarts during it must be checked again.
    identity = engine.condition().identity
    if check_all(engine, auction_id).stops_bidding:
        raise NotPausable(
            f"The check finds faults, so bidding stays paused: `flask auction check {auction_id}` lists them."
        )
    if board.paused and not engine.resume(auction_id, board.paused, identity):
        raise NotPausable(f"Somebody else paused or resumed auction {auction_id} just now; look again.")
    record_alone(operator, Act.AUCTION_RESUME, auction_subject(auction_id), why, {"before": board.paused})

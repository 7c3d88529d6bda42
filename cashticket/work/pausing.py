"""An operator pauses an auction, or lets it take bids again after a check."""

from cashticket.engine.interface import Engine
from cashticket.engine.pauses import OPERATOR, RESTORING, WITNESS
from cashticket.errors import OperatorError
from cashticket.ledger import queries
from cashticket.ledger.accounted import accounted_on, note_accounted
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.operator_acts import record_alone
from cashticket.logs.failures import failure_text
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.wiring import queue_redis
from cashticket.witness.testimony import ShelfUnavailable
from cashticket.work.accounting import account, is_witnessed, status_of
from cashticket.work.accounting_acts import record_accounted
from cashticket.work.check.verdicts import check_all
from cashticket.work.giving_back import resume_as_recorded
from cashticket.work.watch.untold_people import UntoldPeople
from cashticket.work.witnesses import ReadTestimony, no_witness, still_silent, unwitnessed


class NotPausable(OperatorError):
    """The auction cannot be paused, or cannot be resumed."""


def pause(engine: Engine, auction_id: int, why: str, operator: str) -> None:
    """Take no bids until an operator resumes, and record the act. Raises NotPausable and UnknownAuction."""
    board = engine.read(auction_id)
    if not engine.pause(auction_id, OPERATOR, instead_of=board.paused) and board.paused != OPERATOR:
        raise NotPausable(f"Auction {auction_id} is {board.state}; there is nothing to pause.")
    record_alone(operator, Act.AUCTION_PAUSE, auction_subject(auction_id), why, {"before": board.paused})


def resume(
    engine: Engine, auction_id: int, why: str, operator: str, read_testimony: ReadTestimony = no_witness
) -> None:
    """Take bids again if every answered bid is accounted for and the check finds no fault, and record the act. The
    time without bids is given back. Raises NotPausable and UnknownAuction."""
    everywhere, engine = engine, engine.of(auction_id)
    board = engine.read(auction_id)
    if board.state.is_end:
        raise NotPausable(f"Auction {auction_id} is {board.state}; there is nothing to resume.")
    if board.paused == RESTORING:
        raise NotPausable(f"Rebuilding was interrupted: repeat `flask auction rebuild {auction_id}`.")
    # Read before the check: a store that restarts during it must be checked again.
    identity = engine.present_condition().of(auction_id).identity
    if board.paused:
        _account(engine, auction_id, board.paused, identity, operator, read_testimony)
    if check_all(engine, auction_id).stops_bidding:
        raise NotPausable(
            f"The check finds faults, so bidding stays paused: `flask auction check {auction_id}` lists them."
        )
    note_accounted([auction_id], identity)
    if not UntoldPeople(engine, everywhere=everywhere).round(identity):
        raise NotPausable("The auctions are being told of ended sessions and blocked accounts; try again in a moment.")
    if board.paused and not resume_as_recorded(engine, queue_redis(), auction_id, board.paused, identity):
        raise NotPausable(f"Somebody else paused or resumed auction {auction_id} just now; look again.")
    record_alone(operator, Act.AUCTION_RESUME, auction_subject(auction_id), why, {"before": board.paused})


def _account(
    engine: Engine, auction_id: int, reason: str, identity: str, operator: str, read_testimony: ReadTestimony
) -> None:
    """Account for every answered bid before bids are taken on another process of the live store. An operator who ends
    the pause WITNESS answers for what nobody witnessed. Raises NotPausable."""
    row = queries.auction(auction_id)
    before = accounted_on([auction_id])[auction_id]
    if row is None or before == identity:
        return
    try:
        testimony = read_testimony()
        if silent := testimony.waits_for(identity):
            raise NotPausable(still_silent(silent))
        if reason != WITNESS and not is_witnessed(testimony, before, row, status_of(engine, auction_id)):
            engine.pause(auction_id, WITNESS, instead_of=reason)
            raise NotPausable(f"{unwitnessed(auction_id)}.")
        stored = status_of(engine, auction_id).sequence
        record_accounted(operator, account(engine, testimony, auction_id), stored)
    except LedgerGap as error:
        raise NotPausable(f"{failure_text(error)}: `flask auction rebuild {auction_id} --yes`.") from error
    except ShelfUnavailable as error:
        raise NotPausable(
            f"What the witnesses know cannot be read, so bidding stays paused: {failure_text(error)}."
        ) from error

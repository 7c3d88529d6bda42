"""`flask auction pause|resume`: take no bids for a while, or take them again."""

import click

from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, command, json_option, print_one
from cashticket.engine.interface import OPERATOR, RESTORING
from cashticket.ledger.operator_acts import record_alone
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.wiring import current_engine
from cashticket.work.check.compare import check


@command("pause", example="auction pause 3 --why 'a bid that looks like fraud'")
@click.argument("auction_id", metavar="ID", type=ID)
@why_option
@operator_option
@json_option
def pause(auction_id: int, why: str, operator: str, as_json: bool) -> None:
    """Take no bids until an operator resumes. Nobody loses a chance; an end that comes meanwhile closes nothing."""
    engine = current_engine()
    board = engine.read(auction_id)
    if not engine.pause(auction_id, OPERATOR, instead_of=board.paused) and board.paused != OPERATOR:
        raise click.ClickException(f"Auction {auction_id} is {board.state}; there is nothing to pause.")
    record_alone(operator, Act.AUCTION_PAUSE, auction_subject(auction_id), why, {"before": board.paused})
    print_one({"id": auction_id, "paused": OPERATOR}, as_json)


@command("resume", example="auction resume 3 --why 'it was no fraud'")
@click.argument("auction_id", metavar="ID", type=ID)
@why_option
@operator_option
@json_option
def resume(auction_id: int, why: str, operator: str, as_json: bool) -> None:
    """Take bids again, if the check finds no fault. An auction whose end has come closes then; extend it first.

    What the watch has paused goes on by itself when its cause is over; resumed too early, it is paused again.
    """
    engine = current_engine()
    board = engine.read(auction_id)
    if board.paused == RESTORING:
        raise click.ClickException(f"Rebuilding was interrupted: repeat `flask auction rebuild {auction_id}`.")
    store = engine.condition().identity
    report = check(engine, auction_id)
    if report.stops_bidding:
        raise click.ClickException(
            f"The check finds faults, so bidding stays paused: `flask auction check {auction_id}` lists them."
        )
    if board.paused and not engine.resume(auction_id, board.paused, store):
        raise click.ClickException(f"Somebody else paused or resumed auction {auction_id} just now; look again.")
    record_alone(operator, Act.AUCTION_RESUME, auction_subject(auction_id), why, {"before": board.paused})
    print_one({"id": auction_id, "paused": ""}, as_json)


commands = (pause, resume)

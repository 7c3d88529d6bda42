"""`flask auction pause|resume`: stop taking bids, and take them again."""

import click

from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, command, json_option, print_one
from cashticket.engine.pauses import OPERATOR
from cashticket.wiring import current_engine, shelves_of
from cashticket.witness.testimony import read_testimony
from cashticket.work import pausing


@command("pause", example="auction pause 3 --why 'a bid that looks like fraud'")
@click.argument("auction_id", metavar="ID", type=ID)
@why_option
@operator_option
@json_option
def pause(auction_id: int, why: str, operator: str, as_json: bool) -> None:
    """Take no bids until an operator resumes. Nobody loses a chance; the auction does not close while it is paused."""
    pausing.pause(current_engine(), auction_id, why, operator)
    print_one({"id": auction_id, "paused": OPERATOR}, as_json)


@command("resume", example="auction resume 3 --why 'it was no fraud'")
@click.argument("auction_id", metavar="ID", type=ID)
@why_option
@operator_option
@json_option
def resume(auction_id: int, why: str, operator: str, as_json: bool) -> None:
    """Take bids again if the check finds no fault. An auction whose end has come closes then; extend it first.

    After a restart or restore of the live store, every answered bid is put back in its place first. The pause `witness`
    ends only here or by `auction rebuild`: resume if the store has its newest data, rebuild if it may be an older copy.

    The watch ends its own pauses when their cause is over, and pauses again if you resume too early.
    """
    pausing.resume(current_engine(), auction_id, why, operator, lambda: read_testimony(shelves_of(auction_id)))
    print_one({"id": auction_id, "paused": ""}, as_json)


commands = (pause, resume)

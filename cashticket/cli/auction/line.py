"""`flask auction pause-line|resume-line`: offer no freed seat of an auction for a while, and again."""

import click

from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, command, iso_or_none, json_option, offers_cell, print_one
from cashticket.models.columns import utcnow
from cashticket.settlement.line_pauses import LinePause
from cashticket.wiring import current_engine
from cashticket.work import line_pauses


@command("pause-line", example="auction pause-line 3 --why 'bids of a ring are being looked into'")
@click.argument("auction_id", metavar="ID", type=ID)
@why_option
@operator_option
@json_option
def pause_line(auction_id: int, why: str, operator: str, as_json: bool) -> None:
    """Offer no freed seat of a settled auction to anybody until an operator lets the line go on.

    Rights to buy that were given before go on and may run out. Whoever waits reads that the line is paused, not why.
    A repeat changes nothing.
    """
    _print(line_pauses.pause(current_engine(), auction_id, why, operator, utcnow()), as_json)


@command("resume-line", example="auction resume-line 3 --why 'it was no ring'")
@click.argument("auction_id", metavar="ID", type=ID)
@why_option
@operator_option
@json_option
def resume_line(auction_id: int, why: str, operator: str, as_json: bool) -> None:
    """Let the line go on: all seats that became free meanwhile are offered at once, to as many different people.

    A repeat changes nothing.
    """
    _print(line_pauses.resume(current_engine(), auction_id, why, operator, utcnow()), as_json)


def _print(done: LinePause, as_json: bool) -> None:
    offered = list(done.offered) if as_json else offers_cell(done.offered)
    facts = {"line_paused_at": iso_or_none(done.paused_at), "repeated": done.repeated, "offered": offered}
    print_one({"id": done.auction_id, **facts}, as_json)


commands = (pause_line, resume_line)

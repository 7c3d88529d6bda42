"""`flask auction rebuild`: give the live store an auction that it lost, from the ledger."""

from dataclasses import asdict

import click

from cashticket.cli.options import operator_option
from cashticket.cli.output import ID, command, json_option, print_one
from cashticket.cli.progress import ProgressLines
from cashticket.engine.pauses import OPERATOR, OVERDUE, UNSOUND
from cashticket.models.operator_acts import WHY_MAX
from cashticket.wiring import current_engine, current_settings, queue_redis, shelves_of
from cashticket.witness.testimony import read_testimony
from cashticket.work.rebuilding import Rebuilt
from cashticket.work.rebuilding_alone import rebuild_alone


@command("rebuild", example="auction rebuild 3 --why 'the disk of the live store was lost'")
@click.argument("auction_id", metavar="ID", type=ID)
@click.option("--why", default="", help=f"The reason, kept for good; at most {WHY_MAX} characters.")
@click.option("--yes", "replace", is_flag=True, help="Replace the auction even if the live store still has it.")
@operator_option
@json_option
def rebuild(auction_id: int, why: str, replace: bool, operator: str, as_json: bool) -> None:
    """Give the live store an auction that it lost: order, chances, remembered answers and numbers from the ledger.

    Bids that still wait in its list, and bids that witnesses hold, are recorded first. Numbers that cannot be accounted
    for are never given again; a row keeps them. Bidding resumes at once, unless an operator had paused it, and the end
    moves by as long as nobody could bid. A large auction says on standard error how far it is. Repeat this command
    after an interruption.
    """
    rebuilt = rebuild_alone(
        current_engine(),
        queue_redis(),
        auction_id,
        why.strip(),
        operator,
        replace=replace,
        testimony=read_testimony(shelves_of(auction_id)),
        backlog_max=current_settings().backlog_max,
        progress=ProgressLines(f"auction {auction_id}"),
    )
    _print(rebuilt, as_json)
    if rebuilt.findings:
        raise SystemExit(1)


def _print(rebuilt: Rebuilt, as_json: bool) -> None:
    lost = ", ".join(f"{first} to {last}" for first, last in rebuilt.given_up)
    print_one(
        {
            "id": rebuilt.auction_id,
            "recorded": rebuilt.recorded,
            "replayed": rebuilt.replayed,
            "witnessed": rebuilt.witnessed,
            "set_aside": rebuilt.set_aside,
            "bids_given_up": rebuilt.bids_given_up,
            "given_up": rebuilt.given_up if as_json else lost or "none",
            "paused": rebuilt.paused if as_json else rebuilt.paused or "no",
            "findings": [asdict(each) for each in rebuilt.findings] if as_json else len(rebuilt.findings),
        },
        as_json,
    )
    for sentence in _next_steps(rebuilt):
        click.echo(sentence, err=True)


def _next_steps(rebuilt: Rebuilt) -> list[str]:
    auction, steps = rebuilt.auction_id, []
    if rebuilt.given_up:
        steps.append(
            "Bids with numbers that were given up are lost; their chances are not spent, their bidders may bid again."
        )
    if rebuilt.set_aside:
        steps.append(f"Bids that contradict the ledger were set aside: `flask auction quarantine {auction}`.")
    if rebuilt.paused == UNSOUND:
        steps.append(f"The check still finds faults, so bidding stays paused: `flask auction check {auction}`.")
    elif rebuilt.paused == OPERATOR:
        steps.append(
            f"An operator had paused bidding, and it stays so: `flask auction resume {auction} --why …` ends it."
        )
    elif rebuilt.paused == OVERDUE:
        steps.append(
            f"More time was lost than its end may move by itself. `flask auction extend {auction} --to … --why …` to "
            f"the end that you announce, then `flask auction resume {auction} --why …`; resuming alone gives less time."
        )
    return steps


commands = (rebuild,)

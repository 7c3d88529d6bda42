"""`flask auction rebuild`: give the live store an auction that it lost, from the ledger."""

from dataclasses import asdict
from typing import Any

import click

from cashticket import redis_keys
from cashticket.cli.options import operator_option
from cashticket.cli.output import ID, command, json_option, print_one
from cashticket.engine.interface import OVERDUE, UNSOUND
from cashticket.ledger.operator_acts import record_alone
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject
from cashticket.wiring import current_engine, current_settings, queue_redis
from cashticket.work.leases import Lease
from cashticket.work.rebuilding import NotRebuildable, Rebuilt
from cashticket.work.rebuilding import rebuild as rebuild_everything

LEASE_MS = 30_000


@command("rebuild", example="auction rebuild 3 --why 'the disk of the live store was lost'")
@click.argument("auction_id", metavar="ID", type=ID)
@click.option("--why", default="", help=f"The reason, kept for good; at most {WHY_MAX} characters.")
@click.option("--yes", "replace", is_flag=True, help="Replace the auction although the live store still has it.")
@operator_option
@json_option
def rebuild(auction_id: int, why: str, replace: bool, operator: str, as_json: bool) -> None:
    """Give the live store an auction that it lost: order, chances, remembered answers and numbers from the ledger.

    What still waits in its list is recorded first. Numbers that nobody can account for are never given again and stay
    as a row. If bidding is not over it goes on at once; extend the end by the outage. Repeat it after an interruption.
    """
    if len(why.strip()) > WHY_MAX:
        raise NotRebuildable(f"--why takes at most {WHY_MAX} characters.")
    lease = Lease(queue_redis(), redis_keys.rebuilding(auction_id), LEASE_MS)
    if not lease.hold():
        raise NotRebuildable(f"Auction {auction_id} is being rebuilt already; wait half a minute.")

    def account_for(facts: dict[str, Any]) -> None:
        record_alone(operator, Act.AUCTION_REBUILD, auction_subject(auction_id), why.strip(), facts)

    try:
        done = rebuild_everything(
            current_engine(),
            auction_id,
            replace=replace,
            backlog_max=current_settings().backlog_max,
            account_for=account_for,
        )
    finally:
        lease.release()
    _tell(done, as_json)
    if done.findings:
        raise SystemExit(1)


def _tell(done: Rebuilt, as_json: bool) -> None:
    lost = ", ".join(f"{first} to {last}" for first, last in done.given_up)
    print_one(
        {
            "id": done.auction_id,
            "recorded": done.recorded,
            "replayed": done.replayed,
            "set_aside": done.set_aside,
            "given_up": done.given_up if as_json else lost or "none",
            "paused": done.paused if as_json else done.paused or "no",
            "findings": [asdict(each) for each in done.findings] if as_json else len(done.findings),
        },
        as_json,
    )
    for sentence in _next_steps(done):
        click.echo(sentence, err=True)


def _next_steps(done: Rebuilt) -> list[str]:
    auction, steps = done.auction_id, []
    if done.given_up:
        steps.append(
            "Bids with numbers that were given up are lost; their chances are not spent, their bidders may bid again."
        )
    if done.set_aside:
        steps.append(f"Bids that contradict the ledger were set aside: `flask auction quarantine {auction}`.")
    if done.paused == UNSOUND:
        steps.append(f"The check still finds faults, so bidding stays paused: `flask auction check {auction}`.")
    elif done.paused == OVERDUE:
        steps.append(
            f"Its end came meanwhile. `flask auction extend {auction} --to … --why …` by the outage, then "
            f"`flask auction resume {auction} --why …`; resuming without extending closes it."
        )
    else:
        steps.append(f"Next: `flask auction extend {auction} --to … --why …` by as long as nobody could bid.")
    return steps


commands = (rebuild,)

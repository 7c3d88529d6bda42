"""`flask auction check`: compare the live store with the ledger, and both with the law."""

import json
from dataclasses import asdict

import click

from cashticket.cli.output import ID, command, json_option
from cashticket.wiring import current_engine
from cashticket.work.check.compare import NoSuchAuction, Report, check

UNSOUND = 1


class _NoSuchAuction(click.ClickException):
    """Neither store knows the auction."""

    exit_code = 2


@command("check", example="auction check 3")
@click.argument("auction_id", type=ID, metavar="ID")
@json_option
def check_auction(auction_id: int, as_json: bool) -> None:
    """Compare live store, waiting bids, ledger and awards with the law. Changes nothing; bidding goes on.

    Exit status 0: sound (bids that wait to be recorded are no fault); 1: one line for every fault, with the invariant
    that it breaks (docs/invariants.md lists them); 2: no such auction.
    """
    try:
        report = check(current_engine(), auction_id)
    except NoSuchAuction as error:
        raise _NoSuchAuction(str(error)) from error
    _print(report, as_json)
    if report.faults:
        raise SystemExit(UNSOUND)


def _print(report: Report, as_json: bool) -> None:
    if as_json:
        summary = {"id": report.auction_id, "sound": not report.findings, "faults": report.faults}
        click.echo(json.dumps(summary | asdict(report)))
        return
    for finding in report.findings:
        click.echo(f"{finding.invariant:<3} {finding.sentence}")
    if not report.faults:
        click.echo(
            f"auction {report.auction_id} is sound: {report.accepted} accepted, {report.recorded} recorded, "
            f"{report.waiting} waiting" + (f", {report.given_up} numbers given up" if report.given_up else "")
        )


commands = (check_auction,)

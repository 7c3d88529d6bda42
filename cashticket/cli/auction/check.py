"""`flask auction check`: does the live store say what the ledger says?"""

import json
from dataclasses import asdict

import click

from cashticket.cli.output import ID, command, json_option
from cashticket.wiring import current_engine
from cashticket.work.check.compare import NoSuchAuction, Report
from cashticket.work.check.compare import check as compare

UNSOUND = 1


class _NoSuchAuction(click.ClickException):
    """Neither side knows it."""

    exit_code = 2


@command("check", example="auction check 3")
@click.argument("auction_id", type=ID, metavar="ID")
@json_option
def check(auction_id: int, as_json: bool) -> None:
    """Compare live store, waiting bids, ledger and awards with the law. Changes nothing, and nobody waits for it.

    Exit status 0: sound (bids that wait to be recorded are no fault); 1: one line for every fault, with the invariant
    that it breaks (docs/invariants.md lists them); 2: no such auction.
    """
    try:
        report = compare(current_engine(), auction_id)
    except NoSuchAuction as error:
        raise _NoSuchAuction(str(error)) from error
    _tell(report, as_json)
    if report.faults:
        raise SystemExit(UNSOUND)


def _tell(report: Report, as_json: bool) -> None:
    if as_json:
        verdict = {"id": report.auction_id, "sound": not report.findings, "faults": report.faults}
        click.echo(json.dumps(verdict | asdict(report)))
        return
    for finding in report.findings:
        click.echo(f"{finding.invariant:<3} {finding.sentence}")
    if not report.faults:
        click.echo(
            f"auction {report.auction_id} is sound: {report.accepted} accepted, {report.recorded} recorded, "
            f"{report.waiting} waiting" + (f", {report.given_up} numbers given up" if report.given_up else "")
        )


commands = (check,)

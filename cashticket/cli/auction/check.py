"""`flask auction check`: compare the live store with the ledger, and both with the law."""

import json
from dataclasses import asdict

import click

from cashticket.cli.auction.losses import losses_of, sentences_of
from cashticket.cli.output import ID, command, json_option
from cashticket.cli.progress import ProgressLines
from cashticket.extensions import db
from cashticket.models import Auction
from cashticket.wiring import current_engine, shelves_of
from cashticket.witness.testimony import read_testimony
from cashticket.work.check.compare import NoSuchAuction, Report
from cashticket.work.check.verdicts import check_all, check_new
from cashticket.work.check.witnessed import witness_faults

UNSOUND = 1


class _NoSuchAuction(click.ClickException):
    """Neither store knows the auction."""

    exit_code = 2


@command("check", example="auction check 3 --since-last")
@click.argument("auction_id", type=ID, metavar="ID")
@click.option("--since-last", is_flag=True, help="Read only the bids since the last check that found no fault.")
@json_option
def check_auction(auction_id: int, since_last: bool, as_json: bool) -> None:
    """Compare live store, waiting bids, ledger and awards with the law, and with what witnesses know. Changes no
    auction; bidding goes on.

    How far bids were found sound is kept, and --since-last goes on from there: it compares what came later and where
    its bidders stand, but replays no ranks and reads no awards. A long check says on standard error how far it is.

    Exit status 0: sound (bids that wait to be recorded are no fault); 1: one line for every fault, with the invariant
    that it breaks (docs/invariants.md lists them); 2: no such auction. Numbers that were given up and answered bids
    that could not be kept are no fault: each is a line after the verdict.
    """
    run, progress = check_new if since_last else check_all, ProgressLines(f"auction {auction_id}", ending=" checked")
    try:
        testimony = read_testimony(shelves_of(auction_id))
        report = run(current_engine(), auction_id, progress)
        report.findings.extend(witness_faults(current_engine(), auction_id, testimony))
    except NoSuchAuction as error:
        raise _NoSuchAuction(str(error)) from error
    _print(report, as_json)
    if report.faults:
        raise SystemExit(UNSOUND)


def _print(report: Report, as_json: bool) -> None:
    auction = db.session.get(Auction, report.auction_id)
    losses = losses_of(auction) if auction else {"gaps": [], "given_up_bids": []}
    if as_json:
        summary = {"id": report.auction_id, "sound": not report.findings, "faults": report.faults}
        values = asdict(report)
        del values["mark"]
        click.echo(json.dumps(summary | values | losses))
        return
    for finding in report.findings:
        click.echo(f"{finding.invariant:<3} {finding.sentence}")
    if not report.faults:
        since = f" since bid {report.since}" if report.since else ""
        click.echo(
            f"auction {report.auction_id} is sound{since}: {report.accepted} accepted, {report.recorded} recorded, "
            f"{report.waiting} waiting" + (f", {report.given_up} numbers given up" if report.given_up else "")
        )
        for sentence in sentences_of(losses):
            click.echo(sentence)


commands = (check_auction,)

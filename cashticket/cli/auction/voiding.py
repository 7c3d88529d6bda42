"""`flask auction void`: take an auction back, for a reason."""

from collections.abc import Callable
from dataclasses import asdict

import click

from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, command, json_option, print_one
from cashticket.cli.progress import ProgressLines
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from cashticket.work.voiding import foresee, void_and_announce


@command("void", example="auction void 3 --why 'the concert is cancelled'")
@click.argument("auction_id", metavar="ID", type=ID)
@why_option
@operator_option
@click.option("--dry-run", is_flag=True, help="Change nothing; print whom it would tell and what is to be given back.")
@json_option
def void(auction_id: int, why: str, operator: str, dry_run: bool, as_json: bool) -> None:
    """Void an auction: bidding stops, no tickets, refunds where bought, every bidder told. Nothing is deleted.

    Everybody reads the reason with the results, and bidders in their mail. It cannot be undone. Telling everybody may
    take minutes; when it is interrupted, the settlement worker goes on. A repeat changes nothing, completes what was
    interrupted, and prints the refunds again.

    Holders of seats are told at once; `mails` and the progress count the other bidders.
    """
    if dry_run:
        print_one({"id": auction_id, **asdict(foresee(auction_id))}, as_json)
        return
    announced = void_and_announce(current_engine(), auction_id, why, operator, utcnow(), _progress())
    voided = announced.voided
    refunds = [asdict(refund) if as_json else f"{refund.seat} {refund.price:,}" for refund in voided.refunds]
    print_one(
        {
            "id": auction_id,
            "state": "voided",
            "repeated": voided.repeated,
            "withdrawn": voided.withdrawn,
            "refunds": refunds if as_json else ", ".join(map(str, refunds)) or "none",
            "mails": announced.told_now,
        },
        as_json,
    )


def _progress() -> Callable[[int, int], None]:
    lines = ProgressLines(says_end=True)
    return lambda done, total: lines("bidders without a seat are told", done, total)


commands = (void,)

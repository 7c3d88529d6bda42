"""`flask auction void`: take an auction back, for a reason."""

from dataclasses import asdict

import click

from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, command, json_option, print_one
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from cashticket.work.voiding import void_and_announce


@command("void", example="auction void 3 --why 'the concert is cancelled'")
@click.argument("auction_id", metavar="ID", type=ID)
@why_option
@operator_option
@json_option
def void(auction_id: int, why: str, operator: str, as_json: bool) -> None:
    """Void an auction: bidding stops, no tickets, refunds where bought, every bidder told. Nothing is deleted.

    It cannot be undone. A repeat changes nothing and completes what was interrupted.
    """
    voided = void_and_announce(current_engine(), auction_id, why, operator, utcnow())
    refunds = [asdict(refund) if as_json else f"{refund.seat} {refund.price:,}" for refund in voided.refunds]
    print_one(
        {
            "id": auction_id,
            "state": "voided",
            "repeated": voided.repeated,
            "withdrawn": voided.withdrawn,
            "refunds": refunds if as_json else ", ".join(map(str, refunds)) or "none",
            "mails": voided.mails,
        },
        as_json,
    )


commands = (void,)

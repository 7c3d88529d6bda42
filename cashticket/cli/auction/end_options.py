"""What `auction add` takes and `auction show` prints of what follows the end: price, and time to buy."""

import click

from cashticket.auction.settlement_rules import OFFER_HOURS, PURCHASE_HOURS, QUIET_HOURS
from cashticket.auction.values import Pricing
from cashticket.catalogue.plans import bounds
from cashticket.cli.output import Data, View
from cashticket.locale import iso
from cashticket.models import Auction

HOURS = {
    "purchase-hours": (PURCHASE_HOURS, "How long a winner has to buy"),
    "offer-hours": (OFFER_HOURS, "How long an offer to the next in line is open"),
}
"""Option → its default, and what it says."""

NOT_LONGER = f"never past the cancellation deadline, and no end before {QUIET_HOURS.stop:02}:00 in Seoul."


def end_options(view: View) -> View:
    """Give a command `--pricing`, `--purchase-hours` and `--offer-hours`."""
    for name, (default, text) in reversed(HOURS.items()):
        hours = click.IntRange(*bounds(name.replace("-", "_")))
        option = click.option(f"--{name}", type=hours, default=default, show_default=True, help=f"{text}; {NOT_LONGER}")
        view = option(view)
    pricing = click.Choice([str(each) for each in Pricing])
    return click.option("--pricing", type=pricing, default=str(Pricing.PAY_AS_BID), show_default=True)(view)


def end_data(auction: Auction) -> Data:
    """How winners pay, how long they may, and since when the line is paused if it is, for printing."""
    paused_at = auction.line_paused_at
    return {
        "pricing": auction.pricing,
        "purchase_hours": auction.purchase_hours,
        "offer_hours": auction.offer_hours,
        **({} if paused_at is None else {"line_paused_at": iso(paused_at)}),
    }

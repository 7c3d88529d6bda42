"""What `auction add` takes and `auction show` prints of the seats of an auction beyond their number."""

import click

from cashticket.catalogue import seat_facts
from cashticket.catalogue.plans import bounds
from cashticket.cli.output import Data, View
from cashticket.models import Auction
from cashticket.models.auctions import SEAT_TEXT_MAX

HELPS = {
    "zone": "Where the seats are, such as 'Floor A'",
    "view": "What one sees from there",
    "benefits": "What comes with a seat",
}


def seat_options(view: View) -> View:
    """Give a command an option for each fact about seats; all may be left out."""
    price = click.option("--face-price", type=click.IntRange(*bounds("face_price")), help="Of such a seat, in won.")
    rows = click.option("--rows", help="Seats of each row from the front: 20,22,24 or 5x40. Rank 1 gets the first.")
    view = price(rows(view))
    for name, text in reversed(HELPS.items()):
        view = click.option(f"--{name}", help=f"{text}; at most {SEAT_TEXT_MAX[name]} characters.")(view)
    return view


def seat_data(auction: Auction) -> Data:
    """What is announced of the seats, for printing; what is not is left out."""
    facts = {name: getattr(auction, name) for name in seat_facts.NAMES}
    return {name: value for name, value in facts.items() if value is not None}

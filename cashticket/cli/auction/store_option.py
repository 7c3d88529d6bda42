"""Which live store an auction gets, and what is said when that store did not confirm it."""

import click

from cashticket.work.publishing import Unconfirmed

store_option = click.option(
    "--store",
    metavar="NAME",
    help="Live store of all its bids: `first`, or one of LIVE_STORES.  [default: that of the concert's other auctions, "
    "else the one with the fewest]",
)


def unconfirmed(error: Unconfirmed) -> click.ClickException:
    """What to do about an auction that may or may not be open."""
    return click.ClickException(
        f"Auction {error.auction_id} is stored, but the live store did not confirm it. Repeat "
        f"`flask --app wsgi auction publish {error.auction_id}` until it does; that is harmless."
    )

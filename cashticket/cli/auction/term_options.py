"""The options of `auction add` that may be left out, and what `auction show` prints of them, in groups of their own."""

from cashticket.cli.auction.bidder_options import identity_data, identity_option
from cashticket.cli.auction.end_options import end_data, end_options
from cashticket.cli.auction.seat_options import seat_data, seat_options
from cashticket.cli.output import Data, View
from cashticket.models import Auction


def more_options(view: View) -> View:
    """Give a command the options of price, time to buy, bidders and seats."""
    return end_options(identity_option(seat_options(view)))


def more_terms(auction: Auction) -> Data:
    """The terms that these options set, for printing."""
    return {**end_data(auction), **identity_data(auction), **seat_data(auction)}

"""The announced terms of an auction, converted from its row to the value of the law."""

from cashticket.auction.terms import Terms
from cashticket.locale import to_ms
from cashticket.models import Auction


def terms_of(auction: Auction) -> Terms:
    """The terms that the live store gets at publishing. The same row always gives the same terms."""
    return Terms(
        auction_id=auction.id,
        seats=auction.seats,
        minimum=auction.minimum,
        step=auction.step,
        opens_at_ms=to_ms(auction.opens_at),
        closes_at_ms=to_ms(auction.closes_at),
        soft_close_ms=auction.soft_close_seconds * 1000,
        soft_close_cap_ms=auction.soft_close_cap_seconds * 1000,
        maximum=auction.maximum,
        alias_salt=auction.alias_salt,
    )

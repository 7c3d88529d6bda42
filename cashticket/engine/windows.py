"""The whole order of an auction, read in windows so that no script holds the live store for long."""

from collections.abc import Iterator

from cashticket.auction.values import RankedBid
from cashticket.engine.interface import ROWS_MAX, Engine


def whole_order(engine: Engine, auction_id: int) -> Iterator[RankedBid]:
    """All ranked bids, best first, ROWS_MAX a call. Raises UnknownAuction, and what stores raise while they are away.

    It is complete only while no bid is accepted, because a bid between two windows moves the rows: use it after
    bidding has ended."""
    first = 1
    while bids := engine.rows(auction_id, first, ROWS_MAX).bids:
        yield from bids
        if len(bids) < ROWS_MAX:
            return
        first += ROWS_MAX

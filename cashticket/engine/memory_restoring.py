"""Gives an auction in memory the bids that it lost: all that the ledger has, or those that witnesses still hold."""

from collections.abc import Sequence

from cashticket.auction.answers import answer_of
from cashticket.auction.values import Entry, RankedBid, State
from cashticket.auction.withdrawals import WITHDRAWN
from cashticket.engine.interface import Restoration
from cashticket.engine.memory_auction import MemoryAuction


def restore(auction: MemoryAuction, restoration: Restoration) -> None:
    """Fill a new auction from the ledger."""
    for bid in restoration.bids:
        _write(auction, bid)
    auction.sequence = auction.recorded = restoration.sequence
    auction.pause_reason, auction.version = restoration.paused, restoration.version - 1
    auction.stopped_ms, auction.outage = restoration.stopped_ms, restoration.outage
    auction.given_ms = restoration.stopped_ms or 0
    auction.change(restoration.state)


def put_back(auction: MemoryAuction, entries: Sequence[Entry], through: int) -> bool:
    """Write the bids above the last number given, and give no number up to `through` again. False, and nothing
    changed, when the auction takes bids or bidding is over."""
    if auction.state is not State.OPEN or not auction.paused:
        return False
    given = auction.sequence
    for entry in entries:
        if entry.sequence > auction.sequence:
            _write(auction, entry)
            auction.bids.append(entry)
            auction.sequence = entry.sequence
            auction.ends_at_ms = max(auction.ends_at_ms, entry.ends_at_ms)
    auction.sequence = max(auction.sequence, through)
    if auction.sequence > given:
        # Each number that was given had raised the version, and recording it may have raised it once more.
        auction.version += 2 * (auction.sequence - given) - 1
        auction.change(auction.state)
    return True


def _write(auction: MemoryAuction, bid: Entry) -> None:
    auction.last_ms = max(auction.last_ms, bid.at_ms)
    if bid.nth == WITHDRAWN:
        auction.ranked_bids.pop(bid.person, None)
        return
    auction.ranked_bids[bid.person] = RankedBid(bid.person, bid.amount, bid.sequence)
    auction.used[bid.person] = bid.nth
    auction.answers[bid.person, bid.request_id] = answer_of(bid, auction.terms.seats)

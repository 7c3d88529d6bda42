"""Waiting bids under numbers that the ledger has given to other bids, set aside, or given up.

A live store that went on from an older copy of itself gives such numbers again. The bids after the start of a check are
compared as they are read; here is what that leaves.
"""

from collections.abc import Iterator

from cashticket.ledger.bid_rows import entry_from_text
from cashticket.ledger.bid_windows import bids_numbered
from cashticket.models import Auction
from cashticket.work.check.explained import Explained
from cashticket.work.check.waiting import Waiting, WaitingBid, waiting_bid


def strangers(row: Auction, explained: Explained, waiting: Waiting, start: int) -> Iterator[int]:
    """Yield the numbers up to the ledger's mark under which a bid waits that the ledger does not have there.

    `waiting` is without the bids after `start` that were found recorded. A number after it for which the ledger has no
    reason is named as not recorded by others.
    """
    yield from sorted(waiting.doubled)
    left = {number: bid for number, bid in waiting.bids.items() if number <= row.recorded_sequence}
    owners = set_aside(explained)
    for bid in bids_numbered(row.id, sorted(number for number in left if number <= start)):
        owners[bid.sequence] = WaitingBid(bid.person_id, bid.nth, bid.amount, bid.at_ms, bid.request_id)
    for number, bid in sorted(left.items()):
        is_named = number > start and any(explained.without_reason(number, number))
        if not is_named and owners.get(number) != bid:
            yield number


def set_aside(explained: Explained) -> dict[int, WaitingBid]:
    """The bids and withdrawals that were set aside, by number, as far as their texts can be read."""
    entries = filter(None, (entry_from_text(each.raw) for each in explained.quarantined if each.sequence))
    return {entry.sequence: waiting_bid(entry) for entry in entries}

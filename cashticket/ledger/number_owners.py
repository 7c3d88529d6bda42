"""To which bids the ledger gave sequence numbers, read for a few numbers at a time."""

from collections.abc import Collection

from sqlalchemy import select

from cashticket.auction.values import Bid
from cashticket.extensions import db
from cashticket.ledger import gaps, withdrawals
from cashticket.ledger.bid_rows import bid_of, entry_from_text
from cashticket.models import Quarantined, RecordedBid

NUMBERS_MAX = 500
"""Numbers that one statement takes."""


def owners_of(auction_id: int, numbers: Collection[int]) -> dict[int, Bid | None]:
    """The bid of each of these numbers, recorded or set aside; None for a number that was given up.

    Numbers about which the ledger does not say that are left out: those that are not recorded yet, and those of entries
    that cannot be read.
    """
    ordered = sorted(numbers)
    owners: dict[int, Bid | None] = {}
    for first in range(0, len(ordered), NUMBERS_MAX):
        owners |= _owners(auction_id, ordered[first : first + NUMBERS_MAX])
    return owners


def _owners(auction_id: int, numbers: Collection[int]) -> dict[int, Bid | None]:
    owners: dict[int, Bid | None] = {
        number: None for gap in gaps.gaps_of(auction_id) for number in numbers if gap.first <= number <= gap.last
    }
    rows = select(Quarantined).where(Quarantined.auction_id == auction_id, Quarantined.sequence.in_(numbers))
    for quarantined in db.session.scalars(rows):
        entry = entry_from_text(quarantined.raw)
        if entry is not None and entry.sequence == quarantined.sequence:
            owners[entry.sequence] = bid_of(entry)
        elif quarantined.sequence is not None:
            owners.pop(quarantined.sequence, None)
    recorded = select(RecordedBid).where(RecordedBid.auction_id == auction_id, RecordedBid.sequence.in_(numbers))
    owners |= {row.sequence: bid_of(row) for row in withdrawals.numbered(auction_id, numbers)}
    return owners | {bid.sequence: bid_of(bid) for bid in db.session.scalars(recorded)}

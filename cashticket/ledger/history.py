"""How the cut-off of an auction rose, read from the recorded bids: enough points for a chart, however many bids."""

from dataclasses import dataclass

from sqlalchemy import func, select

from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Auction, RecordedBid, Withdrawal
from cashticket.models.reading_copy import require

POINTS_MAX = 300
INTERVALS = POINTS_MAX - 2
"""The time of bidding is cut into this many equal intervals; two points are left for the opening and the last bid."""


@dataclass(frozen=True, slots=True)
class History:
    """`points` are (ms, cut-off in won), earliest first, beginning with the minimum price at the opening. Between two
    points the earlier cut-off was in force. `version` is the last sequence read, `bids` the number of bids read."""

    version: int
    bids: int
    points: tuple[tuple[int, int], ...]


def cutoff_history(auction: Auction) -> History:
    """At most POINTS_MAX points. A change is never shown before it happened, and at most one interval after it."""
    recorded = (RecordedBid.auction_id == auction.id, RecordedBid.sequence <= auction.recorded_sequence)
    withdrawn = select(func.max(Withdrawal.sequence)).where(Withdrawal.auction_id == auction.id)
    first, last, bids, newest = db.session.execute(
        select(
            func.min(RecordedBid.at_ms), func.max(RecordedBid.at_ms), func.count(), func.max(RecordedBid.sequence)
        ).where(*recorded)
    ).one()
    last_number = max(newest or 0, db.session.scalar(withdrawn) or 0)
    require(last_number == auction.recorded_sequence)
    opening = (to_ms(auction.opens_at), auction.minimum)
    if not bids:
        return History(auction.recorded_sequence, 0, (opening,))
    interval_ms = (last - first) // INTERVALS + 1
    interval = (RecordedBid.at_ms - first) // interval_ms
    rows = db.session.execute(
        select(func.max(RecordedBid.at_ms), func.max(RecordedBid.cutoff))
        .where(*recorded)
        .group_by(interval)
        .order_by(func.max(RecordedBid.at_ms))
    )
    return History(auction.recorded_sequence, bids, _changes(opening, [(at_ms, cutoff) for at_ms, cutoff in rows]))


def _changes(opening: tuple[int, int], points: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The opening, every point that differs from the one before, and the last point in any case."""
    pairs = zip([opening, *points[:-1]], points, strict=True)
    changes = [opening, *(point for before, point in pairs if point[1] != before[1])]
    return tuple(changes if changes[-1] == points[-1] else [*changes, points[-1]])

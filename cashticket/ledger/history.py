"""How the cut-off of an auction rose, from the recorded bids alone: enough points to draw a line, however many bids."""

from dataclasses import dataclass

from sqlalchemy import func, select

from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Auction, RecordedBid

POINTS_MAX = 300
SPANS = POINTS_MAX - 2
"""Into so many stretches of equal length the bidding is cut; two points are kept for the opening and the last bid."""


@dataclass(frozen=True, slots=True)
class History:
    """`points` are (ms, cut-off in won), earliest first, beginning with the minimum price at the opening; between two
    points the earlier cut-off held. `version` is the last sequence that was looked at, `bids` how many bids those are.
    """

    version: int
    bids: int
    points: tuple[tuple[int, int], ...]


def cutoff_history(auction: Auction) -> History:
    """At most POINTS_MAX points. A change is never shown earlier than it happened, and late by a stretch at most."""
    told = (RecordedBid.auction_id == auction.id, RecordedBid.sequence <= auction.recorded_sequence)
    first, last, bids = db.session.execute(
        select(func.min(RecordedBid.at_ms), func.max(RecordedBid.at_ms), func.count()).where(*told)
    ).one()
    opening = (to_ms(auction.opens_at), auction.minimum)
    if not bids:
        return History(auction.recorded_sequence, 0, (opening,))
    stretch = (last - first) // SPANS + 1
    number = (RecordedBid.at_ms - first) // stretch
    found = db.session.execute(
        select(func.max(RecordedBid.at_ms), func.max(RecordedBid.cutoff))
        .where(*told)
        .group_by(number)
        .order_by(func.max(RecordedBid.at_ms))
    )
    return History(auction.recorded_sequence, bids, _changes(opening, [(at_ms, cutoff) for at_ms, cutoff in found]))


def _changes(opening: tuple[int, int], points: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The opening, what differs from the point before, and the last point whatever it says."""
    kept = [opening]
    kept += [point for before, point in zip([opening, *points[:-1]], points, strict=True) if point[1] != before[1]]
    return tuple(kept if kept[-1] == points[-1] else [*kept, points[-1]])

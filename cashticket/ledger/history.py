"""How the cut-off of an auction rose, and fell where a standing was withdrawn, read from the ledger: enough points for
a chart, however many bids."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Row, case, func, select

from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Auction, RecordedBid, Withdrawal
from cashticket.models.reading_copy import require

POINTS_MAX = 300
INTERVALS = POINTS_MAX - 2
"""The time of bidding is cut into this many equal intervals; two points are left for the opening and the last bid."""

FALLS_MAX = 50
"""Withdrawals that are points of their own, the newest ones. Each costs two points."""


@dataclass(frozen=True, slots=True)
class History:
    """`points` are (ms, cut-off in won), earliest first, beginning with the minimum price at the opening. Between two
    points the earlier cut-off was in force. `version` is the last sequence read, `bids` the number of bids read."""

    version: int
    bids: int
    points: tuple[tuple[int, int], ...]


def cutoff_history(auction: Auction) -> History:
    """At most POINTS_MAX points. A change is never shown before it happened, and at most one interval after it."""
    falls = _falls(auction)
    first, last, bids, newest = db.session.execute(
        select(
            func.min(RecordedBid.at_ms), func.max(RecordedBid.at_ms), func.count(), func.max(RecordedBid.sequence)
        ).where(*_recorded(auction))
    ).one()
    require(max(newest or 0, falls[-1].sequence if falls else 0) == auction.recorded_sequence)
    opening = (to_ms(auction.opens_at), auction.minimum)
    if not bids:
        return History(auction.recorded_sequence, 0, (opening,))
    interval_ms = (last - first) // (INTERVALS - 2 * len(falls)) + 1
    # Between two withdrawals the cut-off only rises, so its highest in an interval is its last.
    piece = ((RecordedBid.at_ms - first) // interval_ms, *_falls_before(falls))
    newest_of = [func.max(column) for column in (RecordedBid.sequence, RecordedBid.at_ms, RecordedBid.cutoff)]
    rises = db.session.execute(select(*newest_of).where(*_recorded(auction)).group_by(*piece)).all()
    points = [(at_ms, cutoff) for _, at_ms, cutoff in sorted([*map(tuple, rises), *map(tuple, falls)])]
    return History(auction.recorded_sequence, bids, _changes(opening, points))


def _recorded(auction: Auction) -> tuple[ColumnElement[bool], ...]:
    return RecordedBid.auction_id == auction.id, RecordedBid.sequence <= auction.recorded_sequence


def _falls(auction: Auction) -> Sequence[Row[int, int, int]]:
    """Number, moment and cut-off of the newest withdrawals, FALLS_MAX at most, in sequence."""
    columns = (Withdrawal.sequence, Withdrawal.at_ms, Withdrawal.cutoff)
    of = (Withdrawal.auction_id == auction.id, Withdrawal.sequence <= auction.recorded_sequence)
    newest = select(*columns).where(*of).order_by(Withdrawal.sequence.desc()).limit(FALLS_MAX)
    return db.session.execute(newest).all()[::-1]


def _falls_before(falls: Sequence[Row[int, int, int]]) -> list[ColumnElement[int]]:
    """SQL: for each of these withdrawals, whether it came before a bid."""
    return [case((RecordedBid.sequence > fall.sequence, 1), else_=0) for fall in falls]


def _changes(opening: tuple[int, int], points: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The opening, every point that differs from the one before, and the last point in any case."""
    pairs = zip([opening, *points[:-1]], points, strict=True)
    changes = [opening, *(point for before, point in pairs if point[1] != before[1])]
    return tuple(changes if changes[-1] == points[-1] else [*changes, points[-1]])

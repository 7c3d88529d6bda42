"""The line between winners and the others, drawn in the unit that settles an auction.

Its ranks were stored before, with the line as it was then. Only the rows down to the last winner can differ now, when
somebody was blocked or got a ticket meanwhile. So the work grows with the seats and not with the bidders.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, false, func, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import RankedBid
from cashticket.ledger.order import WINDOW_ROWS
from cashticket.models import Auction, FinalRank
from cashticket.settlement import line
from cashticket.settlement.ranking import Line


def draw(session: Session, auction: Auction) -> list[tuple[int, RankedBid]]:
    """Draw the line as it is now and store who was passed over. Returns the winners, best first, with their ranks."""
    drawn, first, winners = Line(auction.seats), 1, list[tuple[int, RankedBid]]()
    lowest = _lowest_winner(session, auction.id)
    while not drawn.is_drawn or first <= lowest:
        rows = _window(session, auction.id, first)
        if not rows:
            break
        winners += _draw_window(session, auction, drawn, rows)
        first += len(rows)
    line.record_passed_over(session, auction)
    return winners


def _lowest_winner(session: Session, auction_id: int) -> int:
    """The rank down to which winners were expected when the ranks were stored."""
    expected = (FinalRank.auction_id == auction_id, FinalRank.waiting == false(), FinalRank.line_place.is_(None))
    return session.scalar(select(func.max(FinalRank.rank)).where(*expected)) or 0


def _window(session: Session, auction_id: int, first: int) -> Sequence[FinalRank]:
    last = first + WINDOW_ROWS - 1
    rows = select(FinalRank).where(FinalRank.auction_id == auction_id, FinalRank.rank.between(first, last))
    return session.scalars(rows.order_by(FinalRank.rank)).all()


def _draw_window(
    session: Session, auction: Auction, drawn: Line, rows: Sequence[FinalRank]
) -> list[tuple[int, RankedBid]]:
    bids = [RankedBid(row.person_id, row.amount, row.sequence) for row in rows]
    passed_over = line.passed_over(session, auction.concert_id, [bid.person for bid in bids])
    places = drawn.places(rows[0].rank, bids, passed_over)
    moved = [
        {"of_rank": row.rank, "line_place": place, "waiting": waiting}
        for row, (place, waiting) in zip(rows, places, strict=True)
        if (row.line_place, row.waiting) != (place, waiting)
    ]
    if moved:
        mine = (FinalRank.auction_id == auction.id, FinalRank.rank == bindparam("of_rank"))
        values: dict[str, Any] = {"line_place": bindparam("line_place"), "waiting": bindparam("waiting")}
        session.connection().execute(update(FinalRank).where(*mine).values(**values), moved)
    pairs = zip(rows, bids, places, strict=True)
    return [(row.rank, bid) for row, bid, (place, _) in pairs if place is None]

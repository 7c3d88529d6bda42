"""The whole ladder of winning bids, a page at a time. What one page costs does not grow with seats or bidders."""

from typing import TypedDict

from cashticket.engine.interface import Engine, Snapshot
from cashticket.live.board_rows import Row, rows_of

PAGE_ROWS = 50


class Ladder(TypedDict):
    """Page `page` of `pages` (from 1), and its `rows`, best first. `winners` is how many bids are winning."""

    auction_id: int
    snapshot: Snapshot
    winners: int
    page: int
    pages: int
    rows: list[Row]


def ladder_context(engine: Engine, snapshot: Snapshot, page: int) -> Ladder | None:
    """A page of the ladder at about the moment of this snapshot; None if there are fewer pages. The first page is
    always there. Raises UnknownAuction, StoreUnavailable."""
    terms = snapshot.terms
    winners = min(terms.seats, snapshot.bidders)
    pages = max(1, -(-winners // PAGE_ROWS))
    if not 1 <= page <= pages:
        return None
    first = (page - 1) * PAGE_ROWS + 1
    count = min(PAGE_ROWS, winners - first + 1)
    bids = engine.rows(terms.auction_id, first, count).bids if winners else ()
    return {
        "auction_id": terms.auction_id,
        "snapshot": snapshot,
        "winners": winners,
        "page": page,
        "pages": pages,
        "rows": rows_of(terms, first, bids),
    }

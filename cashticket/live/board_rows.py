"""The rows that a board shows: the best bids, those around the cut-off line, and how many lie between and below.

Their number does not grow with seats or bidders. People appear under their aliases only.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypedDict

from cashticket.auction.aliases import alias
from cashticket.auction.terms import Terms
from cashticket.auction.values import RankedBid
from cashticket.engine.interface import Snapshot


class Row(TypedDict):
    """One standing bid in public."""

    rank: int
    amount: int
    alias: str


@dataclass(frozen=True, slots=True)
class BoardRows:
    """`top` are the best winning bids. `edge` are the last winning ones that `top` has not, after `hidden` bids that
    are not shown. `below` are the first that are not winning, and `rest` more follow them. `is_full` tells whether all
    seats are taken, so that the cut-off line is drawn between `edge` and `below`; until then `free` seats are not."""

    top: list[Row]
    hidden: int
    edge: list[Row]
    below: list[Row]
    rest: int
    is_full: bool
    free: int


def board_rows(snapshot: Snapshot) -> BoardRows:
    """The rows of this snapshot."""
    terms = snapshot.terms
    top = rows_of(terms, 1, snapshot.top)
    around = rows_of(terms, snapshot.edge.first, snapshot.edge.bids)
    edge = [row for row in around if len(top) < row["rank"] <= terms.seats]
    below = [row for row in around if row["rank"] > terms.seats]
    last = max((row["rank"] for row in (*top, *around)), default=0)
    hidden = edge[0]["rank"] - len(top) - 1 if edge else 0
    free = max(0, terms.seats - snapshot.bidders)
    is_full = snapshot.last_winner is not None
    return BoardRows(top, hidden, edge, below, snapshot.bidders - last, is_full=is_full, free=free)


def rows_of(terms: Terms, first: int, bids: Iterable[RankedBid]) -> list[Row]:
    """Neighbouring bids as rows; `first` is the rank of the first one."""
    return [
        {"rank": rank, "amount": bid.amount, "alias": alias(terms.alias_salt, terms.auction_id, bid.person)}
        for rank, bid in enumerate(bids, first)
    ]

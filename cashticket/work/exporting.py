"""The order of an auction for operators, by alias; with names only for a reason that is recorded.

It is read in windows while it is written, so that memory does not grow with the auction. The final ranks of a finished
auction never change. A running order moves while it is read: nobody appears twice, because each window goes on below
the last bid of the one before; whoever bids or raises to a place that is already written is missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from cashticket.auction import rules
from cashticket.auction.aliases import alias
from cashticket.auction.values import RankedBid, State
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.ledger import award_queries, order, results
from cashticket.ledger.operator_acts import record_alone
from cashticket.models import Auction, Person
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject

WINDOW = 500
"""Rows held at once. A statement takes a limited number of values, and a script reads a limited number of rows."""

Row = dict[str, Any]


class NotExportable(OperatorError):
    """The order is not exported."""


@dataclass(frozen=True, slots=True)
class Export:
    """An order that is about to be read: windows of rows, best first, each row with alias, result and `person_id`.

    `final`: nothing can change the order. `lost`: the ledger stands in for the live store. `bidders` and `cutoff` (won)
    are those of the beginning, and so is `sequence`, the last bid at that moment. Amounts are in won.
    """

    state: State
    final: bool
    lost: bool
    bidders: int
    cutoff: int
    sequence: int
    windows: Iterator[list[Row]]


def export_of(engine: Engine, auction: Auction) -> Export:
    """The final ranks once the auction is over; until then the order of the live store, or of the ledger if that is
    lost. Raises StoreUnavailable and OutcomeUnknown, also while the windows are read."""
    if auction.state.is_end and auction.ranked_at is not None:
        finished = results.finished(auction.id)
        assert finished is not None
        return _of_ledger(auction, finished.bidders, final_windows(auction.id, auction.seats), final=True)
    if not auction.state.is_end:
        try:
            snapshot = engine.read(auction.id)
        except UnknownAuction:
            return _of_ledger(
                auction, order.count_bidders(db.session(), auction.id), _recorded_windows(auction), lost=True
            )
        windows = (_rows(auction, first, bids) for first, bids in running_windows(engine, auction.id))
        facts = (snapshot.state, False, False, snapshot.bidders, snapshot.cutoff, snapshot.sequence)
        return Export(*facts, windows)
    return _of_ledger(auction, order.count_bidders(db.session(), auction.id), _recorded_windows(auction), final=True)


def final_windows(auction_id: int, seats: int) -> Iterator[list[Row]]:
    """The final ranks with seats and prices, as they are when each window is read."""
    first = 1
    while window := results.results(auction_id, first, first + WINDOW - 1):
        yield [
            {
                "rank": row.rank,
                "alias": row.alias,
                "amount": row.amount,
                "sequence": row.sequence,
                "winning": rules.is_winning(row.rank, seats),
                "seat": row.seat,
                "price": row.price,
                "award": row.awarded,
                "person_id": row.person,
            }
            for row in window
        ]
        first += WINDOW


def running_windows(engine: Engine, auction_id: int) -> Iterator[tuple[int, Sequence[RankedBid]]]:
    """The order of a running auction, each window with the number of its first bid among all that are given.

    Bids that come in meanwhile push bids that were given already into the next window; they are left out there.
    """
    number, first, last = 1, 1, None
    while bids := engine.rows(auction_id, first, WINDOW).bids:
        first += len(bids)
        below = [bid for bid in bids if last is None or _is_below(bid, last)]
        if below:
            yield number, below
            number, last = number + len(below), below[-1]


def with_people(auction_id: int, export: Export, why: str, operator: str) -> Export:
    """The export with name, email and phone in each row, after recording the act. Raises NotExportable without a
    reason.

    Whoever was awarded a seat appears under the name that the award was made for.
    """
    if not 1 <= len(why) <= WHY_MAX:
        raise NotExportable(f"Names are given for a reason that is kept: add --why, in 1 to {WHY_MAX} characters.")
    record_alone(operator, Act.AUCTION_EXPORT, auction_subject(auction_id), why, {"people": export.bidders})
    return replace(export, windows=(_named(auction_id, rows) for rows in export.windows))


def _named(auction_id: int, rows: list[Row]) -> list[Row]:
    ids = [row["person_id"] for row in rows]
    query = select(Person.id, Person.name, Person.email, Person.phone).where(Person.id.in_(ids))
    people = {
        person.id: {"name": person.name, "email": person.email, "phone": person.phone}
        for person in db.session.execute(query)
    }
    names = award_queries.names(auction_id, ids)
    awarded = {person_id: {"name": name} for person_id, name in names.items() if name is not None}
    return [row | people[row["person_id"]] | awarded.get(row["person_id"], {}) for row in rows]


def _of_ledger(
    auction: Auction, bidders: int, windows: Iterator[list[Row]], *, final: bool = False, lost: bool = False
) -> Export:
    cutoff = order.amount_at(auction, auction.seats)
    facts = (bidders, auction.minimum if cutoff is None else cutoff, auction.recorded_sequence)
    return Export(auction.state, final, lost, *facts, windows)


def _recorded_windows(auction: Auction) -> Iterator[list[Row]]:
    first = 1
    for window in order.order_windows(auction.id):
        for start in range(0, len(window), WINDOW):
            rows = window[start : start + WINDOW]
            yield _rows(auction, first, rows)
            first += len(rows)


def _rows(auction: Auction, first: int, bids: Sequence[RankedBid]) -> list[Row]:
    return [
        {
            "rank": rank,
            "alias": alias(auction.alias_salt, auction.id, bid.person),
            "amount": bid.amount,
            "sequence": bid.sequence,
            "winning": rules.is_winning(rank, auction.seats),
            "seat": None,
            "price": None,
            "award": None,
            "person_id": bid.person,
        }
        for rank, bid in enumerate(bids, first)
    ]


def _is_below(bid: RankedBid, other: RankedBid) -> bool:
    return rules.score(bid.amount, bid.sequence) < rules.score(other.amount, other.sequence)

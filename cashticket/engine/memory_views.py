"""What is read of a MemoryAuction: its board, and where one person ranks."""

from cashticket.auction import boards, rules
from cashticket.auction.values import RankedBid
from cashticket.engine.interface import OrderRows, Place, Snapshot, Status
from cashticket.engine.memory_auction import MemoryAuction


def snapshot(auction: MemoryAuction, now_ms: int) -> Snapshot:
    """The board at this moment."""
    order, terms, now_ms = auction.order(), auction.terms, auction.window(now_ms).now_ms
    edge_first, edge_last = boards.edge_ranks(terms.seats, len(order))
    return Snapshot(
        terms=terms,
        state=rules.shown_state(auction.state, terms, auction.ends_at_ms, now_ms),
        version=auction.version,
        sequence=auction.sequence,
        recorded=auction.recorded,
        now_ms=now_ms,
        ends_at_ms=auction.ends_at_ms,
        bidders=len(order),
        cutoff=rules.cutoff(order, terms.seats, terms.minimum),
        best=rules.best(order),
        top=tuple(order[: min(terms.seats, boards.TOP_ROWS)]),
        edge=rows(auction, edge_first, edge_last - edge_first + 1),
        last_winner=order[terms.seats - 1] if len(order) >= terms.seats else None,
        histogram=boards.histogram(order, terms.step),
        paused=auction.paused,
        outage=auction.outage,
        stopped_ms=auction.stopped_ms,
        stopped_end_ms=auction.stopped_end_ms,
        last_ms=auction.last_ms,
    )


def status(auction: MemoryAuction, now_ms: int) -> Status:
    """How the auction stands at this moment."""
    return Status(
        state=auction.state,
        sequence=auction.sequence,
        recorded=auction.recorded,
        version=auction.version,
        now_ms=auction.window(now_ms).now_ms,
        ends_at_ms=auction.ends_at_ms,
        paused=auction.paused,
        outage=auction.outage,
        closes_at_ms=auction.terms.closes_at_ms,
    )


def rows(auction: MemoryAuction, first: int, count: int) -> OrderRows:
    """The rows of the order from rank `first` on."""
    return OrderRows(first, tuple(auction.order()[first - 1 : first - 1 + count]))


def place(auction: MemoryAuction, person: int) -> Place:
    """Where a person ranks now."""
    rank = rules.rank(auction.order(), person)
    newest = auction.ranked_bids.get(person, RankedBid(person, 0, 0))
    return Place(
        person=person,
        version=auction.version,
        sequence=newest.sequence,
        amount=newest.amount,
        rank=rank,
        winning=rules.is_winning(rank, auction.terms.seats),
        chances_left=rules.chances_left(auction.used.get(person, 0)),
        recorded=0 < newest.sequence <= auction.recorded,
    )

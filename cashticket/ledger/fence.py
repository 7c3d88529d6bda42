"""The fence of an auction: its row says up to which sequence the ledger has every bid, and moves before the rows come.

It is moved only from the value that was read, in the transaction that writes what lies between: of two who try, one
finds it moved and starts again. Whoever finds that list and ledger do not fit together stops, and repairs nothing.
"""

from collections.abc import Sequence

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import Entry
from cashticket.locale import to_moment
from cashticket.models import Auction


class LedgerGap(Exception):
    """A bid is missing between ledger and list and nothing set aside explains it. This auction stops; nothing was
    changed. An operator compares the two with `flask auction check`."""


class Contradiction(LedgerGap):
    """Waiting bids (`entries`) have numbers that the ledger gave to others, or gave up: the live store went on from an
    older state of itself. This auction stops; nothing was changed. `flask auction rebuild` sets them aside."""

    def __init__(self, auction_id: int, entries: Sequence[Entry]) -> None:
        numbers = ", ".join(str(entry.sequence) for entry in entries[:10])
        super().__init__(f"auction {auction_id}: waiting bids {numbers} are not the ones that the ledger has")
        self.entries = entries


class Overtaken(Exception):
    """Another drain moved the fence meanwhile."""


def recorded_through(session: Session, auction_id: int) -> int:
    """Up to which bid the ledger has every one, 0 for none. Raises LedgerGap when it has no such auction."""
    recorded = session.scalar(select(Auction.recorded_sequence).where(Auction.id == auction_id))
    if recorded is None:
        raise LedgerGap(f"auction {auction_id} has bids in the live store and no row in the ledger")
    return recorded


def move_fence(session: Session, auction_id: int, old: int, new: int, ends_at_ms: int = 0) -> None:
    """From `old`, as it was read, to `new`; the end in force follows to `ends_at_ms`, never back. Raises Overtaken."""
    end = to_moment(ends_at_ms)
    moved = session.execute(
        update(Auction)
        .where(Auction.id == auction_id, Auction.recorded_sequence == old)
        # A soft close moves the end later; an operator may have moved it later still.
        .values(recorded_sequence=new, ends_at=case((Auction.ends_at < end, end), else_=Auction.ends_at)),
        execution_options={"synchronize_session": False},
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        raise Overtaken

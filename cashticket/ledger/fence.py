"""The fence of an auction: `recorded_sequence` in its row, the last sequence up to which the ledger has every bid.

The fence moves in the transaction that writes the rows, before them, and only from the value that was read. Of two
drains one finds it moved and starts again. If list and ledger do not fit together, LedgerGap stops the auction and
nothing is repaired.
"""

from collections.abc import Sequence

from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import Entry
from cashticket.locale import to_moment
from cashticket.models import Auction


class LedgerGap(Exception):
    """A bid is in neither the ledger nor the list, and no quarantined entry explains it. Recording of this auction
    stops and nothing was changed. An operator runs `flask auction check`."""

    message_is_safe = True


class Contradiction(LedgerGap):
    """The ledger gave the sequence numbers of the waiting `entries` to other bids, or gave them up: the live store
    continued from an older copy of itself. Nothing was changed. `flask auction rebuild` quarantines the entries."""

    def __init__(self, auction_id: int, entries: Sequence[Entry]) -> None:
        numbers = ", ".join(str(entry.sequence) for entry in entries[:10])
        super().__init__(f"auction {auction_id}: waiting bids {numbers} are not the ones that the ledger has")
        self.entries = entries


class Overtaken(Exception):
    """Another drain moved the fence since it was read."""


def recorded_through(session: Session, auction_id: int) -> int:
    """The last sequence up to which every bid is recorded, 0 for none. Raises LedgerGap for an unknown auction."""
    recorded = session.scalar(select(Auction.recorded_sequence).where(Auction.id == auction_id))
    if recorded is None:
        raise LedgerGap(f"auction {auction_id} has bids in the live store and no row in the ledger")
    return recorded


def move_fence(session: Session, auction_id: int, old: int, new: int, ends_at_ms: int = 0) -> None:
    """Move the fence from `old`, as it was read, to `new`, and the end in force to `ends_at_ms` if that is later.
    Raises Overtaken."""
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

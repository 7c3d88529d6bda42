"""The accepted bids that wait in the live store for the ledger, read in windows."""

from dataclasses import dataclass, field
from typing import NamedTuple

from cashticket.auction.values import Entry
from cashticket.engine.interface import Engine

WINDOW = 500


class WaitingBid(NamedTuple):
    """A bid of the list, as far as it is compared."""

    person: int
    nth: int
    amount: int
    at_ms: int
    request_id: str


@dataclass(slots=True)
class Waiting:
    """The bids of the list by sequence, the sequences that two different bids have, and the texts of entries that
    cannot be read."""

    bids: dict[int, WaitingBid] = field(default_factory=dict)
    doubled: set[int] = field(default_factory=set)
    unreadable: set[str] = field(default_factory=set)

    @property
    def newest(self) -> int:
        """The highest sequence in the list, 0 for none."""
        return max(self.bids, default=0)


def waiting_bid(entry: Entry) -> WaitingBid:
    """What is compared of an entry."""
    return WaitingBid(entry.person, entry.nth, entry.amount, entry.at_ms, entry.request_id)


def read_waiting(engine: Engine, auction_id: int) -> Waiting:
    """Read the list from its newest entry on, so that none is missed while a drain empties it: what is no longer there
    is in the ledger when that is read afterwards."""
    waiting, seen = Waiting(), 0
    while entries := engine.tail(auction_id, seen, WINDOW):
        for entry in entries:
            if isinstance(entry, Entry):
                bid = waiting_bid(entry)
                if waiting.bids.setdefault(entry.sequence, bid) != bid:
                    waiting.doubled.add(entry.sequence)
            else:
                waiting.unreadable.add(entry.raw)
        seen += len(entries)
    return waiting

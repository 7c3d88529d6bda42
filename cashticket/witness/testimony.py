"""What all witnesses together know of accepted bids that the ledger may not have: their records, merged."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from cashticket.auction.values import Entry
from cashticket.engine.condition import IDENTITIES_BETWEEN


@dataclass(frozen=True, slots=True)
class KnownBids:
    """What a witness knows of one auction: the highest sequence it has seen given, 0 for none, and by sequence the bids
    that it has not seen recorded."""

    highest: int = 0
    entries: Mapping[int, Entry] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """What one process has written.

    `alive` says whether it still runs. `beat_ms` is when it wrote last, by the live store's clock, and `identity`
    the store process (StoreCondition) that answered it then, or several of a cluster; everything that the process had
    learnt before it heard that answer is in the record. `identities` are all store processes that have answered it."""

    process: str
    alive: bool
    beat_ms: int
    identity: str
    identities: frozenset[str]
    auctions: Mapping[int, KnownBids]

    def heard(self, identity: str) -> bool:
        """Whether the store process `identity` answered when the record was written."""
        return identity in self.identity.split(IDENTITIES_BETWEEN)


class Shelf(Protocol):
    """Where witnesses write, as far as it is read."""

    def records(self) -> Iterable[Record]:
        """The records of all processes, living and dead. Raises ShelfUnavailable."""


class ShelfUnavailable(Exception):
    """The shelf cannot be read or written now; nothing is known of what the witnesses know."""

    message_is_safe = True


class Testimony:
    """The records of all witnesses together."""

    def __init__(self, records: Iterable[Record]) -> None:
        self.records = tuple(records)

    def auctions(self) -> list[int]:
        """The ids of all auctions of which somebody knows something, ascending."""
        return sorted({auction_id for record in self.records for auction_id in record.auctions})

    def of(self, auction_id: int) -> KnownBids:
        """What all witnesses together know of an auction. Of two accounts of a bid, the one that says who was displaced
        is taken; where they contradict each other (`conflicts`), the first."""
        highest, entries = 0, dict[int, Entry]()
        for each in self._accounts(auction_id):
            highest = max(highest, each.highest, *each.entries)
            for sequence, entry in each.entries.items():
                entries[sequence] = fuller(entries.get(sequence, entry), entry)
        return KnownBids(highest, entries)

    def conflicts(self, auction_id: int) -> list[tuple[Entry, Entry]]:
        """Pairs of bids that were answered with the same number, in order of the number. The first of a pair is the one
        that `of` takes."""
        taken = self.of(auction_id).entries
        others = [
            entry
            for each in self._accounts(auction_id)
            for sequence, entry in each.entries.items()
            if contradict(taken[sequence], entry)
        ]
        distinct = dict.fromkeys(sorted(others, key=lambda entry: entry.sequence))
        return [(taken[entry.sequence], entry) for entry in distinct]

    def waits_for(self, identity: str) -> list[str]:
        """The living processes that have not written since they heard the store process `identity`, by name: they may
        know of bids that are in no record yet."""
        return sorted(record.process for record in self.records if record.alive and not record.heard(identity))

    def covers(self, identity: str) -> bool:
        """Whether somebody witnessed while the store process `identity` answered. If not, bids that it accepted may be
        known to nobody."""
        return any(identity in record.identities for record in self.records)

    def last_beat_on(self, identity: str) -> int | None:
        """When the store process `identity` answered a witness last, by its clock (ms), None if that is not written."""
        return max((record.beat_ms for record in self.records if record.heard(identity)), default=None)

    def _accounts(self, auction_id: int) -> Iterator[KnownBids]:
        return (record.auctions[auction_id] for record in self.records if auction_id in record.auctions)


def read_testimony(shelf: Shelf) -> Testimony:
    """What all witnesses have written so far. Raises ShelfUnavailable."""
    return Testimony(shelf.records())


def fuller(first: Entry, second: Entry) -> Entry:
    """The one of two accounts of a bid that says who was displaced; the first if both or neither does. What is made
    from the answer to a repeated request does not say it. The first, too, where they contradict each other."""
    return second if first.displaced is None and not contradict(first, second) else first


def contradict(first: Entry, second: Entry) -> bool:
    """Whether these cannot be two accounts of the same accepted bid."""
    if first.displaced is not None and second.displaced is not None:
        return first != second
    return replace(first, displaced=None, alert=False) != replace(second, displaced=None, alert=False)

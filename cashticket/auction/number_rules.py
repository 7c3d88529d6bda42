"""What became of an auction's sequence numbers, when the live store may have gone back to an older state of itself.

Four sides say which numbers were given: the live store, the ledger, the witnesses who hold bids, and the highest number
that any witness heard of. A number that anybody heard of is never given again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from cashticket.auction.values import Bid, Entry

Range = tuple[int, int]
"""The first and the last of neighbouring numbers."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Up to which number each side has bids: `stored` is the last one that the live store gave, `recorded` the last one
    of the ledger, `witnessed` the numbers of the bids that witnesses hold, `highest` the highest that one heard of."""

    stored: int
    recorded: int
    witnessed: Collection[int] = ()
    highest: int = 0

    @property
    def last(self) -> int:
        """The last number that anybody may have been answered with; the next bid gets a higher one."""
        return max(self.stored, self.recorded, self.highest, *self.witnessed)

    @property
    def missing(self) -> Range | None:
        """The numbers that the live store must be given back, or must skip. None when it lacks none."""
        return (self.stored + 1, self.last) if self.last > self.stored else None

    @property
    def nobodys(self) -> list[Range]:
        """The numbers whose bids nobody holds. What the live store gave itself is not among them: its list and the
        ledger hold that, or the check finds a fault."""
        return list(holes(max(self.stored, self.recorded) + 1, self.last, self.witnessed))


def holes(first: int, last: int, held: Iterable[int]) -> Iterator[Range]:
    """Yield the runs of numbers from `first` to `last` that are not `held`, ascending."""
    for number in sorted(number for number in held if first <= number <= last):
        if number > first:
            yield first, number - 1
        first = number + 1
    if first <= last:
        yield first, last


def runs(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield the entries in runs of neighbouring numbers, ascending."""
    run: list[Entry] = []
    for entry in sorted(entries, key=lambda each: each.sequence):
        if run and entry.sequence != run[-1].sequence + 1:
            yield run
            run = []
        run.append(entry)
    if run:
        yield run


def bid_in(entry: Entry) -> Bid:
    """The bid that an entry is about, by which two entries are compared."""
    return Bid(entry.sequence, entry.person, entry.nth, entry.amount, entry.at_ms, entry.request_id)


def displaced_answers(answered: Iterable[Entry], owners: Mapping[int, Bid | None]) -> list[Entry]:
    """Those of the `answered` bids whose number belongs to another bid, or to none any more (None), ascending.

    `owners` says to which bid each number belongs; numbers that are not in it are free for their bid.
    """
    displaced = {
        bid_in(entry): entry
        for entry in answered
        if entry.sequence in owners and owners[entry.sequence] != bid_in(entry)
    }
    return sorted(displaced.values(), key=lambda each: (each.sequence, each.at_ms, each.person, each.request_id))

"""An order of bids that grows bid by bid: ranks are known after each, at about the same cost however many bid.

It holds one whole number for each bidder, best first, in blocks of bounded length.
"""

from bisect import bisect_left
from collections.abc import Iterator

from cashticket.auction import rules
from cashticket.auction.values import RankedBid

BLOCK_MAX = 1_500
PERSON_BITS = 40


class Ranking:
    """The order of standing bids. A bid is known by its key."""

    def __init__(self) -> None:
        self._blocks: list[list[int]] = []
        self._last_keys: list[int] = []
        self._lengths: list[int] = []

    def __len__(self) -> int:
        return sum(self._lengths)

    def __iter__(self) -> Iterator[RankedBid]:
        """The standing bids, best first."""
        return (_bid(key) for block in self._blocks for key in block)

    def add(self, key: int) -> int:
        """Add a bid. Returns its rank, from 1."""
        if not self._blocks:
            self._blocks, self._last_keys, self._lengths = [[key]], [key], [1]
            return 1
        at = min(bisect_left(self._last_keys, key), len(self._blocks) - 1)
        block = self._blocks[at]
        place = bisect_left(block, key)
        block.insert(place, key)
        rank = sum(self._lengths[:at]) + place + 1
        if len(block) > BLOCK_MAX:
            half = len(block) // 2
            self._blocks[at : at + 1] = [block[:half], block[half:]]
            self._last_keys[at : at + 1] = [block[half - 1], block[-1]]
            self._lengths[at : at + 1] = [half, len(block) - half]
        else:
            self._last_keys[at], self._lengths[at] = block[-1], len(block)
        return rank

    def remove(self, key: int) -> int:
        """Remove a bid that is in the order. Returns the rank that it had, from 1."""
        at = bisect_left(self._last_keys, key)
        block = self._blocks[at]
        place = bisect_left(block, key)
        rank = sum(self._lengths[:at]) + place + 1
        del block[place]
        if block:
            self._last_keys[at], self._lengths[at] = block[-1], len(block)
        else:
            del self._blocks[at], self._last_keys[at], self._lengths[at]
        return rank

    def rank(self, key: int) -> int:
        """The rank of a bid that is in the order, from 1."""
        at = bisect_left(self._last_keys, key)
        return sum(self._lengths[:at]) + bisect_left(self._blocks[at], key) + 1

    def at(self, rank: int) -> RankedBid | None:
        """The bid at this rank; None when fewer people have bid."""
        place = rank - 1
        for block in self._blocks:
            if place < len(block):
                return _bid(block[place])
            place -= len(block)
        return None


def key_of(amount: int, sequence: int, person: int) -> int:
    """The key of a bid: the better bid has the lower one."""
    return -(rules.score(amount, sequence) << PERSON_BITS | person)


def _bid(key: int) -> RankedBid:
    amount, sequence = rules.unscore(-key >> PERSON_BITS)
    return RankedBid(-key & (1 << PERSON_BITS) - 1, amount, sequence)

"""Which process of a cluster has which slot: one auction is one slot, and one slot is one process."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import count, groupby
from typing import Any, NamedTuple

from redis.crc import key_slot

Address = tuple[str, int]

SLOTS = 16_384
WELL = "cluster_state:ok"
"""Stands in an answer to CLUSTER INFO while the node reaches most of the primaries."""

KEYS_MAX = 4096
"""Keys whose slot is remembered: all of some hundred auctions."""


@lru_cache(maxsize=KEYS_MAX)
def slot_of(key: str) -> int:
    """The slot of a key: that of its hash tag, if it has one."""
    return key_slot(key.encode())


class Shard(NamedTuple):
    """A part of a cluster: where its primary is, and a `tag` of one of its slots, for keys that each shard has."""

    address: Address
    tag: str


class SlotMap:
    """The slots of a cluster as one of its nodes sees them. Never changes."""

    def __init__(self, rows: Iterable[Sequence[Any]], source: Address) -> None:
        """`rows` is an answer to CLUSTER SLOTS, `source` where the node is that gave it."""
        self._primaries: list[Address | None] = [None] * SLOTS
        nodes: dict[Address, None] = {}
        for first, last, *members in rows:
            addresses = [_address(member, source) for member in members]
            nodes |= dict.fromkeys(addresses)
            self._primaries[first : last + 1] = [addresses[0]] * (last - first + 1)
        self.nodes = tuple(nodes)
        """Where primaries and replicas are."""
        self.shards = tuple(self._shards())

    def primary(self, slot: int) -> Address | None:
        """Where the primary of a slot is; None while nobody has it."""
        return self._primaries[slot]

    def count_of(self, address: Address | None) -> int:
        """How many slots a primary has; of None those that nobody has."""
        return self._primaries.count(address)

    def first_of(self, address: Address | None) -> int:
        """The smallest slot of a primary."""
        return self._primaries.index(address)

    def ranges_of(self, address: Address | None) -> str:
        """The slots of a primary as text, such as `0-5460, 9000`; of None those that nobody has, '' for none."""
        ranges, slot = [], 0
        for owner, run in groupby(self._primaries):
            last = slot + len(list(run)) - 1
            if owner == address:
                ranges.append(str(slot) if slot == last else f"{slot}-{last}")
            slot = last + 1
        return ", ".join(ranges)

    def _shards(self) -> Iterable[Shard]:
        """One for each primary that has slots, in the order of its tag, which is the smallest number in its slots."""
        missing = set(self._primaries) - {None}
        for number in count():
            if not missing:
                return
            address = self._primaries[slot_of(str(number))]
            if address is not None and address in missing:
                missing.remove(address)
                yield Shard(address, str(number))


def _address(member: Sequence[Any], source: Address) -> Address:
    # A node that does not know its own address answers an empty one.
    return str(member[0] or source[0]), int(member[1])

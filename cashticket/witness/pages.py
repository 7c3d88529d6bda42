"""What one write to a shelf holds, as values and as text."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from cashticket.auction.values import Entry
from cashticket.engine.condition import Pulse
from cashticket.engine.entries import read_entry


@dataclass(frozen=True, slots=True)
class NotedBid:
    """An accepted bid with the text of its entry."""

    auction_id: int
    sequence: int
    text: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """What a process has to write: bids, and the numbers that have changed, by auction.

    `highest` are the highest sequences seen given, `recorded` those up to which the ledger has everything. `heard` is
    what the live store answered before everything above was collected, None while it does not answer. `identities` are
    the store processes heard. `waiting_bytes` is the length of all bids that the ledger does not have."""

    bids: Sequence[NotedBid] = ()
    highest: Mapping[int, int] = field(default_factory=dict)
    recorded: Mapping[int, int] = field(default_factory=dict)
    heard: Pulse | None = None
    identities: Sequence[str] = ()
    waiting_bytes: int = 0


def bid_text(bid: NotedBid) -> bytes:
    """A bid in one line, as `read_bid` reads it."""
    return b"%d %s" % (bid.auction_id, bid.text)


def read_bid(text: bytes) -> tuple[int, Entry]:
    """The auction and the bid of a line. Raises ValueError for any other text."""
    auction_id, _, raw = text.decode("utf-8", "surrogateescape").partition(" ")
    entry = read_entry(raw)
    if not isinstance(entry, Entry):
        raise ValueError(f"not a bid: {raw[:80]!r}")
    return int(auction_id), entry


def json_text(*values: object) -> bytes:
    """Values as JSON in one line."""
    return json.dumps(values, separators=(",", ":")).encode()

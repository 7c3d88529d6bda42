"""Puts accepted bids back that the live store has lost, in steps so short that bids in other auctions do not wait."""

from collections.abc import Sequence

import redis

from cashticket import redis_keys
from cashticket.auction.values import Entry
from cashticket.engine import decoding
from cashticket.engine.connection import ask
from cashticket.engine.entries import entry_text
from cashticket.engine.interface import check_put_back
from cashticket.engine.scripts import Script
from cashticket.engine.store_identity import STORE_IDENTITY

BATCH = 200
"""Bids that one step writes; it holds the store for about a millisecond."""

_KEYS = (
    redis_keys.terms,
    redis_keys.state,
    redis_keys.standings,
    redis_keys.chances,
    redis_keys.answers,
    redis_keys.bids,
    redis_keys.news,
)


class PuttingBack:
    """The verb `put_back` of an engine."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._script = Script("put_back")

    def put_back(self, auction_id: int, entries: Sequence[Entry], through: int) -> bool:
        """Write the bids, then the last number. Each step leaves a store that has the bids up to some number."""
        check_put_back(entries, through)
        keys = [name(auction_id) for name in _KEYS]
        seats = self._seats(auction_id)
        batches = [entries[start : start + BATCH] for start in range(0, len(entries), BATCH)] or [()]
        for batch in batches:
            last = through if batch is batches[-1] else batch[-1].sequence
            bids = [argument for entry in batch for argument in _arguments(entry, seats)]
            reply = decoding.require_known(auction_id, self._script(self._client, keys, (STORE_IDENTITY, last, *bids)))
            if reply[0] != "1":
                return False
        return True

    def _seats(self, auction_id: int) -> int:
        seats = ask(self._client, "HGET", redis_keys.terms(auction_id), "seats")
        decoding.require_known(auction_id, ["unknown_auction" if seats is None else "terms"])
        return int(seats)


def _arguments(entry: Entry, seats: int) -> tuple[str | int, ...]:
    person, score, nth, request_id, answer = decoding.bid_arguments(entry, seats)
    moments = (entry.at_ms, entry.ends_at_ms)
    return entry.sequence, person, score, nth, request_id, answer, *moments, entry_text(entry)

"""Gives a live store an auction that it lost, in steps so short that bids in other auctions do not wait for them."""

from collections.abc import Sequence
from itertools import islice

import redis

from cashticket import redis_keys
from cashticket.auction.terms import check_terms
from cashticket.engine import decoding
from cashticket.engine.connection import ask
from cashticket.engine.interface import Restoration
from cashticket.engine.scripts import Script
from cashticket.engine.store_identity import STORE_IDENTITY

BATCH = 200
"""Bids that one step writes; it holds the store for about a millisecond."""


class Restorer:
    """The verb `restore` of an engine."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._clear, self._write_bids, self._finish = Script("restore_clear"), Script("restore_bids"), Script("restore")

    def restore(self, restoration: Restoration) -> None:
        """Clear what is left of the auction, write its bids, then its terms and state, then index it as live."""
        check_terms(restoration.terms)
        auction_id = restoration.terms.auction_id
        terms, state = redis_keys.terms(auction_id), redis_keys.state(auction_id)
        written = [name(auction_id) for name in (redis_keys.standings, redis_keys.chances, redis_keys.answers)]
        cleared = (terms, state, *written, redis_keys.bids(auction_id), redis_keys.people(auction_id))
        _require_absent(auction_id, self._clear(self._client, cleared))
        bids, last_ms = iter(restoration.bids), 0
        while batch := list(islice(bids, BATCH)):
            arguments = [argument for bid in batch for argument in decoding.bid_arguments(bid, restoration.terms.seats)]
            _require_absent(auction_id, self._write_bids(self._client, (terms, *written), arguments))
            last_ms = max(last_ms, *(bid.at_ms for bid in batch))
        rest = (STORE_IDENTITY, *decoding.restore_arguments(restoration, last_ms))
        _require_absent(auction_id, self._finish(self._client, (terms, state, redis_keys.news(auction_id)), rest))
        ask(self._client, "SADD", redis_keys.LIVE_AUCTIONS, auction_id)


def _require_absent(auction_id: int, reply: Sequence[str]) -> None:
    if reply[0] == "standing":
        raise ValueError(f"auction {auction_id} is in the live store, or bids of it wait there")

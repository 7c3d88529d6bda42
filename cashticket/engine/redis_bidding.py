"""Decides bids on Redis or Valkey, reports those that were accepted, and says which are being decided now."""

from functools import lru_cache

import redis

from cashticket import redis_keys
from cashticket.auction.values import Accepted
from cashticket.engine import decoding
from cashticket.engine.interface import Decision, OnAccepted, Paused
from cashticket.engine.packing import HEADS_MAX, head_of
from cashticket.engine.redis_reading import KeyNames, RedisReader, clamped, moment_text
from cashticket.engine.replicated_writes import ReplicatedWrites
from cashticket.engine.store_identity import STORE_IDENTITY

_WRITTEN: KeyNames = (redis_keys.chances, redis_keys.answers, redis_keys.bids, redis_keys.news)
BID_KEYS: KeyNames = (redis_keys.terms, redis_keys.state, redis_keys.people, redis_keys.standings, *_WRITTEN)


@lru_cache(maxsize=HEADS_MAX)
def _bid_keys(auction_id: int) -> tuple[str, ...]:
    return tuple(name(auction_id) for name in BID_KEYS)


class RedisBidding(RedisReader):
    """The verb `place_bid` of `Engine`. Safe to share between threads and greenlets."""

    def __init__(
        self, client: redis.Redis, backlog_max: int, on_accepted: OnAccepted | None = None, replicas: int = 0
    ) -> None:
        """Takes what RedisEngine takes."""
        super().__init__(client)
        self._on_accepted, self._backlog_max = on_accepted, head_of(backlog_max)
        self._writes = ReplicatedWrites(client, replicas)
        self._in_flight: set[object] = set()

    def place_bid(
        self,
        auction_id: int,
        person: int,
        epoch: int,
        amount: int,
        request_id: str,
        now_ms: int | None = None,
        *,
        sure: int | None = None,
    ) -> Decision:
        call = object()
        self._in_flight.add(call)
        try:
            sure_amount = "" if sure is None else clamped(sure)
            return self._decide(auction_id, (person, epoch, clamped(amount), request_id), sure_amount, now_ms)
        finally:
            self._in_flight.discard(call)

    def bids_in_flight(self) -> frozenset[object]:
        return frozenset(self._in_flight)

    def _decide(
        self, auction_id: int, bid: tuple[int, int, int, str], sure_amount: int | str, now_ms: int | None
    ) -> Decision:
        arguments = (*bid, self._backlog_max, STORE_IDENTITY, sure_amount, moment_text(now_ms))
        reply = self._writes.run_bid(_bid_keys(auction_id), arguments)
        try:
            decision = decoding.decision(auction_id, decoding.require_known(auction_id, reply))
        except Paused as paused:
            self._reconnect_if_restarted(paused.reason)
            raise
        if self._on_accepted and isinstance(decision, Accepted):
            person, _, _, request_id = bid
            self._on_accepted(auction_id, decoding.accepted_entry(reply, decision, person, request_id))
        return decision

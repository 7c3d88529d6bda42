"""Withdrawals on Redis or Valkey. A withdrawal is witnessed and confirmed as an accepted bid is."""

import redis

from cashticket import redis_keys
from cashticket.auction.values import Entry, Reason
from cashticket.engine import decoding
from cashticket.engine.entries import read_entry
from cashticket.engine.interface import OnAccepted, Paused
from cashticket.engine.redis_bidding import RedisBidding
from cashticket.engine.redis_reading import KeyNames, moment_text
from cashticket.engine.scripts import Script
from cashticket.engine.store_identity import STORE_IDENTITY
from cashticket.engine.withdrawing import Withdrawal

_KEYS: KeyNames = (redis_keys.terms, redis_keys.state, redis_keys.standings, redis_keys.bids, redis_keys.news)


class RedisWithdrawing(RedisBidding):
    """The verb `withdraw` of `Engine`."""

    def __init__(
        self, client: redis.Redis, backlog_max: int, on_accepted: OnAccepted | None = None, replicas: int = 0
    ) -> None:
        """Takes what RedisEngine takes."""
        super().__init__(client, backlog_max, on_accepted, replicas)
        self._withdraw = Script("withdraw")

    def withdraw(self, auction_id: int, person: int, now_ms: int | None = None) -> Withdrawal:
        keys = [name(auction_id) for name in _KEYS]
        reply = self._writes.run(self._withdraw, keys, (person, STORE_IDENTITY, moment_text(now_ms)))
        match decoding.require_known(auction_id, reply):
            case ["paused", reason]:
                self._reconnect_if_restarted(reason)
                raise Paused(auction_id, reason)
            case ["refused", reason]:
                return Withdrawal(refusal=Reason(reason))
            case ["withdrawn", raw]:
                entry = read_entry(raw)
                assert isinstance(entry, Entry), f"the script wrote an entry that cannot be read: {raw!r:.80}"
                if self._on_accepted:
                    self._on_accepted(auction_id, entry)
                return Withdrawal(entry)
        return Withdrawal()

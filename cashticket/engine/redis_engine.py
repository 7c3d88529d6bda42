"""The engine on a real store: every verb is one Lua script, so every verb is one atomic step.

The promise that matters most: an accepted bid is decided, ordered, remembered, queued for the ledger and published
in that one step, or not at all. The clock is the store's. Nothing is kept in this process but the connection pool.
"""

from collections.abc import Iterable

import redis

from cashticket import redis_keys
from cashticket.auction import rules
from cashticket.auction.values import AMOUNT_MAX, SEQUENCE_MAX, Entry, Permission, PoisonEntry, RankedBid, State, Terms
from cashticket.engine import decoding
from cashticket.engine.condition import StoreCondition
from cashticket.engine.condition_reading import read_condition
from cashticket.engine.connection import ask, checked, exchange
from cashticket.engine.decoding import Decision, known
from cashticket.engine.greeting import ANSWERING
from cashticket.engine.interface import BACKLOG_MAX, RESTARTED, Closing, Paused, Place, Restoration, Snapshot
from cashticket.engine.scripts import Script

RESTORE_AT_ONCE = 200
"""Bids that one step of restoring writes; it holds the store for about a millisecond."""

TRIM_AT_ONCE = 1000
"""Entries one trim script may look at: it holds the store for well under a millisecond."""


class RedisEngine:
    """The verbs of `Engine` on Redis or Valkey from 7.0. Safe to share between threads and greenlets."""

    def __init__(self, client: redis.Redis, backlog_max: int = BACKLOG_MAX) -> None:
        """`client` as `connect` makes it; bids are Paused while `backlog_max` of an auction wait for the ledger.
        ValueError when the client does not answer in text."""
        if not client.get_encoder().decode_responses:
            raise ValueError(
                "RedisEngine needs a client with decode_responses=True: use cashticket.engine.connection.connect"
            )
        self._client = client
        self._backlog_max = backlog_max
        self._open, self._extend, self._introduce = Script("open"), Script("extend"), Script("introduce")
        self._place_bid, self._read, self._place = Script("place_bid"), Script("read"), Script("place")
        self._would_rank, self._order, self._close = Script("would_rank"), Script("order"), Script("close")
        self._trim, self._discard, self._finish = Script("trim"), Script("discard"), Script("finish")
        self._pause, self._restore = Script("pause"), Script("restore")
        self._restore_clear, self._restore_bids = Script("restore_clear"), Script("restore_bids")

    def condition(self) -> StoreCondition:
        """See Engine.condition."""
        return read_condition(self._client)

    def clock(self) -> int:
        """See Engine.clock."""
        seconds, microseconds = ask(self._client, "TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000

    def open(self, terms: Terms) -> bool:
        """See Engine.open. The live index follows in a second step; a repeat mends it if that step was lost."""
        rules.check_terms(terms)
        keys = (redis_keys.terms(terms.auction_id), *_state_and_news(terms.auction_id))
        answer, state = self._open(self._client, keys, (*decoding.terms_arguments(terms), ANSWERING))
        if answer == "other":
            raise ValueError(f"auction {terms.auction_id} was published under other terms, which are frozen")
        if not State(state).is_end:
            ask(self._client, "SADD", redis_keys.LIVE_AUCTIONS, terms.auction_id)
        return bool(answer == "new")

    def extend(self, auction_id: int, closes_at_ms: int) -> Closing:
        """See Engine.extend."""
        keys = (redis_keys.terms(auction_id), *_state_and_news(auction_id))
        return decoding.closing(known(auction_id, self._extend(self._client, keys, (closes_at_ms, ANSWERING, ""))))

    def introduce(self, auction_id: int, person: int, permission: Permission, epoch: int, revision: int) -> None:
        """See Engine.introduce."""
        keys = (redis_keys.terms(auction_id), redis_keys.people(auction_id))
        known(auction_id, self._introduce(self._client, keys, (person, permission.value, epoch, revision)))

    def place_bid(
        self, auction_id: int, person: int, epoch: int, amount: int, request_id: str, now_ms: int | None = None
    ) -> Decision:
        """See Engine.place_bid."""
        keys = (
            redis_keys.terms(auction_id),
            redis_keys.state(auction_id),
            redis_keys.people(auction_id),
            redis_keys.standings(auction_id),
            redis_keys.chances(auction_id),
            redis_keys.answers(auction_id),
            redis_keys.bids(auction_id),
            redis_keys.news(auction_id),
        )
        asked = (person, epoch, _within_reach(amount), request_id, self._backlog_max)
        reply = self._place_bid(self._client, keys, (*asked, ANSWERING, _moment(now_ms)))
        try:
            return decoding.decision(auction_id, known(auction_id, reply))
        except Paused as paused:
            self._look_again(paused.reason)
            raise

    def pause(self, auction_id: int, reason: str, instead_of: str = "") -> bool:
        """See Engine.pause. ValueError without a reason."""
        if not reason:
            raise ValueError("bidding is paused for a reason")
        return self._set_pause(auction_id, reason, instead_of)

    def resume(self, auction_id: int, reason: str, checked_on: str = "") -> bool:
        """See Engine.resume."""
        return self._set_pause(auction_id, "", reason, checked_on)

    def _set_pause(self, auction_id: int, reason: str, present: str, checked_on: str = "") -> bool:
        keys = (redis_keys.terms(auction_id), *_state_and_news(auction_id))
        words = (reason, present, ANSWERING, checked_on or ANSWERING)
        return bool(known(auction_id, self._pause(self._client, keys, words))[0] == "1")

    def _look_again(self, paused: str) -> None:
        """A store may change its role without ending connections: the next call asks anew who answers."""
        if paused == RESTARTED:
            self._client.connection_pool.disconnect(inuse_connections=False)

    def restore(self, restoration: Restoration) -> None:
        """See Engine.restore. Each step is short, so that bids in other auctions never wait for it."""
        terms, auction_id = restoration.terms, restoration.terms.auction_id
        rules.check_terms(terms)
        written = [name(auction_id) for name in (redis_keys.standings, redis_keys.chances, redis_keys.answers)]
        state, news = _state_and_news(auction_id)
        clearing = (redis_keys.terms(auction_id), state, *written, redis_keys.bids(auction_id))
        _absent(auction_id, self._restore_clear(self._client, clearing))
        for start in range(0, len(restoration.bids), RESTORE_AT_ONCE):
            words = [
                word
                for bid in restoration.bids[start : start + RESTORE_AT_ONCE]
                for word in decoding.restored_words(bid, terms.seats)
            ]
            _absent(auction_id, self._restore_bids(self._client, (redis_keys.terms(auction_id), *written), words))
        last_ms = max((bid.at_ms for bid in restoration.bids), default=0)
        numbers = (restoration.sequence, restoration.version, restoration.ends_at_ms, last_ms)
        arguments = (*decoding.terms_arguments(terms), *numbers, restoration.state.value, restoration.paused, ANSWERING)
        _absent(auction_id, self._restore(self._client, (redis_keys.terms(auction_id), state, news), arguments))
        ask(self._client, "SADD", redis_keys.LIVE_AUCTIONS, auction_id)

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        """See Engine.read."""
        keys = (redis_keys.terms(auction_id), redis_keys.state(auction_id), redis_keys.standings(auction_id))
        reply = known(auction_id, self._read(self._client, keys, (ANSWERING, _moment(now_ms))))
        board = decoding.snapshot(auction_id, reply)
        self._look_again(board.paused)
        return board

    def place(self, auction_id: int, person: int) -> Place:
        """See Engine.place."""
        names = (redis_keys.terms, redis_keys.state, redis_keys.standings, redis_keys.chances)
        keys = tuple(name(auction_id) for name in names)
        return decoding.place(person, known(auction_id, self._place(self._client, keys, (person,))))

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        """See Engine.would_rank."""
        keys = (redis_keys.terms(auction_id), redis_keys.standings(auction_id))
        floor = rules.score(_within_reach(amount), SEQUENCE_MAX)
        return int(known(auction_id, self._would_rank(self._client, keys, (person, floor)))[1])

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """See Engine.versions."""
        ids = list(auction_ids)
        replies = self._each([("HGET", redis_keys.state(each), "version") for each in ids])
        return {each: int(reply) for each, reply in zip(ids, replies, strict=True) if reply is not None}

    def auctions(self) -> list[int]:
        """See Engine.auctions."""
        return sorted(map(int, ask(self._client, "SMEMBERS", redis_keys.LIVE_AUCTIONS)))

    def close(self, auction_id: int, now_ms: int | None = None) -> Closing:
        """See Engine.close."""
        keys = (redis_keys.terms(auction_id), *_state_and_news(auction_id))
        return decoding.closing(known(auction_id, self._close(self._client, keys, (ANSWERING, _moment(now_ms)))))

    def order(self, auction_id: int) -> list[RankedBid]:
        """See Engine.order."""
        keys = (redis_keys.terms(auction_id), redis_keys.standings(auction_id))
        return list(decoding.standings(known(auction_id, self._order(self._client, keys))[1]))

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        """See Engine.peek."""
        if count < 1:
            return []
        return decoding.entries(ask(self._client, "LRANGE", redis_keys.bids(auction_id), 0, count - 1))

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """See Engine.backlog."""
        ids = list(auction_ids)
        replies = self._each([("LLEN", redis_keys.bids(each)) for each in ids])
        return {each: int(reply or 0) for each, reply in zip(ids, replies, strict=True)}

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """See Engine.trim. Long backlogs are dropped in short steps, so that bids never wait for it."""
        state, news = _state_and_news(auction_id)
        keys = (state, redis_keys.bids(auction_id), news)
        total, more = 0, 1
        while more:
            dropped, more = self._trim(self._client, keys, (through_sequence, TRIM_AT_ONCE))
            total += int(dropped)
        return total

    def discard(self, auction_id: int, raw: str) -> bool:
        """See Engine.discard."""
        return bool(self._discard(self._client, (redis_keys.bids(auction_id),), (raw,)))

    def finish(self, auction_id: int, state: State) -> None:
        """See Engine.finish. ValueError for a state that is no end."""
        if not state.is_end:
            raise ValueError(f"an auction finishes as settled or voided, not {state}")
        keys = (redis_keys.terms(auction_id), *_state_and_news(auction_id))
        known(auction_id, self._finish(self._client, keys, (state.value,)))
        ask(self._client, "SREM", redis_keys.LIVE_AUCTIONS, auction_id)

    def _each(self, commands: list[tuple[str, ...]]) -> list[str | None]:
        return [checked(reply) for reply in exchange(self._client, commands)] if commands else []


def _state_and_news(auction_id: int) -> tuple[str, str]:
    return redis_keys.state(auction_id), redis_keys.news(auction_id)


def _absent(auction_id: int, reply: list[str]) -> None:
    if reply[0] == "standing":
        raise ValueError(f"auction {auction_id} is in the live store, or bids of it wait there")


def _within_reach(amount: int) -> int:
    """An amount the store can hold exactly. What lies outside is refused for the same reason as its nearest edge."""
    return max(-1, min(amount, AMOUNT_MAX + 1))


def _moment(now_ms: int | None) -> str:
    return "" if now_ms is None else str(now_ms)

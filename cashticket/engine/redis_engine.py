"""The engine on Redis or Valkey: every verb that changes an auction is one Lua script, so it is one atomic step.

An accepted bid is decided, ranked, remembered, put into the list for the ledger and published in that one step, or not
at all. The clock is the store's. Nothing is kept in this process but the connection pool.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import redis

from cashticket import redis_keys
from cashticket.auction import rules
from cashticket.auction.terms import Terms, check_terms
from cashticket.auction.values import AMOUNT_MAX, SEQUENCE_MAX, Entry, Permission, PoisonEntry, State
from cashticket.engine import decoding
from cashticket.engine.condition import StoreCondition
from cashticket.engine.condition_reading import read_condition
from cashticket.engine.connection import ask, checked, exchange
from cashticket.engine.entries import read_entry
from cashticket.engine.interface import (
    BACKLOG_MAX,
    PLACES_MAX,
    Closing,
    Decision,
    OrderRows,
    Paused,
    Place,
    Restoration,
    Snapshot,
    Status,
    check_window,
)
from cashticket.engine.pauses import RESTARTED
from cashticket.engine.restoring import Restorer
from cashticket.engine.scripts import Script
from cashticket.engine.store_identity import STORE_IDENTITY, Argument

DECIDING_VERBS = ("open", "extend", "introduce", "place_bid", "pause", "close", "finish")
READING_VERBS = ("read", "status", "places", "rows", "would_rank")
LIST_VERBS = ("trim", "discard", "forget")

TRIM_BATCH = 1000
"""Entries one trim script may look at: it holds the store for well under a millisecond."""

KeyNames = Sequence[Callable[[int], str]]

CHANGED_STATE: KeyNames = (redis_keys.terms, redis_keys.state, redis_keys.news)
"""The keys of a script that changes how an auction stands."""


class RedisEngine:
    """The verbs of `Engine` on Redis or Valkey from 7.0. Safe to share between threads and greenlets."""

    def __init__(self, client: redis.Redis, backlog_max: int = BACKLOG_MAX) -> None:
        """`client` is made by `connect`. Bids are Paused while `backlog_max` of an auction wait for the ledger.
        Raises ValueError for a client that does not answer in text."""
        if not client.get_encoder().decode_responses:
            raise ValueError(
                "RedisEngine needs a client with decode_responses=True: use cashticket.engine.connection.connect"
            )
        self._client = client
        self._backlog_max = backlog_max
        self._scripts = {verb: Script(verb) for verb in DECIDING_VERBS + READING_VERBS + LIST_VERBS}
        self._restorer = Restorer(client)

    def condition(self) -> StoreCondition:
        return read_condition(self._client)

    def clock(self) -> int:
        seconds, microseconds = ask(self._client, "TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000

    def open(self, terms: Terms) -> bool:
        """The live index follows in a second step; a repeat adds what is missing there if that step was lost."""
        check_terms(terms)
        arguments = (STORE_IDENTITY, terms.closes_at_ms, *decoding.terms_arguments(terms))
        answer, state, *standing = self._run("open", terms.auction_id, CHANGED_STATE, arguments)
        if standing and decoding.terms_from(terms.auction_id, standing[0]) != terms:
            raise ValueError(f"auction {terms.auction_id} was published under other terms, which are frozen")
        if not State(state).is_end:
            ask(self._client, "SADD", redis_keys.LIVE_AUCTIONS, terms.auction_id)
        return bool(answer == "new")

    def extend(self, auction_id: int, closes_at_ms: int) -> Closing:
        return decoding.closing(self._run("extend", auction_id, CHANGED_STATE, (closes_at_ms, STORE_IDENTITY, "")))

    def introduce(self, auction_id: int, person: int, permission: Permission, epoch: int, revision: int) -> None:
        names = (redis_keys.terms, redis_keys.people)
        self._run("introduce", auction_id, names, (person, permission.value, epoch, revision))

    def place_bid(
        self, auction_id: int, person: int, epoch: int, amount: int, request_id: str, now_ms: int | None = None
    ) -> Decision:
        names = (
            redis_keys.terms,
            redis_keys.state,
            redis_keys.people,
            redis_keys.standings,
            redis_keys.chances,
            redis_keys.answers,
            redis_keys.bids,
            redis_keys.news,
        )
        bid = (person, epoch, _clamped(amount), request_id)
        reply = self._run("place_bid", auction_id, names, (*bid, self._backlog_max, STORE_IDENTITY, _moment(now_ms)))
        try:
            return decoding.decision(auction_id, reply)
        except Paused as paused:
            self._reconnect_if_restarted(paused.reason)
            raise

    def pause(self, auction_id: int, reason: str, instead_of: str = "") -> bool:
        if not reason:
            raise ValueError("bidding is paused only for a reason")
        return self._set_pause(auction_id, reason, instead_of)

    def resume(self, auction_id: int, reason: str, checked_on: str = "") -> bool:
        return self._set_pause(auction_id, "", reason, checked_on)

    def restore(self, restoration: Restoration) -> None:
        self._restorer.restore(restoration)

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        names = (redis_keys.terms, redis_keys.state, redis_keys.standings)
        reply = self._run("read", auction_id, names, (STORE_IDENTITY, _moment(now_ms)))
        board = decoding.snapshot(auction_id, reply)
        self._reconnect_if_restarted(board.paused)
        return board

    def place(self, auction_id: int, person: int) -> Place:
        return self.places(auction_id, [person])[person]

    def places(self, auction_id: int, people: Sequence[int]) -> dict[int, Place]:
        names = (redis_keys.terms, redis_keys.state, redis_keys.standings, redis_keys.chances)
        places: dict[int, Place] = {}
        for start in range(0, len(people), PLACES_MAX):
            part = people[start : start + PLACES_MAX]
            places |= decoding.places(part, self._run("places", auction_id, names, part))
        return places

    def rows(self, auction_id: int, first: int, count: int) -> OrderRows:
        check_window(first, count)
        names = (redis_keys.terms, redis_keys.standings)
        reply = self._run("rows", auction_id, names, (first - 1, first + count - 2))
        return OrderRows(first, decoding.ranked_bids(reply[1]))

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        lowest_score = rules.score(_clamped(amount), SEQUENCE_MAX)
        names = (redis_keys.terms, redis_keys.standings)
        return int(self._run("would_rank", auction_id, names, (person, lowest_score))[1])

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        ids = list(auction_ids)
        replies = self._ask_all([("HGET", redis_keys.state(auction_id), "version") for auction_id in ids])
        return {auction_id: int(reply) for auction_id, reply in zip(ids, replies, strict=True) if reply is not None}

    def statuses(self, auction_ids: Iterable[int]) -> dict[int, Status]:
        ids = list(auction_ids)
        calls = [
            ((redis_keys.terms(auction_id), redis_keys.state(auction_id)), (STORE_IDENTITY,)) for auction_id in ids
        ]
        replies = zip(ids, self._scripts["status"].each(self._client, calls), strict=True)
        return {auction_id: decoding.status(reply) for auction_id, reply in replies if reply[0] == "status"}

    def auctions(self) -> list[int]:
        return sorted(map(int, ask(self._client, "SMEMBERS", redis_keys.LIVE_AUCTIONS)))

    def close(self, auction_id: int, now_ms: int | None = None) -> Closing:
        return decoding.closing(self._run("close", auction_id, CHANGED_STATE, (STORE_IDENTITY, _moment(now_ms))))

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        if count < 1:
            return []
        return [read_entry(raw) for raw in ask(self._client, "LRANGE", redis_keys.bids(auction_id), 0, count - 1)]

    def tail(self, auction_id: int, skip: int, count: int) -> list[Entry | PoisonEntry]:
        window = (redis_keys.bids(auction_id), -(skip + count), -(skip + 1))
        return [read_entry(raw) for raw in ask(self._client, "LRANGE", *window)] if count > 0 else []

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        ids = list(auction_ids)
        replies = self._ask_all([("LLEN", redis_keys.bids(auction_id)) for auction_id in ids])
        return {auction_id: int(reply or 0) for auction_id, reply in zip(ids, replies, strict=True)}

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """Long backlogs are dropped in short steps, so that no bid waits for them."""
        keys = (redis_keys.state(auction_id), redis_keys.bids(auction_id), redis_keys.news(auction_id))
        total, more = 0, 1
        while more:
            dropped, more = self._scripts["trim"](self._client, keys, (through_sequence, TRIM_BATCH))
            total += int(dropped)
        return total

    def discard(self, auction_id: int, raw: str) -> bool:
        return bool(self._scripts["discard"](self._client, (redis_keys.bids(auction_id),), (raw,)))

    def forget(self, auction_id: int) -> bool:
        names = (redis_keys.state, redis_keys.bids, redis_keys.terms, redis_keys.people, redis_keys.standings)
        keys = [name(auction_id) for name in (*names, redis_keys.chances, redis_keys.answers)]
        if not self._scripts["forget"](self._client, keys):
            return False
        ask(self._client, "SREM", redis_keys.LIVE_AUCTIONS, auction_id)
        return True

    def finish(self, auction_id: int, state: State) -> None:
        if not state.is_end:
            raise ValueError(f"an auction finishes as settled or voided, not {state}")
        self._run("finish", auction_id, CHANGED_STATE, (state.value,))
        ask(self._client, "SREM", redis_keys.LIVE_AUCTIONS, auction_id)

    def _run(self, verb: str, auction_id: int, names: KeyNames, arguments: Sequence[Argument] = ()) -> Sequence[Any]:
        reply = self._scripts[verb](self._client, [name(auction_id) for name in names], arguments)
        return decoding.require_known(auction_id, reply)

    def _set_pause(self, auction_id: int, reason: str, present: str, checked_on: str = "") -> bool:
        arguments = (reason, present, STORE_IDENTITY, checked_on or STORE_IDENTITY)
        return bool(self._run("pause", auction_id, CHANGED_STATE, arguments)[0] == "1")

    def _reconnect_if_restarted(self, reason: str) -> None:
        """A store may change its role without ending connections, so the next call reads the identity again."""
        if reason == RESTARTED:
            self._client.connection_pool.disconnect(inuse_connections=False)

    def _ask_all(self, commands: list[tuple[str, ...]]) -> list[str | None]:
        return [checked(reply) for reply in exchange(self._client, commands)] if commands else []


def _clamped(amount: int) -> int:
    """An amount the store can hold exactly. One outside its limits is refused for the same reason as the nearest."""
    return max(-1, min(amount, AMOUNT_MAX + 1))


def _moment(now_ms: int | None) -> str:
    return "" if now_ms is None else str(now_ms)

"""What is read of auctions on Redis or Valkey: boards, places, windows of the order, lists. Nothing here writes."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import redis

from cashticket import redis_keys
from cashticket.auction import rules
from cashticket.auction.values import AMOUNT_MAX, SEQUENCE_MAX, Entry, PoisonEntry
from cashticket.engine import decoding
from cashticket.engine.condition import Pulse, StoreCondition
from cashticket.engine.condition_reading import read_condition, read_pulse
from cashticket.engine.connection import ask, exchange, not_refused, reconnect
from cashticket.engine.entries import read_entry
from cashticket.engine.interface import PLACES_MAX, OrderRows, Place, Snapshot, Status, check_window
from cashticket.engine.one_store import OneStore
from cashticket.engine.pauses import RESTARTED
from cashticket.engine.scripts import Script
from cashticket.engine.store_identity import STORE_IDENTITY, Argument

VERBS = ("read", "status", "places", "rows", "would_rank")

_AUCTION_ID = re.compile("[1-9][0-9]{0,17}", re.ASCII)

KeyNames = Sequence[Callable[[int], str]]

STATUS_KEYS: KeyNames = (
    *(redis_keys.terms, redis_keys.state, redis_keys.standings),
    *(redis_keys.chances, redis_keys.answers, redis_keys.bids, redis_keys.people),
)


class RedisReader(OneStore):
    """The reading verbs of `Engine`. Safe to share between threads and greenlets."""

    def __init__(self, client: redis.Redis) -> None:
        """`client` is made by `connect`. Raises ValueError for a client that does not answer in text."""
        if not client.get_encoder().decode_responses:
            raise ValueError(
                "RedisEngine needs a client with decode_responses=True: use cashticket.engine.connection.connect"
            )
        self._client = client
        self._scripts = {verb: Script(verb) for verb in VERBS}

    def condition(self) -> StoreCondition:
        return read_condition(self._client)

    def pulse(self) -> Pulse:
        return read_pulse(self._client)

    def clock(self) -> int:
        seconds, microseconds = ask(self._client, "TIME")
        return int(seconds) * 1000 + int(microseconds) // 1000

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        names = (redis_keys.terms, redis_keys.state, redis_keys.standings)
        reply = self._run("read", auction_id, names, (STORE_IDENTITY, moment_text(now_ms)))
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
        lowest_score = rules.score(clamped(amount), SEQUENCE_MAX)
        names = (redis_keys.terms, redis_keys.standings)
        return int(self._run("would_rank", auction_id, names, (person, lowest_score))[1])

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        ids = list(auction_ids)
        replies = self._ask_all([("HGET", redis_keys.state(auction_id), "version") for auction_id in ids])
        return {auction_id: int(reply) for auction_id, reply in zip(ids, replies, strict=True) if reply is not None}

    def statuses(self, auction_ids: Iterable[int]) -> dict[int, Status]:
        ids = list(auction_ids)
        calls = [([name(auction_id) for name in STATUS_KEYS], (STORE_IDENTITY,)) for auction_id in ids]
        replies = zip(ids, self._scripts["status"].each(self._client, calls), strict=True)
        statuses = {auction_id: decoding.readable_status(reply) for auction_id, reply in replies}
        return {auction_id: status for auction_id, status in statuses.items() if status is not None}

    def auctions(self) -> list[int]:
        return sorted(int(member) for member in self._live_index() if _AUCTION_ID.fullmatch(member))

    def people_known_at(self) -> int | None:
        at_ms = ask(self._client, "GET", redis_keys.PEOPLE_KNOWN)
        return None if at_ms is None else int(at_ms)

    def strangers(self) -> list[str]:
        return sorted(member for member in self._live_index() if not _AUCTION_ID.fullmatch(member))

    def _live_index(self) -> list[str]:
        return list(ask(self._client, "SMEMBERS", redis_keys.LIVE_AUCTIONS))

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        return self._entries(auction_id, 0, count - 1) if count > 0 else []

    def tail(self, auction_id: int, skip: int, count: int) -> list[Entry | PoisonEntry]:
        return self._entries(auction_id, -(skip + count), -(skip + 1)) if count > 0 else []

    def _entries(self, auction_id: int, first: int, last: int) -> list[Entry | PoisonEntry]:
        """A window of the list; none of a key that is no list."""
        (raws,) = self._ask_all([("LRANGE", redis_keys.bids(auction_id), first, last)])
        return [read_entry(raw) for raw in raws or ()]

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        ids = list(auction_ids)
        replies = self._ask_all([("LLEN", redis_keys.bids(auction_id)) for auction_id in ids])
        return {auction_id: int(reply or 0) for auction_id, reply in zip(ids, replies, strict=True)}

    def _run(self, verb: str, auction_id: int, names: KeyNames, arguments: Sequence[Argument] = ()) -> Sequence[Any]:
        reply = self._scripts[verb](self._client, [name(auction_id) for name in names], arguments)
        return decoding.require_known(auction_id, reply)

    def _reconnect_if_restarted(self, reason: str) -> None:
        """A store may change its role without ending connections, so the next call reads the identity again."""
        if reason == RESTARTED:
            reconnect(self._client)

    def _ask_all(self, commands: Sequence[tuple[Argument, ...]]) -> list[Any]:
        """The replies; None where the key of one auction cannot be read, so that the others go on."""
        replies = [not_refused(reply) for reply in exchange(self._client, commands)] if commands else []
        return [None if isinstance(reply, Exception) else reply for reply in replies]


def clamped(amount: int) -> int:
    """An amount the store can hold exactly. One outside its limits is refused for the same reason as the nearest."""
    return max(-1, min(amount, AMOUNT_MAX + 1))


def moment_text(ms: int | None) -> str:
    """A moment or a time as scripts take it, '' for none: then the store's own clock, or what the auction has."""
    return "" if ms is None else str(ms)

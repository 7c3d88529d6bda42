"""The engine on a cluster: every verb of one auction as on one store; what is asked of the whole store, of each shard.

Each shard keeps for itself when it took orders, and what its auctions know of people. So a shard that was away, or that
goes on from an older copy of itself, concerns its own auctions alone. The live index is one key, in one of the shards.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

import redis

from cashticket import redis_keys
from cashticket.engine.beats import Beats
from cashticket.engine.cluster import ClusterClient
from cashticket.engine.cluster_condition import ClusterBeat, ClusterCondition, merged, place_of, tag_of
from cashticket.engine.cluster_primaries import Primary, read_primaries
from cashticket.engine.condition import IDENTITIES_BETWEEN, Pulse, StoreCondition
from cashticket.engine.condition_reading import read_condition, read_pulse
from cashticket.engine.connection import ask
from cashticket.engine.interface import BACKLOG_MAX, Beat, Engine, OnAccepted, OutcomeUnknown, StoreUnavailable
from cashticket.engine.redis_engine import RedisEngine
from cashticket.engine.slots import Shard
from cashticket.logs.failures import failure_text

Answer = TypeVar("Answer")


class ClusterEngine(RedisEngine):
    """The verbs of `Engine` on a cluster of Redis or Valkey from 7.0. Safe to share between threads and greenlets."""

    def __init__(
        self,
        client: ClusterClient,
        backlog_max: int = BACKLOG_MAX,
        on_accepted: OnAccepted | None = None,
        replicas: int = 0,
    ) -> None:
        """Takes what RedisEngine takes. `replicas` are those of each shard."""
        super().__init__(client, backlog_max, on_accepted, replicas)
        self._cluster = client
        self._beats_by_tag: dict[str, Beats] = {}
        # Shard → how it was seen last.
        self._seen: dict[str, StoreCondition] = {}

    def condition(self) -> ClusterCondition:
        """Raises StoreUnavailable or OutcomeUnknown unless every shard answers."""
        slots = self._cluster.slots()
        conditions = {shard.tag: self._of_node(shard, read_condition) for shard in slots.shards}
        return merged(slots, self._required(conditions))

    def present_condition(self) -> ClusterCondition:
        slots = self._cluster.slots()
        present = self._of_shards_that_answer(lambda shard: self._of_node(shard, read_condition))
        tags = {shard.tag for shard in slots.shards}
        self._seen = {tag: each for tag, each in (self._seen | present).items() if tag in tags}
        missing = {tag: each for tag, each in self._seen.items() if tag not in present}
        return merged(slots, self._required(present), missing)

    def _required(self, conditions: Mapping[str, StoreCondition]) -> dict[str, StoreCondition]:
        # How many replicas must have a bid is the same for all.
        return {tag: replace(each, replicas_required=self._replicas) for tag, each in conditions.items()}

    def pulse(self) -> Pulse:
        """Of the shards that answer. Raises StoreUnavailable or OutcomeUnknown when none does."""
        pulses = self._of_shards_that_answer(lambda shard: self._of_node(shard, read_pulse))
        names = sorted(pulse.identity for pulse in pulses.values())
        return Pulse(IDENTITIES_BETWEEN.join(names), min(pulse.now_ms for pulse in pulses.values()))

    def clock(self) -> int:
        return self.pulse().now_ms

    def beat(self) -> ClusterBeat:
        """Of the shards that answer. Raises StoreUnavailable or OutcomeUnknown when none does."""
        slots = self._cluster.slots()
        beats: dict[str, Beat] = self._of_shards_that_answer(lambda shard: self._beats_of(shard).beat())
        earliest = (min(each.now_ms for each in beats.values()), min(each.taken_ms for each in beats.values()))
        return ClusterBeat(*earliest, shards=beats, slots=slots)

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """Of the auctions whose shards answer, so that their pages go on. Raises StoreUnavailable or OutcomeUnknown
        when none does."""
        return self._of_each_shard(auction_ids, super().versions)

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        """Of the auctions whose shards answer, so that recording these waits for no other. Raises as `versions`."""
        return self._of_each_shard(auction_ids, super().backlog)

    def _of_each_shard(
        self, auction_ids: Iterable[int], read: Callable[[Iterable[int]], dict[int, int]]
    ) -> dict[int, int]:
        slots, ids_by_tag = self._cluster.slots(), dict[str, list[int]]()
        for auction_id in auction_ids:
            ids_by_tag.setdefault(tag_of(slots, auction_id), []).append(auction_id)
        answers = _of_those_that_answer(ids_by_tag, lambda tag: read(ids_by_tag[tag]))
        return {auction_id: each for answer in answers.values() for auction_id, each in answer.items()}

    def note_people_known(self, at_ms: int) -> None:
        for shard in self._cluster.shards():
            ask(self._client, "SET", redis_keys.of_shard(redis_keys.PEOPLE_KNOWN, shard.tag), at_ms)

    def people_known_at(self) -> int | None:
        """Of the shard that knows least."""
        keys = [redis_keys.of_shard(redis_keys.PEOPLE_KNOWN, shard.tag) for shard in self._cluster.shards()]
        moments = self._ask_all([("GET", key) for key in keys])
        return None if None in moments else min(map(int, moments))

    def _beats_of(self, shard: Shard) -> Beats:
        key = redis_keys.of_shard(redis_keys.BEATS, shard.tag)
        return self._beats_by_tag.setdefault(shard.tag, Beats(self._client, key=key))

    def primaries(self) -> Sequence[Primary]:
        """Every primary, also those that do not answer. Raises StoreUnavailable when no node says which there are."""
        return [
            replace(each, condition=each.condition and replace(each.condition, replicas_required=self._replicas))
            for each in read_primaries(self._cluster.slots(), self._of_node)
        ]

    def _of_node(self, shard: Shard, read: Callable[[redis.Redis], Answer]) -> Answer:
        """What the primary of a shard says of itself."""
        try:
            with self._beats_of(shard).noticing():
                return read(self._cluster.node(shard.address))
        except (StoreUnavailable, OutcomeUnknown) as error:
            self._cluster.doubt(shard.address)
            name = f"the primary {place_of(shard.address)} of slots {self._cluster.slots_of(shard.address)}"
            raise type(error)(f"{name} does not answer: {failure_text(error)}") from error

    def _of_shards_that_answer(self, read: Callable[[Shard], Answer]) -> dict[str, Answer]:
        """By the tags of the shards. Raises what the last one raises when none answers."""
        shards = {shard.tag: shard for shard in self._cluster.shards()}
        if not shards:
            raise StoreUnavailable("no shard of the live store's cluster has a slot")
        return _of_those_that_answer(shards, lambda tag: read(shards[tag]))


def _of_those_that_answer(tags: Iterable[str], read: Callable[[str], Answer]) -> dict[str, Answer]:
    """By tag. Raises what the last one raises when none answers."""
    answers: dict[str, Answer] = {}
    failure: Exception | None = None
    for tag in tags:
        try:
            answers[tag] = read(tag)
        except (StoreUnavailable, OutcomeUnknown) as error:
            failure = error
    if failure and not answers:
        raise failure
    return answers


def make_engine(
    client: redis.Redis,
    backlog_max: int = BACKLOG_MAX,
    on_accepted: OnAccepted | None = None,
    replicas: int = 0,
) -> RedisEngine:
    """The engine for a client that `connect` has made. Takes what RedisEngine takes."""
    kind = ClusterEngine if isinstance(client, ClusterClient) else RedisEngine
    return kind(client, backlog_max, on_accepted, replicas)  # type: ignore[arg-type]


def has_cluster(engine: Engine) -> bool:
    """Whether one of the live stores is a cluster."""
    return any(isinstance(store, ClusterEngine) for store in engine.stores().values())


def primaries_of(engine: Engine) -> Sequence[Primary]:
    """Every primary of the clusters among the live stores; none where there is no cluster. Raises StoreUnavailable."""
    clusters = [store for store in engine.stores().values() if isinstance(store, ClusterEngine)]
    return [primary for cluster in clusters for primary in cluster.primaries()]

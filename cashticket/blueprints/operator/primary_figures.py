"""What each primary of a cluster tells at a scrape, and in readiness. There is none without a cluster."""

import math
from typing import Any

from cashticket.blueprints.operator.figures import Figure, Part, Values
from cashticket.engine.cluster_engine import primaries_of
from cashticket.engine.cluster_primaries import Primary
from cashticket.engine.condition import StoreCondition
from cashticket.wiring import current_engine
from cashticket.work.watch.memory import memory_shortage


def _primaries() -> Values:
    placed = [each for each in primaries_of(current_engine()) if each.place]
    present = {each.place: each.condition for each in placed if each.condition}
    lags = {place: each.replica_lag_seconds for place, each in present.items()}
    facts: dict[tuple[str, ...], float] = {
        (place, each.version, each.role, each.fsync, each.eviction): 1.0 for place, each in present.items()
    }
    return {
        "live_store_primary_up": {each.place: not each.trouble for each in placed},
        "live_store_primary_slots": {each.place: each.slot_count for each in placed},
        "live_store_primary_durable": {place: each.durable for place, each in present.items()},
        "live_store_primary_replicas": {place: each.replicas for place, each in present.items()},
        "live_store_primary_replica_lag_seconds": {
            place: math.nan if lag is None else lag for place, lag in lags.items()
        },
        "live_store_primary_memory_free_ratio": {place: each.memory_free for place, each in present.items()},
        "live_store_primary_time_seconds": {place: each.now_ms / 1000 for place, each in present.items()},
        "live_store_primary_facts": facts,
    }


PRIMARIES = Part(
    (
        Figure("live_store_primary_up", "1 when this primary of the cluster answers and reaches the others.", "node"),
        Figure("live_store_primary_slots", "Slots that it has, of 16,384.", "node"),
        Figure("live_store_primary_durable", "1 when a power cut can lose nothing that it answered.", "node"),
        Figure("live_store_primary_replicas", "Replicas that keep up with it.", "node"),
        Figure(
            "live_store_primary_replica_lag_seconds",
            "How long ago its replica was heard that is furthest behind; NaN without one.",
            "node",
        ),
        Figure("live_store_primary_memory_free_ratio", "Free share of its memory; 1 without a limit.", "node"),
        Figure("live_store_primary_time_seconds", "Its clock, in seconds since 1970.", "node"),
        Figure(
            "live_store_primary_facts",
            "1, with its version, its role, and how it writes and forgets.",
            "node version role appendfsync eviction",
        ),
    ),
    _primaries,
)


def health_of_primaries() -> dict[str, Any]:
    """Each primary of a cluster for readiness, `ok` False while one of them takes no bids."""
    primaries = primaries_of(current_engine())
    problems = [sentence for each in primaries for sentence in _problems(each)]
    detail = {"ok": False, "detail": f"bidding pauses: {'; '.join(problems)}"} if problems else {}
    return {**detail, "nodes": {each.place or "none": _facts(each) for each in primaries}}


def _problems(primary: Primary) -> list[str]:
    """Why its auctions take no bids and what to do, a sentence each."""
    if primary.trouble:
        return [f"{primary.trouble.seen}: {primary.trouble.mend}"]
    assert primary.condition is not None, "it has no trouble"
    sentences = [*primary.condition.refusals.values()] or [*filter(None, [memory_shortage(primary.condition)])]
    return [f"the primary {primary.place} of slots {primary.slots}: {sentence}" for sentence in sentences]


def _facts(primary: Primary) -> dict[str, Any]:
    of_store = _of_store(primary.condition) if primary.condition else {}
    return {"ok": not _problems(primary), "slots": primary.slots, **of_store}


def _of_store(condition: StoreCondition) -> dict[str, Any]:
    return {
        "version": condition.version,
        "role": condition.role,
        "durable": condition.durable,
        "appendfsync": condition.fsync,
        "eviction": condition.eviction,
        "memory_free_ratio": round(condition.memory_free, 4),
        "replicas": condition.replicas,
        "replicas_required": condition.replicas_required,
        "replica_lag_seconds": condition.replica_lag_seconds,
        "now_ms": condition.now_ms,
    }

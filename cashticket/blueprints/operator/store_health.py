"""The live stores in `/readyz`.

With several, a process is ready as long as one of them takes bids: the auctions of the others answer 503 by themselves,
and turning the process away would stop all auctions. What is wrong with the others is a warning.
"""

from typing import Any

import redis

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.engine.pauses import WITNESS
from cashticket.work.store_twins import twins
from cashticket.work.watch.memory import memory_shortage
from cashticket.work.witnesses import unwitnessed


class StoreMissing(Exception):
    """No live store takes bids. The message says why."""


def health_of_stores(engine: Engine) -> dict[str, Any]:
    """The condition of the live store, or of all. One that is not durable is a warning only. Raises StoreMissing, and
    what the store raises where there is one."""
    stores = engine.stores()
    if len(stores) == 1:
        trouble, fact = _health(engine)
        if trouble:
            raise StoreMissing(trouble)
        return fact
    if seen := twins(engine):
        raise StoreMissing(seen)
    healths = {name: _answer(store, is_silent=name in engine.silent()) for name, store in stores.items()}
    troubles = {name: trouble for name, (trouble, _) in healths.items() if trouble}
    if len(troubles) == len(stores):
        raise StoreMissing("; ".join(f"live store {name}: {trouble}" for name, trouble in troubles.items()))
    return _together({name: fact for name, (_, fact) in healths.items() if name not in troubles}, troubles)


def _answer(store: Engine, *, is_silent: bool) -> tuple[str, dict[str, Any]]:
    try:
        return ("it does not answer", {}) if is_silent else _health(store)
    except (StoreUnavailable, OutcomeUnknown, redis.RedisError) as error:
        # Only the kind: messages of drivers contain addresses.
        return f"it does not answer ({type(error).__name__})", {}


def _together(facts: dict[str, dict[str, Any]], troubles: dict[str, str]) -> dict[str, Any]:
    warnings = [f"live store {name} takes no bids: {trouble}" for name, trouble in troubles.items()]
    warnings += [f"live store {name}: {each}" for name, fact in facts.items() for each in fact.pop("warnings")]
    return {
        "auctions": sum(fact["auctions"] for fact in facts.values()),
        "paused": {auction: reason for fact in facts.values() for auction, reason in fact["paused"].items()},
        "stores": facts | {name: {"away": trouble} for name, trouble in troubles.items()},
        "warnings": warnings,
    }


def _health(store: Engine) -> tuple[str, dict[str, Any]]:
    """Why a store takes no bids, '' for nothing, and its condition."""
    condition, live = store.condition(), store.auctions()
    if problems := list(condition.refusals.values()) or list(filter(None, [memory_shortage(condition)])):
        return f"bidding pauses: {'; '.join(problems)}", {}
    statuses = store.statuses(live).items()
    paused = {str(auction_id): status.paused for auction_id, status in statuses if status.paused}
    return "", {
        "auctions": len(live),
        "paused": paused,
        "durable": condition.durable,
        "replicas": condition.replicas,
        "replicas_required": condition.replicas_required,
        "replica_lag_seconds": condition.replica_lag_seconds,
        "warnings": [
            *(f"answered bids may be lost: {sentence}" for sentence in condition.loss_risks),
            *(unwitnessed(auction_id) for auction_id, status in statuses if status.paused == WITNESS),
        ],
    }

"""What the live store and the database tell at a scrape."""

import math
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress

from cashticket.auction.values import Entry
from cashticket.blueprints.operator.figures import AWAY, Figure, Part, Values
from cashticket.engine.condition import StoreCondition
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.ledger.check_marks import oldest_check_seconds
from cashticket.ledger.open_matters import COUNT_MAX as MATTERS_MAX
from cashticket.ledger.open_matters import open_matters
from cashticket.models.columns import utcnow
from cashticket.models.outbox import PUSH_PRIORITIES
from cashticket.notify.outbox_figures import COUNT_MAX, outbox_figures
from cashticket.wiring import current_engine, current_settings
from cashticket.work.lost_auctions import lost_auctions

HEADS_READ_MAX = 20
"""Of so many auctions, those with the most unrecorded bids, the oldest of these is read."""


def _live_store() -> Values:
    engine = current_engine()
    silent = engine.silent()
    conditions = {name: None if name in silent else _condition(store) for name, store in engine.stores().items()}
    up = {name: float(condition is not None) for name, condition in conditions.items()}
    present = {name: condition for name, condition in conditions.items() if condition}
    return {"live_store_up": up, **(_of_auctions(engine) if present else {}), **_of_stores(present)}


def _condition(store: Engine) -> StoreCondition | None:
    try:
        return store.condition()
    except AWAY:
        return None


def _of_auctions(engine: Engine) -> Values:
    """What the stores that answer tell of their auctions."""
    try:
        live, now_ms = engine.auctions(), engine.clock()
    except AWAY:
        return {}
    backlog = {each: waiting for each, waiting in engine.backlog(live).items() if waiting}
    fullest = sorted(backlog, key=lambda each: -backlog[each])[:HEADS_READ_MAX]
    heads = [entry for each in fullest for entry in engine.peek(each, 1)]
    oldest_ms = [entry.at_ms for entry in heads if isinstance(entry, Entry)]
    paused = Counter(status.paused for status in engine.statuses(live).values() if status.paused)
    return {
        "ledger_backlog": {str(each): backlog.get(each, 0) for each in live},
        "recording_lag_seconds": max(0, now_ms - min(oldest_ms)) / 1000 if oldest_ms else 0,
        "backlog_max": current_settings().backlog_max,
        "auctions_live": len(live),
        "bidding_paused": dict(paused),
    }


def _of_stores(conditions: Mapping[str, StoreCondition]) -> Values:
    lags = {name: each.replica_lag_seconds for name, each in conditions.items()}
    return {
        "live_store_durable": {name: each.durable for name, each in conditions.items()},
        "live_store_replicas": {name: each.replicas for name, each in conditions.items()},
        "live_store_replicas_required": {name: each.replicas_required for name, each in conditions.items()},
        "live_store_replica_lag_seconds": {name: math.nan if lag is None else lag for name, lag in lags.items()},
        "live_store_memory_free_ratio": {name: each.memory_free for name, each in conditions.items()},
    }


LIVE_STORE = Part(
    (
        Figure("ledger_backlog", "Accepted bids not yet recorded, by auction.", "auction"),
        Figure("recording_lag_seconds", "How long the oldest accepted bid has waited to be recorded."),
        Figure("backlog_max", "Unrecorded bids of one auction with which its bidding pauses."),
        Figure("auctions_live", "Auctions that were published and are not settled or voided."),
        Figure("bidding_paused", "Auctions that take no bids although bidding is not over, by reason.", "reason"),
        Figure("live_store_up", "1 when the live store answered this scrape.", "store"),
        Figure("live_store_durable", "1 when a power cut can lose nothing that the live store answered.", "store"),
        Figure("live_store_replicas", "Replicas that keep up with the live store.", "store"),
        Figure("live_store_replicas_required", "Replicas that must have an accepted bid.", "store"),
        Figure(
            "live_store_replica_lag_seconds",
            "How long ago the replica was heard that is furthest behind; NaN without one.",
            "store",
        ),
        Figure(
            "live_store_memory_free_ratio",
            "Free share of the live store's memory; 1 without a limit. Below 0.05 bidding pauses.",
            "store",
        ),
    ),
    _live_store,
)


def _database() -> Values:
    now = utcnow()
    mails, pushes, matters = outbox_figures(now), outbox_figures(now, PUSH_PRIORITIES), open_matters(now)
    waiting = mails.waiting | pushes.waiting
    values: dict[str, float | dict[str, float]] = {
        "outbox_waiting": {priority.name.lower(): number for priority, number in waiting.items()},
        "outbox_oldest_due_seconds": mails.oldest_due_seconds,
        "push_oldest_due_seconds": pushes.oldest_due_seconds,
        "checks_oldest_seconds": oldest_check_seconds(now),
        "check_faults": {**matters.faults},
        "entries_set_aside": matters.set_aside,
        "unsettled_auctions": matters.unsettled,
        "unsettled_oldest_seconds": matters.unsettled_seconds,
        "awards_offered": matters.offered,
        "lapse_late_seconds": matters.lapse_late_seconds,
    }
    with suppress(StoreUnavailable, OutcomeUnknown):
        values["auctions_lost"] = len(lost_auctions(current_engine()))
    return {**values}


DATABASE = Part(
    (
        Figure(
            "outbox_waiting",
            f"Messages that wait in the outbox, by priority; at most {COUNT_MAX} are counted.",
            "priority",
        ),
        Figure("outbox_oldest_due_seconds", "How long the oldest due mail has been due."),
        Figure("push_oldest_due_seconds", "How long the oldest due push has been due."),
        Figure("checks_oldest_seconds", "How long ago the running auction was checked whose check is the oldest."),
        Figure("check_faults", "Auctions in which the last check found a fault, by invariant.", "invariant"),
        Figure("entries_set_aside", f"Bids of unfinished auctions that were set aside; at most {MATTERS_MAX}."),
        Figure("unsettled_auctions", "Auctions whose end has come and that are not settled."),
        Figure("unsettled_oldest_seconds", "How long ago the first of their ends came."),
        Figure("awards_offered", f"Seats that somebody may buy now; at most {MATTERS_MAX} are counted."),
        Figure("lapse_late_seconds", "For how long an offer has been over that has not lapsed."),
        Figure("auctions_lost", "Auctions that should be live and that the live store does not know."),
    ),
    _database,
    up=Figure("database_up", "1 when the database answered this scrape."),
)

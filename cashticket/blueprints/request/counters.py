"""What this process counts for Prometheus: bids, sign-ins and sockets.

The counts live in the memory of one process. The label `process` keeps the series of two processes behind one port
apart.
"""

import os
from functools import lru_cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
UPDATE_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)

_bids = Counter("cashticket_bids", "Bids answered, by outcome.", ["process", "outcome"], registry=REGISTRY)
_refusals = Counter("cashticket_bid_refusals", "Refused bids, by reason.", ["process", "reason"], registry=REGISTRY)
_bid_seconds = Histogram(
    "cashticket_bid_seconds", "Time a bid took in the door.", ["process"], registry=REGISTRY, buckets=SECONDS
)
_decision_seconds = Histogram(
    "cashticket_decision_seconds",
    "Time the live store took to decide a bid, with the way there and back.",
    ["process"],
    registry=REGISTRY,
    buckets=SECONDS,
)
_update_seconds = Histogram(
    "cashticket_update_seconds",
    "Time until everybody who watches an auction was sent what is new.",
    ["process"],
    registry=REGISTRY,
    buckets=UPDATE_SECONDS,
)
_sign_ins = Counter("cashticket_sign_ins", "Sign-ins, by outcome.", ["process", "outcome"], registry=REGISTRY)
_sockets = Gauge("cashticket_sockets", "Open WebSockets.", ["process"], registry=REGISTRY)


def count_bid(outcome: str, reason: str | None = None, seconds: float | None = None) -> None:
    """Count one bid. `outcome` is accepted, replayed, refused (with its `reason`), unknown, unavailable (the live
    store), database_away or failed."""
    process = os.getpid()
    _bids_of(process, outcome).inc()
    if reason:
        _refusals.labels(str(process), reason).inc()
    if seconds is not None:
        _seconds_of(process).observe(seconds)


def count_decision(seconds: float) -> None:
    """Count that the live store decided a bid within this time."""
    _decision_seconds_of(os.getpid()).observe(seconds)


def count_update(seconds: float) -> None:
    """Count one update of those who watch an auction."""
    _update_seconds.labels(_process()).observe(seconds)


def count_sign_in(outcome: str) -> None:
    """Count one sign-in. `outcome` is ok, failed or limited."""
    _sign_ins.labels(_process(), outcome).inc()


def set_sockets(count: int) -> None:
    """Set how many WebSockets this process serves now."""
    _sockets.labels(_process()).set(count)


@lru_cache(maxsize=64)
def _bids_of(process: int, outcome: str) -> Counter:
    return _bids.labels(str(process), outcome)


@lru_cache(maxsize=64)
def _seconds_of(process: int) -> Histogram:
    return _bid_seconds.labels(str(process))


@lru_cache(maxsize=64)
def _decision_seconds_of(process: int) -> Histogram:
    return _decision_seconds.labels(str(process))


def _process() -> str:
    return str(os.getpid())

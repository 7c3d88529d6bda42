"""What this process counted, for Prometheus. Scrape every process by itself.

Counters live in the memory of one process and say which in the label `process`, so that series of two processes
behind one port never mix. What is shared (the backlog) is read at the scrape and is the same from everywhere.
The door is for the inside: the front proxy does not pass /metrics on.
"""

import os

from flask import Blueprint, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.wiring import current_engine

blueprint = Blueprint("metrics", __name__)

REGISTRY = CollectorRegistry()

_bids = Counter("cashticket_bids", "Bids answered, by outcome.", ["process", "outcome"], registry=REGISTRY)
_refusals = Counter("cashticket_bid_refusals", "Refused bids, by reason.", ["process", "reason"], registry=REGISTRY)
_bid_seconds = Histogram("cashticket_bid_seconds", "Time a bid took in the door.", ["process"], registry=REGISTRY)
_sign_ins = Counter("cashticket_sign_ins", "Sign-ins, by outcome.", ["process", "outcome"], registry=REGISTRY)
_sockets = Gauge("cashticket_sockets", "Open WebSockets.", ["process"], registry=REGISTRY)
_backlog = Gauge(
    "cashticket_ledger_backlog", "Accepted bids not yet recorded, by auction.", ["auction"], registry=REGISTRY
)
_store_up = Gauge("cashticket_live_store_up", "1 when the live store answered this scrape.", registry=REGISTRY)


def count_bid(outcome: str, reason: str | None = None, seconds: float | None = None) -> None:
    """One bid answered: accepted, replayed, refused (with its reason), unknown, unavailable."""
    _bids.labels(_process(), outcome).inc()
    if reason:
        _refusals.labels(_process(), reason).inc()
    if seconds is not None:
        _bid_seconds.labels(_process()).observe(seconds)


def count_sign_in(outcome: str) -> None:
    """One sign-in answered: ok, failed, limited."""
    _sign_ins.labels(_process(), outcome).inc()


def set_sockets(count: int) -> None:
    """How many WebSockets this process serves now."""
    _sockets.labels(_process()).set(count)


@blueprint.get("/metrics")
def exposed() -> Response:
    """Everything counted, in Prometheus' text format. Answers also while the live store is away."""
    _backlog.clear()
    try:
        engine = current_engine()
        for auction_id, waiting in engine.backlog(engine.auctions()).items():
            _backlog.labels(str(auction_id)).set(waiting)
        _store_up.set(1)
    except (StoreUnavailable, OutcomeUnknown):
        _store_up.set(0)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _process() -> str:
    return str(os.getpid())

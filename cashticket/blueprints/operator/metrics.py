"""`/metrics`: the counts of this process and the backlog of every auction, in the text format of Prometheus.

Scrape every process by itself. The backlog is read at the scrape and is the same from every process. It is all for the
inside: the front proxy does not pass /metrics on, and a request that came through a proxy is answered 404.
"""

import math
from contextlib import suppress

import redis
from flask import Blueprint, Response, abort
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from sqlalchemy.exc import SQLAlchemyError

from cashticket.blueprints.request.counters import REGISTRY
from cashticket.blueprints.request.inside import comes_from_inside
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.ledger.check_marks import oldest_check_seconds
from cashticket.models.columns import utcnow
from cashticket.models.outbox import PUSH_PRIORITIES
from cashticket.notify.outbox_figures import COUNT_MAX, outbox_figures
from cashticket.wiring import current_engine, current_witness
from cashticket.work import mail_server, push_outcomes

blueprint = Blueprint("metrics", __name__)

_backlog = Gauge(
    "cashticket_ledger_backlog", "Accepted bids not yet recorded, by auction.", ["auction"], registry=REGISTRY
)
_waiting = Gauge(
    "cashticket_outbox_waiting",
    f"Messages that wait in the outbox, by priority; at most {COUNT_MAX} are counted.",
    ["priority"],
    registry=REGISTRY,
)
_oldest_due = Gauge(
    "cashticket_outbox_oldest_due_seconds", "How long the oldest due message has been due.", registry=REGISTRY
)
_outcomes = Gauge(
    "cashticket_outbox_outcomes",
    "Messages sent, deferred, failed and dropped since the queue store was new.",
    ["outcome"],
    registry=REGISTRY,
)
_push_outcomes = Gauge(
    "cashticket_push_outcomes",
    "Pushes sent, deferred, failed, dropped and whose device was gone since the queue store was new.",
    ["outcome"],
    registry=REGISTRY,
)
_mail_server_up = Gauge(
    "cashticket_mail_server_up", "0 while the mail server refuses everybody, else 1.", registry=REGISTRY
)
_oldest_check = Gauge(
    "cashticket_checks_oldest_seconds",
    "How long ago the running auction was checked whose check is the oldest.",
    registry=REGISTRY,
)
_replicas = Gauge("cashticket_live_store_replicas", "Replicas that keep up with the live store.", registry=REGISTRY)
_replicas_required = Gauge(
    "cashticket_live_store_replicas_required", "Replicas that must have an accepted bid.", registry=REGISTRY
)
_replica_lag = Gauge(
    "cashticket_live_store_replica_lag_seconds",
    "How long ago the replica was heard that is furthest behind; NaN without one.",
    registry=REGISTRY,
)
_memory_free = Gauge(
    "cashticket_live_store_memory_free_ratio",
    "Free share of the live store's memory; 1 without a limit. Below 0.05 bidding pauses.",
    registry=REGISTRY,
)
_witness_age = Gauge(
    "cashticket_witness_written_seconds_ago",
    "How long ago this process wrote down the bids that it accepted or heard of; each second when all is well.",
    registry=REGISTRY,
)
_witness_unwritten = Gauge(
    "cashticket_witness_unwritten", "Accepted bids that this process could not write down yet.", registry=REGISTRY
)
_store_up = Gauge("cashticket_live_store_up", "1 when the live store answered this scrape.", registry=REGISTRY)


@blueprint.get("/metrics")
def exposed() -> Response:
    """Every metric, for the inside. Answers also while the live store is away."""
    if not comes_from_inside():
        abort(404)
    _backlog.clear()
    try:
        engine = current_engine()
        for auction_id, waiting in engine.backlog(engine.auctions()).items():
            _backlog.labels(str(auction_id)).set(waiting)
        condition = engine.condition()
        _memory_free.set(condition.memory_free)
        _replicas.set(condition.replicas)
        _replicas_required.set(condition.replicas_required)
        lag = condition.replica_lag_seconds
        _replica_lag.set(math.nan if lag is None else lag)
        _store_up.set(1)
    except (StoreUnavailable, OutcomeUnknown):
        _store_up.set(0)
    _set_outbox()
    witness = current_witness().condition()
    _witness_age.set(witness.written_seconds_ago)
    _witness_unwritten.set(witness.unwritten)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


def _set_outbox() -> None:
    """Read what all processes share about mails and pushes. What cannot be read is left out, or as it was read last."""
    _waiting.clear()
    with suppress(SQLAlchemyError):
        figures = outbox_figures(utcnow())
        pushes = outbox_figures(utcnow(), PUSH_PRIORITIES)
        for priority, waiting in (figures.waiting | pushes.waiting).items():
            _waiting.labels(priority.name.lower()).set(waiting)
        _oldest_due.set(figures.oldest_due_seconds)
        _oldest_check.set(oldest_check_seconds(utcnow()))
    with suppress(redis.RedisError):
        for outcome, count in mail_server.counts().items():
            _outcomes.labels(outcome).set(count)
        for outcome, number in push_outcomes.counts().items():
            _push_outcomes.labels(outcome).set(number)
        _mail_server_up.set(0 if mail_server.trouble() else 1)

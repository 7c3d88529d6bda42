"""Liveness and readiness. Liveness asks no other process; readiness asks every store and names what is missing.

The state of each part is for the inside. Outside, readiness says ready or not, and nothing else.
"""

import json
from collections.abc import Callable, Collection
from itertools import islice
from typing import Any

import redis
from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from cashticket.blueprints.operator.primary_figures import health_of_primaries
from cashticket.blueprints.operator.store_health import StoreMissing, health_of_stores
from cashticket.blueprints.request.inside import comes_from_inside
from cashticket.engine.cluster_engine import has_cluster
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.ledger.check_marks import oldest_check_seconds
from cashticket.models import schema
from cashticket.models.columns import utcnow
from cashticket.notify.outbox_figures import outbox_figures
from cashticket.wiring import QUEUES, current_engine, current_settings, current_witnesses, queue, queue_redis
from cashticket.witness.conditions import together
from cashticket.work import heartbeats, mail_server
from cashticket.work.lateness import CHECK_LATE_SECONDS, MAIL_LATE_SECONDS
from cashticket.work.lost_auctions import lost_auctions
from cashticket.work.recording_lag import LAG_SECONDS_MAX, recording_lag

blueprint = Blueprint("health", __name__)

LOST_NAMED_MAX = 20
"""Lost auctions that readiness names."""


class Missing(Exception):
    """A part that serving needs is missing. The message says what to do."""


@blueprint.get("/healthz")
def alive() -> Response:
    """200 as long as this process answers at all."""
    return _json(200, {"status": "ok"})


@blueprint.get("/readyz")
def ready() -> Response:
    """200 when every part answers, else 503. From inside the document has the state of each part."""
    checks: dict[str, Callable[[], dict[str, Any]]] = {
        "live_store": _live_store,
        "auctions": _auctions,
        "queue_redis": _queue_redis,
        "database": _database,
        "ledger": _ledger,
        "checks": _checks,
        "mail": _mail,
        "witness": _witness,
        "processes": _processes,
    }
    if has_cluster(current_engine()):
        checks["primaries"] = health_of_primaries
    parts = {name: _outcome(check) for name, check in checks.items()}
    missing = [name for name, part in parts.items() if not part["ok"]]
    document: dict[str, Any] = {"status": "unready" if missing else "ok"}
    if comes_from_inside():
        document |= {"version": current_settings().version, "missing": missing, "parts": parts}
    return _json(503 if missing else 200, document)


def _outcome(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"ok": True} | check()
    except Missing as error:
        return {"ok": False, "detail": str(error)}
    except (StoreUnavailable, OutcomeUnknown, UnknownAuction, redis.RedisError, SQLAlchemyError) as error:
        # Only the kind: messages of drivers contain addresses and passwords.
        return {"ok": False, "detail": type(error).__name__}


def _live_store() -> dict[str, Any]:
    """The condition of the live store, or of all of them."""
    try:
        return health_of_stores(current_engine())
    except StoreMissing as error:
        raise Missing(str(error)) from error


def _auctions() -> dict[str, Any]:
    """Whether the live store has every auction that the ledger has as running. The detail says what to do."""
    if lost := lost_auctions(current_engine()):
        raise Missing("; ".join(islice(lost.values(), LOST_NAMED_MAX)))
    return {}


def _queue_redis() -> dict[str, Any]:
    queue_redis().ping()
    return {"waiting": {name: queue(name).count for name in QUEUES}}


def _database() -> dict[str, Any]:
    replicas = current_settings().database_replicas
    condition = schema.condition(str(current_app.extensions["migrate"].directory), replicas)
    if not condition.takes_writes:
        raise Missing("the database takes no writes (read_only): it is a replica or a former primary, so promote one")
    if problem := condition.restore_problem or condition.charset_problem:
        raise Missing(problem)
    present, needed = _revisions(condition.heads), _revisions(condition.newest)
    warnings = [f"recorded bids may be lost: {sentence}" for sentence in condition.loss_risks]
    if condition.unknown:
        # Migrations only add, so the release before runs on: while another is brought in, and after a way back.
        warnings.append(f"the schema is {present}, of a later version than this one")
    elif present != needed:
        raise Missing(f"the schema is {present}, this version needs {needed}: run `flask db upgrade`")
    return {"schema": present, "warnings": [*warnings, *condition.altered]}


def _ledger() -> dict[str, Any]:
    """How many accepted bids wait to be recorded, and how long the oldest has waited."""
    lag = recording_lag(current_engine())
    if lag.seconds > LAG_SECONDS_MAX:
        raise Missing(
            f"accepted bids have waited {lag.seconds:.0f} s to be recorded: is `python worker.py bids` running?"
        )
    return {"waiting": sum(lag.waiting.values()), "lag_seconds": round(lag.seconds, 3)}


def _checks() -> dict[str, Any]:
    """How long ago the running auction was checked whose check is the oldest. A late check is a warning only."""
    age = oldest_check_seconds(utcnow())
    late = f"an auction was not checked for {age:.0f} s: is it paused, or does the watch not run?"
    return {"oldest_seconds": round(age, 3), "warnings": [late] if age > CHECK_LATE_SECONDS else []}


def _mail() -> dict[str, Any]:
    """What waits to be mailed. Mail that waits is a warning only: pages and bids need none."""
    figures, trouble = outbox_figures(utcnow()), mail_server.trouble()
    late = figures.oldest_due_seconds
    warnings = [f"the mail server takes no mail: {trouble}"] if trouble else []
    if late > MAIL_LATE_SECONDS:
        warnings.append(f"a mail has been due for {late:.0f} s: is `python worker.py mail` running?")
    return {
        "waiting": {priority.name.lower(): waiting for priority, waiting in figures.waiting.items()},
        "oldest_due_seconds": round(late, 3),
        "warnings": warnings,
    }


def _witness() -> dict[str, Any]:
    """Whether this process writes down the bids that it accepts or hears of. It is a warning only: without it a bid
    could be lost with the live store, but nobody would be helped by bids being turned away."""
    condition = together(each.condition() for each in current_witnesses().values())
    sentence = f"accepted bids are not witnessed: {condition.trouble}"
    return {
        "running": condition.running,
        "unwritten": condition.unwritten,
        "written_seconds_ago": round(condition.written_seconds_ago, 3),
        "warnings": [sentence] if condition.trouble else [],
    }


def _processes() -> dict[str, Any]:
    """Whether a watch and a worker of each queue go on. A silent one is a warning only: pages and bids go on."""
    signs = heartbeats.signs(queue_redis())
    return {"alive": {kind: each.alive for kind, each in signs.items()}, "warnings": heartbeats.silent(signs)}


def _revisions(heads: Collection[str]) -> str:
    return ", ".join(sorted(heads)) or "empty"


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(
        json.dumps(document), status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )

"""Alive and ready. Alive asks nobody; ready asks every store and says by name what is missing."""

import json
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import redis
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, current_app
from sqlalchemy.exc import SQLAlchemyError

from cashticket.auction.values import Entry
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.extensions import db
from cashticket.models import durability
from cashticket.wiring import QUEUES, current_engine, queue, queue_redis

blueprint = Blueprint("health", __name__)

# Recording takes milliseconds; a bid that waits this long says that nobody drains.
LONGEST_LAG_SECONDS = 30.0


class Missing(Exception):
    """A part that serving needs is not there; the message says what to do."""


@blueprint.get("/healthz")
def alive() -> Response:
    """200 as long as this process answers at all."""
    return _json(200, {"status": "ok"})


@blueprint.get("/readyz")
def ready() -> Response:
    """200 when every part answers, else 503; either way each part with its state."""
    checks: dict[str, Callable[[], dict[str, Any]]] = {
        "live_store": _live_store,
        "queue_redis": _queue_redis,
        "database": _database,
        "ledger": _ledger,
    }
    parts = {name: _outcome(check) for name, check in checks.items()}
    missing = [name for name, part in parts.items() if not part["ok"]]
    status = {"status": "unready" if missing else "ok", "missing": missing, "parts": parts}
    return _json(503 if missing else 200, status)


def _outcome(check: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return {"ok": True} | check()
    except Missing as error:
        return {"ok": False, "detail": str(error)}
    except (StoreUnavailable, OutcomeUnknown, UnknownAuction, redis.RedisError, SQLAlchemyError) as error:
        # The kind alone: messages of drivers carry addresses, and this door is open.
        return {"ok": False, "detail": type(error).__name__}


def _live_store() -> dict[str, Any]:
    """What the store says of itself. A soft store is no reason to serve nobody, so it is a warning."""
    engine = current_engine()
    condition, live = engine.condition(), engine.auctions()
    if not condition.writing:
        raise Missing("the live store cannot write its log, so bidding pauses: give its disk room")
    if condition.role != "master":
        raise Missing(f"the live store is a {condition.role or 'server of unknown role'} and takes no bids")
    paused = {str(each): reason for each in live if (reason := engine.read(each).paused)}
    return {
        "auctions": len(live),
        "paused": paused,
        "durable": condition.durable,
        "warnings": [f"answered bids may be lost: {sentence}" for sentence in condition.softness],
    }


def _queue_redis() -> dict[str, Any]:
    queue_redis().ping()
    return {"waiting": {name: queue(name).count for name in QUEUES}}


def _database() -> dict[str, Any]:
    try:
        with db.engine.connect() as connection:
            found = set(MigrationContext.configure(connection).get_current_heads())
            soft = durability.softness(connection)
    finally:
        db.session.rollback()
    wanted = _newest(str(current_app.extensions["migrate"].directory))
    if found != wanted:
        raise Missing(f"the schema is {_named(found)}, this version needs {_named(wanted)}: run `flask db upgrade`")
    return {"schema": _named(found), "warnings": [f"recorded bids may be lost: {sentence}" for sentence in soft]}


def _ledger() -> dict[str, Any]:
    """How many accepted bids wait to be recorded, and since how long the oldest has."""
    engine = current_engine()
    backlog = {auction: waiting for auction, waiting in engine.backlog(engine.auctions()).items() if waiting}
    oldest = [entry.at_ms for auction in backlog for entry in engine.peek(auction, 1) if isinstance(entry, Entry)]
    lag = max(0.0, time.time() - min(oldest) / 1000) if oldest else 0.0
    if lag > LONGEST_LAG_SECONDS:
        raise Missing(f"accepted bids have waited {lag:.0f} s to be recorded: is `python worker.py bids` running?")
    return {"waiting": sum(backlog.values()), "lag_seconds": round(lag, 3)}


@lru_cache(maxsize=4)
def _newest(directory: str) -> set[str]:
    return set(ScriptDirectory(directory).get_heads())


def _named(heads: set[str]) -> str:
    return ", ".join(sorted(heads)) or "empty"


def _json(status: int, document: dict[str, Any]) -> Response:
    return Response(
        json.dumps(document), status, content_type="application/json", headers={"Cache-Control": "no-store"}
    )

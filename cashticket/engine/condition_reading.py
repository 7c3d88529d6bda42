"""Reads the condition of a Redis or Valkey."""

import re
from collections.abc import Mapping
from typing import Any

import redis

from cashticket.engine.condition import REPLICA_LAG_SECONDS_MAX, UNKNOWN, StoreCondition
from cashticket.engine.connection import checked, exchange
from cashticket.engine.store_identity import info_fields

REPLICA = re.compile(r"slave\d+")
"""A line of INFO about one replica, such as slave0:ip=…,port=…,state=online,offset=…,lag=0."""


def read_condition(client: redis.Redis) -> StoreCondition:
    """The store's condition, in one round trip. Raises StoreUnavailable and OutcomeUnknown."""
    info_reply, config_reply = exchange(client, [("INFO",), ("CONFIG", "GET", "appendfsync")])
    info = info_fields(checked(info_reply))
    replicas = _replicas(info)
    return StoreCondition(
        run_id=info.get("run_id", ""),
        role=info.get("role", ""),
        writing=info.get("aof_last_write_status", "ok") == "ok",
        fsync=_fsync(info, config_reply),
        eviction=info.get("maxmemory_policy", UNKNOWN),
        replicas=sum(state == "online" and lag <= REPLICA_LAG_SECONDS_MAX for state, lag in replicas),
        replica_lag_seconds=max((lag for _, lag in replicas), default=None),
    )


def _replicas(info: Mapping[str, str]) -> list[tuple[str, int]]:
    """State and seconds since it was heard, of each replica."""
    rows = [text for name, text in info.items() if REPLICA.fullmatch(name)]
    fields = [dict(part.split("=", 1) for part in row.split(",") if "=" in part) for row in rows]
    return [(each.get("state", ""), int(each.get("lag", "-1"))) for each in fields]


def _fsync(info: Mapping[str, str], reply: Any) -> str:
    if info.get("aof_enabled") != "1":
        return "off"
    # The account may not be allowed to read the setting. That is no fault of the store.
    return str(reply[1]) if isinstance(reply, list) and len(reply) == 2 else UNKNOWN

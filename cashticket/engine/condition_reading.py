"""Reads the condition of a Redis or Valkey."""

import re
from collections.abc import Mapping
from typing import Any

import redis

from cashticket.engine.condition import REPLICA_LAG_SECONDS_MAX, UNKNOWN, Pulse, StoreCondition
from cashticket.engine.connection import checked, exchange
from cashticket.engine.store_identity import identity, info_fields

SETTINGS = ("appendfsync", "aof-load-truncated", "save", "stop-writes-on-bgsave-error", "min-replicas-to-write")
REPLICA = re.compile(r"slave\d+")
"""A line of INFO about one replica, such as slave0:ip=…,port=…,state=online,offset=…,lag=0."""


def read_condition(client: redis.Redis) -> StoreCondition:
    """The store's condition, in one round trip. Raises StoreUnavailable and OutcomeUnknown."""
    info_reply, config_reply = exchange(client, [("INFO",), ("CONFIG", "GET", *SETTINGS)])
    info, settings = info_fields(checked(info_reply)), _settings(config_reply)
    replicas = _replicas(info)
    return StoreCondition(
        run_id=info.get("run_id", ""),
        role=info.get("role", ""),
        writing=info.get("aof_last_write_status", "ok") == "ok" and not _snapshots_stop_writes(info, settings),
        fsync=settings.get("appendfsync", UNKNOWN) if info.get("aof_enabled") == "1" else "off",
        eviction=info.get("maxmemory_policy", UNKNOWN),
        torn_log=settings.get("aof-load-truncated", UNKNOWN),
        replicas=sum(state == "online" and lag <= REPLICA_LAG_SECONDS_MAX for state, lag in replicas),
        replica_lag_seconds=max((lag for _, lag in replicas), default=None),
        replicas_missing=_replicas_missing(info, settings),
        # Buffers of the log and of replicas do not count against the limit.
        memory_used=_number(info, "used_memory") - _number(info, "mem_not_counted_for_evict"),
        memory_max=_number(info, "maxmemory"),
        now_ms=int(info.get("server_time_usec", "0")) // 1000,
        version=info.get("redis_version", ""),
    )


def _replicas(info: Mapping[str, str]) -> list[tuple[str, int]]:
    """State and seconds since it was heard, of each replica."""
    rows = [text for name, text in info.items() if REPLICA.fullmatch(name)]
    fields = [dict(part.split("=", 1) for part in row.split(",") if "=" in part) for row in rows]
    return [(each.get("state", ""), int(each.get("lag", "-1"))) for each in fields]


def read_pulse(client: redis.Redis) -> Pulse:
    """Identity and clock of the process that answers now, in one round trip. Raises StoreUnavailable, OutcomeUnknown.

    It is asked, not taken from the connection: a store may change its role without ending connections."""
    replies = [checked(reply) for reply in exchange(client, [("INFO", "server"), ("INFO", "replication"), ("TIME",)])]
    info = info_fields(replies[0]) | info_fields(replies[1])
    seconds, microseconds = replies[2]
    now_ms = int(seconds) * 1000 + int(microseconds) // 1000
    return Pulse(identity(info.get("run_id", ""), info.get("role", "")), now_ms)


def _settings(reply: Any) -> dict[str, str]:
    """Empty if the account may not read settings. That is no fault of the store."""
    return dict(zip(map(str, reply[::2]), map(str, reply[1::2]), strict=True)) if isinstance(reply, list) else {}


def _snapshots_stop_writes(info: Mapping[str, str], settings: Mapping[str, str]) -> bool:
    failed = info.get("rdb_last_bgsave_status", "ok") != "ok"
    return failed and bool(settings.get("save")) and settings.get("stop-writes-on-bgsave-error") == "yes"


def _replicas_missing(info: Mapping[str, str], settings: Mapping[str, str]) -> int:
    wanted = settings.get("min-replicas-to-write", "0")
    # Only a store that wants replicas reports how many are well.
    good = _number(info, "min_slaves_good_slaves")
    return max(0, int(wanted) - good) if wanted.isdecimal() and info.get("role") == "master" else 0


def _number(info: Mapping[str, str], name: str) -> int:
    text = info.get(name, "")
    return int(text) if text.isdecimal() else 0

"""Reads the condition of a Redis or Valkey."""

from collections.abc import Mapping
from typing import Any

import redis

from cashticket.engine.condition import UNKNOWN, StoreCondition
from cashticket.engine.connection import checked, exchange
from cashticket.engine.store_identity import info_fields


def read_condition(client: redis.Redis) -> StoreCondition:
    """The store's condition, in one round trip. Raises StoreUnavailable and OutcomeUnknown."""
    info_reply, config_reply = exchange(client, [("INFO",), ("CONFIG", "GET", "appendfsync")])
    info = info_fields(checked(info_reply))
    return StoreCondition(
        run_id=info.get("run_id", ""),
        role=info.get("role", ""),
        writing=info.get("aof_last_write_status", "ok") == "ok",
        fsync=_fsync(info, config_reply),
        eviction=info.get("maxmemory_policy", UNKNOWN),
    )


def _fsync(info: Mapping[str, str], reply: Any) -> str:
    if info.get("aof_enabled") != "1":
        return "off"
    # The account may not be allowed to read the setting. That is no fault of the store.
    return str(reply[1]) if isinstance(reply, list) and len(reply) == 2 else UNKNOWN

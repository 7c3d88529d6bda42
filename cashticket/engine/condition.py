"""What a store says of itself: which process it is, and whether what it answers is on its disk."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import redis

from cashticket.engine import greeting
from cashticket.engine.connection import checked, exchange

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """`fsync` is always, everysec, no, off (nothing is written) or unknown (the store does not tell this account)."""

    run_id: str
    role: str = "master"
    writing: bool = True
    fsync: str = "always"
    eviction: str = "noeviction"

    @property
    def identity(self) -> str:
        """Changes when another process answers, or this one in another role."""
        return greeting.identity(self.run_id, self.role)

    @property
    def durable(self) -> bool:
        """Whether nothing that was answered can be lost by a power cut, as far as the store tells."""
        return not self.softness

    @property
    def softness(self) -> list[str]:
        """What to change so that nothing is lost, a sentence each; empty when the store is durable."""
        told = {
            "off": "it writes nothing to disk: a restart loses every bid that is not recorded yet (appendonly yes)",
            "no": "it leaves writing to the system: a power cut may lose many seconds (appendfsync always)",
            "everysec": "it writes once a second: a power cut may lose a second (appendfsync always)",
            UNKNOWN: "it does not tell this account how it writes: allow CONFIG GET, or look (appendfsync always)",
        }
        found = [told[self.fsync]] if self.fsync in told else []
        if self.eviction != "noeviction":
            found.append("it forgets keys when its memory is full (maxmemory-policy noeviction)")
        return found


def read_condition(client: redis.Redis) -> StoreCondition:
    """Ask the store, in one round trip. Raises StoreUnavailable and OutcomeUnknown."""
    info_reply, config_reply = exchange(client, [("INFO",), ("CONFIG", "GET", "appendfsync")])
    info = greeting.fields(checked(info_reply))
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
    # The account may not be allowed to ask; that is no failure of the store.
    return str(reply[1]) if isinstance(reply, list) and len(reply) == 2 else UNKNOWN

"""What the watch tells operators of itself, in the queue store: that it goes on, how long its rounds take, the space on
the disks that it looks at, and whether the database keeps what it commits."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import redis

from cashticket import redis_keys
from cashticket.work.heartbeats import Heartbeat
from cashticket.work.watch.disks import DiskSpace, space_on

KEPT_SECONDS = 60


@dataclass(frozen=True, slots=True)
class WatchReport:
    """`round_seconds` is how long the longest of its last rounds took. `disks` has the space on each disk by the folder
    that names it. `database_risks` counts what may let the database lose what it committed."""

    round_seconds: float
    disks: dict[str, DiskSpace]
    database_risks: int


class Reporter:
    """Call `tell` after each round. `client` should give up soon."""

    def __init__(
        self,
        client: redis.Redis,
        disks: Sequence[Path],
        disk_free_min: int,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client, self._disks, self._disk_free_min = client, disks, disk_free_min
        self._heartbeat = Heartbeat(client, "watch", monotonic)
        self._longest = 0.0

    def tell(self, round_seconds: float, database_risks: int) -> None:
        """Tell of a round, every other second. Never fails."""
        self._longest = max(self._longest, round_seconds)
        if not self._heartbeat.send():
            return
        spaces = {str(path): space_on(path, self._disk_free_min) for path in self._disks}
        disks = {path: space for path, space in spaces.items() if space}
        text = json.dumps(asdict(WatchReport(self._longest, disks, database_risks)))
        with suppress(redis.RedisError):
            self._client.set(redis_keys.WATCH_REPORT, text, ex=KEPT_SECONDS)
        self._longest = 0.0


def last_report(client: redis.Redis) -> WatchReport | None:
    """What a watch told last, None if none of this release did for a minute. Raises redis.RedisError."""
    text: Any = client.get(redis_keys.WATCH_REPORT)
    try:
        fields = json.loads(text or "")
        disks = {str(path): _space(each) for path, each in fields["disks"].items()}
        return WatchReport(float(fields["round_seconds"]), disks, int(fields["database_risks"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _space(fields: dict[str, Any]) -> DiskSpace:
    return DiskSpace(int(fields["size"]), int(fields["free"]), int(fields["needed"]))

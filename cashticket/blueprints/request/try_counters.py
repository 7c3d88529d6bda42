"""Counts tries in the queue Redis, over all processes, and in the memory of this process while that store is away."""

import logging
import threading
import time
from collections.abc import Iterable, Sequence

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from cashticket import redis_keys
from cashticket.blueprints.request.windows import Bucket, Full, Store
from cashticket.engine.sentinel import client_at
from cashticket.logs.failures import failure_text

log = logging.getLogger(__name__)

# After the queue Redis has failed, it is not asked for this long.
ALONE_SECONDS = 5.0
OWN_WINDOWS_MAX = 50_000
# How often it is said that too many windows were opened.
SILENT_SECONDS = 60.0
OPENED_MAX = 500_000
"""How many windows the queue store opens in an hour, over all limits. Whoever has very many addresses could fill it
otherwise. Beyond that each process counts in windows of its own what is not counted there yet."""

# KEYS: how many windows were opened in this hour, then the windows. ARGV: how many may be, then for each window how
# many tries it takes and how many seconds it lasts.
# Returns {0, 0} after counting one try in each, {-1, 0} if too many windows were opened, or the place of the first full
# window and the seconds until it ends.
TAKE = """
local new = 0
for place = 2, #KEYS do
  local tries = redis.call('GET', KEYS[place])
  if not tries then
    new = new + 1
  elseif tonumber(tries) >= tonumber(ARGV[2 * place - 2]) then
    return {place - 1, math.max(1, redis.call('TTL', KEYS[place]))}
  end
end
if new > 0 then
  if tonumber(redis.call('GET', KEYS[1]) or '0') + new > tonumber(ARGV[1]) then return {-1, 0} end
  if redis.call('INCRBY', KEYS[1], new) == new then redis.call('EXPIRE', KEYS[1], 3600) end
end
for place = 2, #KEYS do
  if redis.call('INCR', KEYS[place]) == 1 then redis.call('EXPIRE', KEYS[place], ARGV[2 * place - 1]) end
end
return {0, 0}
"""

# KEYS: as above; from each window one try is taken back. A window without any is closed, one that has ended meanwhile
# is not opened again.
GIVE_BACK = """
for place = 2, #KEYS do
  local tries = tonumber(redis.call('GET', KEYS[place]) or '0')
  if tries > 1 then redis.call('DECR', KEYS[place]) end
  if tries == 1 then
    redis.call('DEL', KEYS[place])
    if tonumber(redis.call('GET', KEYS[1]) or '0') > 1 then redis.call('DECR', KEYS[1]) end
  end
end
"""


class TooManyWindows(Exception):
    """The shared store opens no more windows in this hour."""


class SharedStore:
    """Counts in the Redis at `url`, over all processes. Raises redis.RedisError while it is away."""

    def __init__(self, url: str) -> None:
        # A person waits and memory can count instead, so there is no retry and no long timeout.
        self._client = client_at(
            url, socket_connect_timeout=1.5, socket_timeout=1.5, retry=Retry(NoBackoff(), 0), max_connections=64
        )
        self._take = self._client.register_script(TAKE)
        self._give_back = self._client.register_script(GIVE_BACK)

    def take(self, buckets: Sequence[Bucket]) -> None:
        """Count one try in each bucket. Raises Full, and TooManyWindows."""
        sizes = [size for bucket in buckets for size in (bucket.window.tries_max, bucket.window.seconds)]
        place, seconds = self._take(keys=_keys(buckets), args=[OPENED_MAX, *sizes])
        if place < 0:
            raise TooManyWindows
        if place:
            raise Full(buckets[place - 1].window, seconds)

    def give_back(self, buckets: Iterable[Bucket]) -> None:
        """Take one counted try back from each bucket."""
        self._give_back(keys=_keys(buckets))

    def clear(self, buckets: Iterable[Bucket]) -> None:
        """Forget every try of each bucket."""
        self._client.delete(*(bucket.name for bucket in buckets))


def _keys(buckets: Iterable[Bucket]) -> list[str]:
    return [redis_keys.WINDOWS_OPENED, *(bucket.name for bucket in buckets)]


class OwnStore:
    """Counts in the memory of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # Name of a bucket → its tries, and when its window ends (monotonic seconds).
        self._windows: dict[str, tuple[int, float]] = {}

    def take(self, buckets: Sequence[Bucket]) -> None:
        """Count one try in each bucket. Raises Full."""
        now = time.monotonic()
        with self._lock:
            present = [self._present(bucket, now) for bucket in buckets]
            for bucket, (tries, ends_at) in zip(buckets, present, strict=True):
                if tries >= bucket.window.tries_max:
                    raise Full(bucket.window, max(1, round(ends_at - now)))
            for bucket, (tries, ends_at) in zip(buckets, present, strict=True):
                self._windows[bucket.name] = (tries + 1, ends_at)
            self._forget_ended(now)

    def give_back(self, buckets: Iterable[Bucket]) -> None:
        """Take one counted try back from each bucket."""
        now = time.monotonic()
        with self._lock:
            for bucket in buckets:
                tries, ends_at = self._present(bucket, now)
                self._windows[bucket.name] = (max(0, tries - 1), ends_at)

    def clear(self, buckets: Iterable[Bucket]) -> None:
        """Forget every try of each bucket."""
        with self._lock:
            for bucket in buckets:
                self._windows.pop(bucket.name, None)

    def _present(self, bucket: Bucket, now: float) -> tuple[int, float]:
        tries, ends_at = self._windows.get(bucket.name, (0, now))
        return (tries, ends_at) if ends_at > now else (0, now + bucket.window.seconds)

    def _forget_ended(self, now: float) -> None:
        if len(self._windows) > OWN_WINDOWS_MAX:
            present = [(name, window) for name, window in self._windows.items() if window[1] > now]
            # While everybody is new, the oldest half goes.
            self._windows = dict(present[-OWN_WINDOWS_MAX // 2 :])


class Counters:
    """The shared store at `url`, and while it is away this process's own."""

    def __init__(self, url: str) -> None:
        self._shared, self._own = SharedStore(url), OwnStore()
        self._alone_until, self._silent_until = 0.0, 0.0

    def take(self, buckets: Sequence[Bucket]) -> Store:
        """Count one try in each bucket. Returns the store that counted it, to give it back there. Raises Full."""
        if time.monotonic() >= self._alone_until:
            try:
                self._shared.take(buckets)
            except redis.RedisError as error:
                self._be_alone(error)
            except TooManyWindows:
                self._say_too_many()
            else:
                return self._shared
        self._own.take(buckets)
        return self._own

    def give_back(self, store: Store, buckets: Sequence[Bucket]) -> None:
        """Take a try back from each bucket of the store that counted it. Never fails."""
        try:
            if buckets:
                store.give_back(buckets)
        except redis.RedisError as error:
            self._be_alone(error)

    def clear(self, buckets: Sequence[Bucket]) -> None:
        """Forget every try of each bucket, here and in the shared store. Never fails."""
        self._own.clear(buckets)
        try:
            self._shared.clear(buckets)
        except redis.RedisError as error:
            self._be_alone(error)

    def _say_too_many(self) -> None:
        if (now := time.monotonic()) >= self._silent_until:
            log.warning("the queue Redis opens no more windows of limits, this process counts new ones alone")
            self._silent_until = now + SILENT_SECONDS

    def _be_alone(self, error: redis.RedisError) -> None:
        log.warning("the queue Redis is away, this process counts tries alone: %s", failure_text(error))
        self._alone_until = time.monotonic() + ALONE_SECONDS

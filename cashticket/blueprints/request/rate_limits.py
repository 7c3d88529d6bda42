"""Rate limits. Sign-in failures, sign-ups and mails are counted in the queue Redis, bids in this process.

Guessed passwords must be counted over all processes. Bids must not wait for a second store, and their limit need not
be exact. While the queue Redis is away each process counts alone. Phones of one network share addresses, so an address
may do far more than an account.
"""

import ipaddress
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import redis
from flask import Blueprint, current_app, request
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.exceptions import TooManyRequests

from cashticket.accounts.security_log import account_hash
from cashticket.logs.failures import failure_text
from cashticket.wiring import current_settings

blueprint = Blueprint("limits", __name__)
log = logging.getLogger(__name__)

FAILURES_OF_ACCOUNT = RateLimitItemPerMinute(10, 15, namespace="sign-in-account")
FAILURES_OF_ADDRESS = RateLimitItemPerMinute(100, 15, namespace="sign-in-address")
SIGN_UPS_OF_ADDRESS = RateLimitItemPerHour(100, namespace="sign-up-address")
RESETS_OF_ADDRESS = RateLimitItemPerHour(100, namespace="reset-address")
MAILS_OF_ACCOUNT = RateLimitItemPerHour(10, namespace="mail-account")

BIDS_A_SECOND = 20.0
BIDS_BURST = 60.0
BUCKETS_MAX = 20_000

# After the queue Redis has failed, it is not asked for this long.
ALONE_SECONDS = 5.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted attempt. `undo` takes it back."""

    item: RateLimitItem
    key: str

    def undo(self) -> None:
        _counters().incr(self.item, self.key, -1)


class Counters:
    """Fixed windows that begin with the first attempt, in the Redis at `url`, or in memory while it is away."""

    def __init__(self, url: str) -> None:
        # A person waits and memory can count instead, so there is no retry and no long timeout.
        client = redis.Redis.from_url(
            url, socket_connect_timeout=1.5, socket_timeout=1.5, retry=Retry(NoBackoff(), 0), max_connections=64
        )
        # The address only names the kind of store; the connections come from the client.
        shared = RedisStorage("redis://", connection_pool=client.connection_pool, key_prefix="limits")
        self._shared = FixedWindowRateLimiter(shared)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._alone_until = 0.0

    def incr(self, item: RateLimitItem, key: str, amount: int) -> int:
        """Add `amount` to the count of the window. Returns the new count."""
        return self._with_windows(lambda windows: windows.storage.incr(item.key_for(key), item.get_expiry(), amount))

    def seconds_left(self, item: RateLimitItem, key: str) -> int:
        """Seconds until the window of `key` ends, at least 1."""
        ends = self._with_windows(lambda windows: windows.get_window_stats(item, key).reset_time)
        return max(1, int(ends - time.time()) + 1)

    def _with_windows(self, work: Callable[[FixedWindowRateLimiter], T]) -> T:
        if time.monotonic() < self._alone_until:
            return work(self._own)
        try:
            return work(self._shared)
        except redis.RedisError as error:
            log.warning("the queue Redis is away, this process counts attempts alone: %s", failure_text(error))
            self._alone_until = time.monotonic() + ALONE_SECONDS
            return work(self._own)


def count(item: RateLimitItem, key: str) -> Attempt:
    """Count one attempt of `key`. Raises TooManyRequests with Retry-After once the window is full."""
    attempt = Attempt(item, key)
    if current_settings().rate_limits and _counters().incr(item, key, 1) > item.amount:
        raise TooManyRequests(retry_after=_counters().seconds_left(item, key))
    return attempt


def allows(item: RateLimitItem, key: str) -> bool:
    """Count one attempt of `key`. False once the window is full; for answers that must not show the limit."""
    try:
        count(item, key)
    except TooManyRequests:
        return False
    return True


class SignInTry:
    """A sign-in, counted as a failure of account and address until `take_back`.

    Counting first keeps a hundred attempts sent at once from passing before the first has failed. Raises
    TooManyRequests; an attempt refused for its account does not count against its address.
    """

    def __init__(self, account: str) -> None:
        self._of_address = count(FAILURES_OF_ADDRESS, address())
        try:
            self._of_account = count(FAILURES_OF_ACCOUNT, keyed(account))
        except TooManyRequests:
            self._of_address.undo()
            raise

    def take_back(self) -> None:
        """Uncount the attempt, because it succeeded."""
        if current_settings().rate_limits:
            self._of_account.undo()
            self._of_address.undo()


def address() -> str:
    """The client of a request: its IPv4 address, or the /64 network that one IPv6 household has."""
    try:
        client = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "local"
    if client.version == 4:
        return str(client)
    if client.ipv4_mapped:
        return str(client.ipv4_mapped)
    return str(ipaddress.ip_network((client, 64), strict=False))


def keyed(text: str) -> str:
    """A keyed hash of an e-mail address for key names, so that the counters are no list of customers."""
    return account_hash(text)


class Pace:
    """A token bucket per person, in memory, for the `size` people seen last: `rate` a second, `burst` at once."""

    def __init__(self, rate: float, burst: float, size: int) -> None:
        self._rate, self._burst, self._size = rate, burst, size
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, person_id: int, now: float) -> float:
        """Take a token at `now` (monotonic seconds). Returns 0.0, or without a token the seconds until there is one."""
        with self._lock:
            tokens, filled_at = self._buckets.pop(person_id, (self._burst, now))
            tokens = min(self._burst, tokens + (now - filled_at) * self._rate)
            allowed = tokens >= 1
            self._buckets[person_id] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > self._size:
                self._buckets.popitem(last=False)
            return 0.0 if allowed else (1 - tokens) / self._rate


def allow_bid(person_id: int) -> None:
    """Take a token for one bid. Raises TooManyRequests with Retry-After when `person_id` bids too fast."""
    if not current_settings().rate_limits:
        return
    seconds = cast(Pace, current_app.extensions["bid_pace"]).wait(person_id, time.monotonic())
    if seconds:
        raise TooManyRequests(retry_after=max(1, round(seconds)))


def _counters() -> Counters:
    counters = current_app.extensions.get("counters")
    if counters is None:
        counters = current_app.extensions["counters"] = Counters(current_settings().queue_redis_url)
    return cast(Counters, counters)


@blueprint.record_once
def give_pace(state: Any) -> None:
    state.app.extensions["bid_pace"] = Pace(BIDS_A_SECOND, BIDS_BURST, BUCKETS_MAX)

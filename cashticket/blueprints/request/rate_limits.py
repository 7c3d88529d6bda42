"""How often: sign-in failures and sign-ups are counted in the queue Redis, bids in this process.

Bids must not wait for a second store, and their limit need not be exact; guessing passwords must be counted over all
processes. When the queue Redis is away each process counts alone, which is stricter than not counting at all.
Phones of one network share addresses, so an address may do far more than an account.
"""

import hmac
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
PACES_REMEMBERED = 20_000

# After the queue Redis failed, so long nobody waits for it again.
ALONE_SECONDS = 5.0

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted try; `undo` takes it back when it turns out not to count."""

    item: RateLimitItem
    key: str

    def undo(self) -> None:
        _counters().incr(self.item, self.key, -1)


class Counters:
    """Fixed windows that begin with the first try, in the Redis at `url`, or in memory while it is away."""

    def __init__(self, url: str) -> None:
        # Somebody waits for the answer, and there is another way to count: no second try, no long wait.
        client = redis.Redis.from_url(
            url, socket_connect_timeout=1.5, socket_timeout=1.5, retry=Retry(NoBackoff(), 0), max_connections=64
        )
        # The address only names the kind of store; the connections are the client's own.
        shared = RedisStorage("redis://", connection_pool=client.connection_pool, key_prefix="limits")
        self._shared = FixedWindowRateLimiter(shared)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._alone_until = 0.0

    def incr(self, item: RateLimitItem, key: str, amount: int) -> int:
        """Count `amount` more; answers the count of the window."""
        return self._asking(lambda windows: windows.storage.incr(item.key_for(key), item.get_expiry(), amount))

    def seconds_left(self, item: RateLimitItem, key: str) -> int:
        """Until the window of `key` ends, at least 1."""
        ends = self._asking(lambda windows: windows.get_window_stats(item, key).reset_time)
        return max(1, int(ends - time.time()) + 1)

    def _asking(self, question: Callable[[FixedWindowRateLimiter], T]) -> T:
        if time.monotonic() < self._alone_until:
            return question(self._own)
        try:
            return question(self._shared)
        except redis.RedisError as error:
            log.warning("the queue Redis is away, this process counts tries alone: %s", error)
            self._alone_until = time.monotonic() + ALONE_SECONDS
            return question(self._own)


def count(item: RateLimitItem, key: str) -> Attempt:
    """Count one try of `key`. Raises TooManyRequests, with Retry-After, once the window is full."""
    attempt = Attempt(item, key)
    if current_settings().rate_limits and _counters().incr(item, key, 1) > item.amount:
        raise TooManyRequests(retry_after=_counters().seconds_left(item, key))
    return attempt


def allows(item: RateLimitItem, key: str) -> bool:
    """Count one try of `key` where the answer must not show the limit."""
    try:
        count(item, key)
    except TooManyRequests:
        return False
    return True


class SignInTry:
    """A sign-in on its way, counted as a failure of account and address until it succeeds.

    Counting first means that a hundred tries sent at once cannot all slip through before the first one has failed.
    Raises TooManyRequests on the way in; a try refused for its account does not count against its address.
    """

    def __init__(self, account: str) -> None:
        self._of_address = count(FAILURES_OF_ADDRESS, address())
        try:
            self._of_account = count(FAILURES_OF_ACCOUNT, keyed(account))
        except TooManyRequests:
            self._of_address.undo()
            raise

    def take_back(self) -> None:
        """It was no failure."""
        if current_settings().rate_limits:
            self._of_account.undo()
            self._of_address.undo()


def address() -> str:
    """Whom a request comes from: its IPv4 address, or the /64 that one IPv6 household owns."""
    try:
        found = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return "local"
    if found.version == 4:
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))


def keyed(text: str) -> str:
    """A stand-in for an e-mail address in key names: counters should not be a list of customers."""
    return hmac.new(str(current_app.secret_key).encode(), text.strip().lower().encode(), "sha256").hexdigest()[:32]


class Pace:
    """A token bucket a person, in memory, for the newest `remembered` people: `rate` a second, `burst` at once."""

    def __init__(self, rate: float, burst: float, remembered: int) -> None:
        self._rate, self._burst, self._remembered = rate, burst, remembered
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, person_id: int, now: float) -> float:
        """Take a token at `now` (monotonic seconds). 0.0 when there was one, else the seconds until there is."""
        with self._lock:
            tokens, since = self._buckets.pop(person_id, (self._burst, now))
            tokens = min(self._burst, tokens + (now - since) * self._rate)
            allowed = tokens >= 1
            self._buckets[person_id] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > self._remembered:
                self._buckets.popitem(last=False)
            return 0.0 if allowed else (1 - tokens) / self._rate


def allow_bid(person_id: int) -> None:
    """For the bid door, before the engine. Raises TooManyRequests with Retry-After when `person_id` is too fast."""
    if not current_settings().rate_limits:
        return
    seconds = cast(Pace, current_app.extensions["bid_pace"]).wait(person_id, time.monotonic())
    if seconds:
        raise TooManyRequests(retry_after=max(1, round(seconds)))


def _counters() -> Counters:
    made = current_app.extensions.get("counters")
    if made is None:
        made = current_app.extensions["counters"] = Counters(current_settings().queue_redis_url)
    return cast(Counters, made)


@blueprint.record_once
def give_pace(state: Any) -> None:
    state.app.extensions["bid_pace"] = Pace(BIDS_A_SECOND, BIDS_BURST, PACES_REMEMBERED)

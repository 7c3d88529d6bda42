"""Nothing that strangers do fills the queue store or the live store: keys and bytes before and after, with a bound."""

from collections import Counter
from collections.abc import Callable

import pytest
import redis
from flask import Flask
from sqlalchemy import func, select

from cashticket import redis_keys
from cashticket.accounts import drafts
from cashticket.blueprints.request import try_counters
from cashticket.blueprints.request.rate_limits import SIGN_UPS_OF_ADDRESS, LimitReached, counters, take
from cashticket.blueprints.request.try_counters import OPENED_MAX
from cashticket.blueprints.request.windows import Bucket
from cashticket.engine.connection import connect
from cashticket.extensions import db
from cashticket.models import SignUpDraft
from cashticket.wiring import current_settings, queue, queue_redis
from cashticket.work import queueing
from tests.inputs.odd_queries import QUERIES
from tests.security.limited import browser_at, fail, try_sign_in
from tests.staging.auctions import open_auction
from tests.web.sign_ups import sign_up

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

STRANGERS = 40
WINDOW_BYTES_MAX = 200


def address(number: int) -> str:
    return f"198.51.{number // 250}.{number % 250 + 1}"


def kinds(store: redis.Redis) -> Counter[str]:
    """Keys by what stands before their last part."""
    return Counter(key.decode().rpartition(":")[0] for key in store.scan_iter(count=1000))


def test_windows_of_limits_have_a_bound_over_all_limits(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_counters, "OPENED_MAX", 300)
    store = queue_redis()
    before = store.dbsize()
    for number in range(2_000):
        take([Bucket(SIGN_UPS_OF_ADDRESS, address(number))])
    assert store.dbsize() - before <= 301
    for key in store.scan_iter("{limits}:*"):
        assert 0 < store.ttl(key) <= 3600, key
        assert (store.memory_usage(key) or 0) <= WINDOW_BYTES_MAX, key


def test_beyond_the_bound_limits_hold_in_each_process(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_counters, "OPENED_MAX", 5)
    for number in range(10):
        take([Bucket(SIGN_UPS_OF_ADDRESS, address(number))])
    statuses = fail(browser_at(limited), 11)
    assert statuses == [422] * 10 + [429]


def test_what_the_shared_store_has_counted_holds_also_beyond_the_bound(
    limited: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    mallory = [Bucket(SIGN_UPS_OF_ADDRESS, "198.51.100.1")]
    for _ in range(SIGN_UPS_OF_ADDRESS.tries_max):
        take(mallory)
    monkeypatch.setattr(try_counters, "OPENED_MAX", 1)
    with pytest.raises(LimitReached):
        take(mallory)


def test_a_right_password_leaves_one_window_and_no_count_of_failures(limited: Flask) -> None:
    store, home = queue_redis(), browser_at(limited)
    assert try_sign_in(home).status_code == 303
    left = [key.decode() for key in store.scan_iter("{limits}:*") if key.decode() != redis_keys.WINDOWS_OPENED]
    assert [name.split(":")[1] for name in left] == ["sign-ins-account"]
    assert int(store.get(redis_keys.WINDOWS_OPENED) or 0) == 1


def test_what_is_given_back_while_nothing_is_counted_opens_nothing(limited: Flask) -> None:
    buckets = [Bucket(SIGN_UPS_OF_ADDRESS, "198.51.100.1")]
    counted = counters()
    shared = counted.take(buckets)
    counted.give_back(shared, buckets)
    counted.give_back(shared, buckets)
    assert queue_redis().exists(buckets[0].name) == 0
    assert int(queue_redis().get(redis_keys.WINDOWS_OPENED) or 0) <= 1


def test_strangers_leave_a_bounded_number_of_keys(limited: Flask) -> None:
    """Sign-ups, resets, wrong passwords and mails of many addresses, with limits on and nobody who sends mail."""
    store, live = queue_redis(), set(live_keys())
    before = store.dbsize()
    for number in range(STRANGERS):
        stranger = browser_at(limited, address(number))
        assert sign_up(stranger, email=f"{number}@example.org").status_code == 303
        reset = {"email": "alice@example.com", "csrf_token": stranger.token("/reset")}
        assert stranger.post("/reset", data=reset).status_code == 303
        fail(stranger, 1, f"{number}@example.org")
    windows = store.dbsize() - before
    sizes = {key: store.memory_usage(key) or 0 for key in store.scan_iter("{limits}:*")}
    assert max(sizes.values()) <= WINDOW_BYTES_MAX, sizes
    found = kinds(store)
    assert sum(found[name] for name in found if name.startswith("{limits}")) >= STRANGERS
    # Each leaves the windows of one sign-up (3), a reset (3) and a wrong password (2), and all together one job.
    assert windows <= STRANGERS * 9 + 20, found
    assert queue("mail").count == 1
    assert set(live_keys()) == live, "strangers leave nothing in the live store"


def live_keys() -> list[bytes]:
    """Keys of the live store, which is the queue store too in tests."""
    with connect(current_settings().redis_url) as client:
        return [key for key in client.scan_iter() if not key.startswith((b"{limits}", b"rq:", b"{pages}"))]


@pytest.mark.parametrize(
    "path", ["/", "/concerts/", "/concerts/listing", "/on-now", "/help", "/refunds", "/concerts/1"]
)
def test_odd_addresses_leave_nothing_in_the_cache(limited: Flask, path: str) -> None:
    open_auction()
    stranger, store = browser_at(limited), queue_redis()
    stranger.get(f"{path}?lang=ko")
    stranger.get(f"{path}?lang=en")
    stranger.get(path)
    kept = set(store.scan_iter(f"{redis_keys.PAGES}*"))
    for query in QUERIES:
        assert stranger.get(f"{path}?{query}").status_code in (200, 302, 303, 400, 404), query
    for number in range(100):
        stranger.get(f"/concerts/{10_000 + number}")
        stranger.get(f"/auctions/{10_000 + number}")
    new = set(store.scan_iter(f"{redis_keys.PAGES}*")) - kept
    assert len(new) <= 2, new


def test_jobs_wait_once_however_often_they_are_asked_for(limited: Flask) -> None:
    ask: list[Callable[[], object]] = [queueing.deliver, queueing.push, queueing.remind, queueing.check_due]
    for _ in range(200):
        for each in ask:
            each()
    assert {name: queue(name).count for name in ("mail", "push", "checks")} == {"mail": 1, "push": 1, "checks": 1}
    assert queue_redis().dbsize() < 60


def test_drafts_have_a_bound_over_all_clients(limited: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts, "ALL_MAX", 10)
    for number in range(25):
        assert sign_up(browser_at(limited, address(number)), email=f"{number}@example.org").status_code == 303
    assert db.session.scalar(select(func.count()).select_from(SignUpDraft)) == 10
    assert db.session.scalar(select(func.count()).where(SignUpDraft.email == "24@example.org")) == 1


def test_the_bound_leaves_room_for_a_hall(limited: Flask) -> None:
    """150,000 people who sign in within an hour, each from an address of their own, fill half of it."""
    assert OPENED_MAX >= 2 * 150_000

"""Rate limits: failed sign-ins by account and by address, and bids by person."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import redis
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from cashticket import config, create_app
from cashticket.blueprints.request.bid_pace import Pace
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.password_limits import FAILURES_OF_ADDRESS
from cashticket.blueprints.request.rate_limits import SIGN_UPS_OF_ADDRESS, counters
from cashticket.blueprints.request.windows import Bucket
from cashticket.extensions import db
from cashticket.models import AccountMail
from lab.servers.redis_server import RedisServer
from tests.fixtures.people import Browser, make_person
from tests.staging.rows import PASSWORD

FAILED, LIMITED = 422, 429


@pytest.fixture
def limited(settings: config.Settings) -> Iterator[Flask]:
    """The application with its rate limits on, and the accounts of the four people."""
    application = create_app(replace(settings, rate_limits=True))
    application.test_client_class = Browser
    with application.app_context():
        for name in ("alice", "bob"):
            make_person(name)
        yield application
        db.session.remove()
        db.engine.dispose()


def sign_in_from(app: Flask, source: str = "203.0.113.7") -> Callable[[str, str], TestResponse]:
    """Returns a function that tries to sign in from the address `source`."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = source
    token = client.token()

    def attempt(email: str, password: str = "wrong") -> TestResponse:
        return client.post("/login", data={"email": email, "password": password, "csrf_token": token})

    return attempt


def test_after_ten_failures_the_password_of_an_account_is_not_checked(limited: Flask) -> None:
    attempt = sign_in_from(limited)
    assert [attempt("alice@example.com").status_code for _ in range(10)] == [FAILED] * 10
    answer = attempt("Alice@Example.com ")
    assert answer.status_code == LIMITED
    assert 0 < int(answer.headers["Retry-After"]) <= 15 * 60
    assert 'role="alert"' in answer.get_data(as_text=True)
    assert attempt("alice@example.com", PASSWORD).status_code == LIMITED, "even the right password waits"
    assert attempt("bob@example.com", PASSWORD).status_code == 303, "another account is free"


def test_an_unknown_address_is_limited_like_a_known_one(limited: Flask) -> None:
    attempt = sign_in_from(limited)
    statuses = [attempt("nobody@example.com").status_code for _ in range(11)]
    assert statuses == [FAILED] * 10 + [LIMITED]


def test_the_limit_of_an_account_holds_from_every_address(limited: Flask) -> None:
    for number in range(10):
        assert sign_in_from(limited, f"203.0.113.{number}")("alice@example.com").status_code == FAILED
    assert sign_in_from(limited, "198.51.100.1")("alice@example.com").status_code == LIMITED


def test_an_address_may_fail_a_hundred_times_over_many_accounts(limited: Flask) -> None:
    attempt = sign_in_from(limited)
    statuses = [attempt(f"nobody{number}@example.com").status_code for number in range(101)]
    assert statuses == [FAILED] * 100 + [LIMITED]
    assert sign_in_from(limited, "198.51.100.1")("alice@example.com", PASSWORD).status_code == 303


def test_a_right_password_is_no_failure(limited: Flask) -> None:
    for _ in range(12):
        assert sign_in_from(limited)("alice@example.com", PASSWORD).status_code == 303
    attempt = sign_in_from(limited)
    assert [attempt("alice@example.com").status_code for _ in range(11)] == [FAILED] * 10 + [LIMITED]


def test_right_passwords_of_many_are_no_failures_of_their_address(limited: Flask) -> None:
    """A campus of which everybody signs in behind one address."""
    with limited.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.7"}):
        for _ in range(99):
            counters().take([Bucket(FAILURES_OF_ADDRESS, address())])
    for email in ("alice@example.com", "bob@example.com"):
        assert sign_in_from(limited)(email, PASSWORD).status_code == 303
    attempt = sign_in_from(limited)
    assert [attempt(f"nobody{number}@example.com").status_code for number in range(2)] == [FAILED, LIMITED]


def test_a_window_ends_a_quarter_of_an_hour_after_its_first_try(limited: Flask, redis_server: RedisServer) -> None:
    attempt = sign_in_from(limited)
    assert attempt("alice@example.com").status_code == FAILED
    with redis.Redis.from_url(f"{redis_server.url}?db=1") as client:
        windows = [name for name in client.scan_iter() if client.get(name) == b"1"]
        assert windows and max(map(client.ttl, windows)) <= 15 * 60
        for name in windows:
            client.expire(name, 100)
        assert attempt("alice@example.com").status_code == FAILED
        assert [client.ttl(name) for name in windows if client.ttl(name) > 100] == []


def test_right_passwords_of_one_account_are_limited_too(limited: Flask) -> None:
    ways = [sign_in_from(limited, f"203.0.113.{number}") for number in range(31)]
    statuses = [attempt("alice@example.com", PASSWORD).status_code for attempt in ways]
    assert statuses == [303] * 30 + [LIMITED]
    assert sign_in_from(limited)("bob@example.com", PASSWORD).status_code == 303


def test_attempts_sent_at_once_are_all_counted(limited: Flask) -> None:
    ways = [sign_in_from(limited) for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda number: ways[number % 8]("alice@example.com").status_code, range(24)))
    assert sorted(statuses) == [FAILED] * 10 + [LIMITED] * 14


def test_without_the_queue_redis_each_process_counts_alone(settings: config.Settings) -> None:
    server = RedisServer().start()
    try:
        app = create_app(replace(settings, rate_limits=True, queue_redis_url=server.url))
        app.test_client_class = Browser
        attempt = sign_in_from(app)
        assert attempt("alice@example.com").status_code == FAILED
        server.kill()
        statuses = [attempt("alice@example.com").status_code for _ in range(11)]
        assert statuses == [FAILED] * 10 + [LIMITED]
    finally:
        server.remove()


def test_counters_hold_no_addresses_of_people(limited: Flask, redis_server: RedisServer) -> None:
    sign_in_from(limited)("alice@example.com")
    with redis.Redis.from_url(f"{redis_server.url}?db=1") as client:
        names = client.keys()
    assert names
    assert not [name for name in names if b"alice" in name]


@pytest.mark.parametrize(
    ("remote", "counted_as"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "local"),
        ("not an address", "local"),
    ],
)
def test_a_household_of_ipv6_is_one_address(limited: Flask, remote: str, counted_as: str) -> None:
    with limited.test_request_context(environ_base={"REMOTE_ADDR": remote}):
        assert address() == counted_as


def test_bids_may_come_in_a_burst_and_then_at_a_steady_pace() -> None:
    pace = Pace(rate=20, burst=60, size=10)
    assert [pace.wait(1, 100.0) for _ in range(60)] == [0.0] * 60
    assert pace.wait(1, 100.0) == pytest.approx(0.05)
    assert pace.wait(2, 100.0) == 0.0, "another person has a burst of their own"
    assert pace.wait(1, 100.06) == 0.0


def test_nobody_saves_up_bids_while_resting() -> None:
    pace = Pace(rate=20, burst=60, size=10)
    assert pace.wait(1, 0.0) == 0.0
    assert [pace.wait(1, 86_400.0) for _ in range(60)] == [0.0] * 60
    assert pace.wait(1, 86_400.0) == pytest.approx(0.05)


@given(gaps=st.lists(st.floats(0, 2), max_size=200))
def test_no_pattern_of_bids_exceeds_burst_and_rate(gaps: list[float]) -> None:
    pace, now, allowed = Pace(rate=20, burst=60, size=10), 0.0, 0
    for gap in gaps:
        now += gap
        allowed += pace.wait(1, now) == 0.0
    assert allowed <= 60 + 20 * now + 1e-6


def test_the_number_of_buckets_is_bounded_and_the_oldest_goes_first() -> None:
    pace = Pace(rate=1, burst=1, size=2)
    assert pace.wait(1, 0.0) == 0.0
    assert pace.wait(2, 0.0) == 0.0
    assert pace.wait(1, 0.0) > 0
    assert pace.wait(3, 0.0) == 0.0
    assert pace.wait(2, 0.0) == 0.0, "2 was forgotten"


def test_an_address_may_sign_up_a_hundred_times_an_hour(limited: Flask) -> None:
    client = limited.test_client()
    client.environ_base["REMOTE_ADDR"] = "203.0.113.7"
    with limited.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.7"}):
        for _ in range(99):
            counters().take([Bucket(SIGN_UPS_OF_ADDRESS, address())])
    form = {"password": PASSWORD, "name": "Dave", "birth_date": "1999-02-03", "terms": "yes", "privacy": "yes"}
    form["csrf_token"] = client.token("/signup")
    answers = [
        client.post("/signup", data=form | {"email": f"dave{n}@example.com", "phone": f"010-1234-567{n}"})
        for n in range(2)
    ]
    assert [answer.status_code for answer in answers] == [303, LIMITED]
    assert 0 < int(answers[1].headers["Retry-After"]) <= 3600


def test_a_mailbox_gets_ten_mails_an_hour_and_the_answer_does_not_show_the_limit(limited: Flask) -> None:
    client = limited.test_client()
    form = {"email": "alice@example.com", "csrf_token": client.token("/reset")}
    assert {client.post("/reset", data=form).location for _ in range(12)} == {"/reset/sent"}
    assert db.session.query(AccountMail).count() == 10

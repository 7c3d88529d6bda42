"""Pages on a primary and its replica of MariaDB: the replica stopped, hanging, away, back, and made the primary."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import redis
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from cashticket import config, create_app
from cashticket.extensions import db
from cashticket.models import Person, copy_beats
from cashticket.models.reading_copy import ReadingCopy, configured
from cashticket.work.doctor import reading_copy as examination
from cashticket.work.watch.copy_beating import copy_beating
from lab.servers.redis_server import RedisServer
from lab.servers.replicated_database import PASSWORD, ReplicatedDatabase, missing
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment, migrate
from tests.fixtures.people import Browser, sign_in
from tests.fixtures.redis import idle_connections_closed
from tests.staging.settlement import award_of

pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.timeout(180)]
READER = "cashticket_reader"
QUICK_SECONDS = 4.0
"""No page waits longer, whatever the copy does: it gives up after 2 s and is made once more."""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicatedDatabase]:
    if reason := missing():
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("pair")
    started = ReplicatedDatabase(folder)
    try:
        started.start()
        wait_until(started.answers, "HAProxy")
        started.prepare()
        migrate(started.url(), folder)
        started.primary.ask(f"CREATE USER {READER}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'")
        started.primary.ask(f"GRANT SELECT ON cashticket.* TO {READER}@'127.0.0.1'")
        yield started
    finally:
        started.remove()


@pytest.fixture
def app(
    pair: ReplicatedDatabase, redis_server: RedisServer, redis_client: redis.Redis, tmp_path: Path
) -> Iterator[Flask]:
    environ = make_environment(pair.url(), redis_server.url)
    environ["DATABASE_READER_URL"] = pair.url(pair.replica.port).replace("cashticket:", f"{READER}:")
    with idle_connections_closed():
        application = create_app(config.load(environ, tmp_path / "instance"))
        with application.app_context(), copy_beating(0.3):
            yield application
            db.session.remove()
            db.engine.dispose()
            copy().engine.dispose()


def copy() -> ReadingCopy:
    found = configured()
    assert found is not None
    found.start()
    return found


def is_read() -> None:
    wait_until(lambda: copy().is_fresh(), "pages to read the copy")


def is_left_out() -> None:
    wait_until(lambda: not copy().is_fresh(), "pages to leave the copy alone")


@contextmanager
def hanging(pair: ReplicatedDatabase) -> Iterator[None]:
    """The copy answers nothing, and its connections stay."""
    pid = pair.replica.pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def shown(browser: Browser) -> str:
    """My tickets, which come soon."""
    began = time.monotonic()
    answer = browser.get("/me/tickets")
    assert answer.status_code == 200 and time.monotonic() - began < QUICK_SECONDS
    return answer.get_data(as_text=True)


def healths() -> list[str]:
    return [each.health.value for each in examination.look()]


def beats() -> bool:
    with suppress(SQLAlchemyError):
        copy_beats.beat()
        return True
    return False


def test_pages_go_on_whatever_becomes_of_the_copy_and_come_back_to_it(
    app: Flask,
    pair: ReplicatedDatabase,
    browser: Callable[[], Browser],
    people: dict[str, Person],
    settled_auction: int,
) -> None:
    alice, bob = people["alice"].id, people["bob"].id
    laptop, phone, of_bob = (sign_in(browser(), name) for name in ("alice", "alice", "bob"))
    is_read()
    assert healths() == ["ok"] * len(examination.NAMES)
    award, other = award_of(settled_auction, alice).id, award_of(settled_auction, bob).id
    token = laptop.token("/me/tickets")

    pair.replica.ask("STOP SLAVE SQL_THREAD")
    assert copy().is_fresh(), "it is thought to be fresh for some seconds more"
    assert laptop.post(f"/awards/{award}/buy", data={"csrf_token": token}).status_code == 303
    for device in (laptop, phone):
        assert f"/awards/{award}/cancel" in shown(device), "bought, as it was answered"
    is_left_out()
    assert healths()[-1] == "warn" and f"/awards/{other}/buy" in shown(of_bob)
    pair.replica.ask("START SLAVE SQL_THREAD")
    is_read()

    with hanging(pair):
        shown(of_bob)
        is_left_out()
        shown(of_bob)
    is_read()

    pair.kill_primary()
    pair.promote()
    wait_until(beats, "the new primary to take beats")
    is_read()
    assert f"/awards/{award}/cancel" in shown(laptop)

"""Many sockets at the shipped live service: people who never read, everybody cut off at once, and Mallory."""

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask

from cashticket.accounts import sessions
from cashticket.auction.values import Permission
from cashticket.extensions import db
from cashticket.models import Person
from lab.servers.installation import WebProcess
from lab.servers.live_service import KIB, LiveService
from lab.servers.redis_server import RedisServer
from lab.signed_in import SignedIn, add_people, invite
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.staging.auctions import Stage
from tests.storm.background_bids import BackgroundBids
from tests.storm.hostile_connections import ATTACKS, attack
from tests.storm.open_pages import OpenPages, Page, deaf_line

DEAF, PAGES, HOSTILE = 500, 500, 5_000
DROPPED_SECONDS, BACK_SECONDS = 30.0, 30.0
WARM_UP = 600
GROWTH_MAX = 8 * 1024 * KIB

pytestmark = [
    pytest.mark.sweep,
    # The live service uses no database while sockets are open, so one database is enough.
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage(app, seats=3)


@pytest.fixture
def service(database_url: str, redis_server: RedisServer, stage: Stage, tmp_path: Path) -> Iterator[LiveService]:
    running = LiveService(make_environment(database_url, redis_server.url), tmp_path)
    try:
        yield running.start_and_wait()
    finally:
        running.stop()


@pytest.fixture
def web(database_url: str, redis_server: RedisServer, stage: Stage, tmp_path: Path) -> Iterator[WebProcess]:
    environment = make_environment(database_url, redis_server.url) | {"PATH": os.environ["PATH"]}
    running = WebProcess("web", environment, tmp_path)
    try:
        running.start()
        wait_until(running.is_ready, "the web process")
        yield running
    finally:
        running.stop()


@pytest.fixture
def guests(app: Flask, stage: Stage) -> list[SignedIn]:
    """People who will bid."""
    return invite(app, stage.engine, stage.id, add_people(900))


def newest(stage: Stage) -> int:
    return stage.engine.read(stage.id).version


def test_five_hundred_who_never_read_are_dropped_and_nobody_else_notices(
    service: LiveService, web: WebProcess, stage: Stage, guests: list[SignedIn]
) -> None:
    pages = [Page() for _ in range(20)]
    with OpenPages(service.port, stage.id, pages) as honest, ExitStack() as lines:
        honest.wait(lambda page: page.board, "a board", 20)
        for _ in range(DEAF):
            lines.enter_context(deaf_line(service.port, stage.id))
        opened = time.monotonic()
        wait_until(lambda: service.sockets() == DEAF + len(pages), "all sockets to be open")
        with BackgroundBids(web.port, stage.id, guests) as bidding:
            gaps = []
            while service.sockets() > len(pages):
                assert time.monotonic() - opened < DROPPED_SECONDS, f"{service.sockets() - len(pages)} are still there"
                version, requested_at = newest(stage), time.monotonic()
                honest.wait(lambda page, version=version: page.board >= version, "the newest board", 10)
                gaps.append(time.monotonic() - requested_at)
            dropped = time.monotonic() - opened
            assert bidding.accepted
        honest.wait(lambda page: page.board >= newest(stage), "the last board", 10)
    assert [page.opened for page in pages] == [1] * len(pages), "somebody who reads was dropped"
    assert bidding.failed == 0
    print(f"{DEAF} deaf lines dropped in {dropped:.1f} s; readers saw a board after {max(gaps):.2f} s at most")


def test_everybody_cut_off_at_once_is_back_with_the_right_state_while_bids_go_on(
    service: LiveService, web: WebProcess, stage: Stage, guests: list[SignedIn], app: Flask
) -> None:
    alice = signed_in(app, stage, "alice")
    stage.bid("alice", 1_000_000)
    pages = [Page(alice if number < 10 else "") for number in range(PAGES)]
    with OpenPages(service.port, stage.id, pages) as open_pages:
        open_pages.wait(
            lambda page: page.board and (page.position == "winning" or not page.cookie), "the first state", 60
        )
        with BackgroundBids(web.port, stage.id, guests) as bidding:
            wait_until(lambda: bidding.accepted > 20, "bids before the cut")
            before = bidding.accepted
            service.cut()
            cut = time.monotonic()
            open_pages.wait(lambda page: not page.up, "a cut line", 10)
            for name, amount in (("bob", 1_100_000), ("carol", 1_200_000), ("mallory", 1_300_000)):
                stage.bid(name, amount)
            service.start_and_wait()
            open_pages.wait(lambda page: page.up, "an open line", BACK_SECONDS - (time.monotonic() - cut))
            version = newest(stage)
            open_pages.wait(
                lambda page: page.board >= version, "the present board", BACK_SECONDS - (time.monotonic() - cut)
            )
            open_pages.wait(
                lambda page: not page.cookie or (page.position, len(page.alerts)) == ("out", 1),
                "her own place and one alert",
                BACK_SECONDS - (time.monotonic() - cut),
            )
            back = time.monotonic() - cut
            assert bidding.accepted > before, "nobody could bid meanwhile"
        open_pages.wait(lambda page: page.board >= newest(stage), "the last board", 10)
    assert bidding.failed == 0
    assert {page.opened for page in pages} == {2}
    print(f"{PAGES} sockets back with the right state in {back:.1f} s; {bidding.accepted} bids, none failed")


def signed_in(app: Flask, stage: Stage, name: str) -> str:
    """A signed-in browser's cookie."""
    began = sessions.begin(db.session.get_one(Person, stage.people[name]), "a browser of tests")
    db.session.remove()
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    stage.engine.introduce(stage.id, stage.people[name], Permission.OK, began.epoch, 1)
    return f"cashticket={signer.dumps({'_user_id': began.get_id(), '_fresh': True})}"


def test_five_thousand_hostile_connections_kill_nothing_and_cost_nothing(service: LiveService, stage: Stage) -> None:
    worker = service.worker()
    pages = [Page() for _ in range(20)]
    with OpenPages(service.port, stage.id, pages) as honest:
        honest.wait(lambda page: page.board, "a board", 20)
        attack(service.port, stage.id, WARM_UP, seed=1)
        wait_until(lambda: service.sockets() == len(pages), "the seats of the first attackers")
        before = service.memory()
        started = time.monotonic()
        done = attack(service.port, stage.id, HOSTILE, seed=2)
        lasted = time.monotonic() - started
        assert min(done.values()) >= HOSTILE // len(ATTACKS)
        wait_until(lambda: service.sockets() == len(pages), "the seats of all attackers", 40)
        growth = service.memory() - before
        stage.bid("alice", 150_000)
        honest.wait(lambda page: page.board >= newest(stage), "a board after the attack", 20)
    assert service.worker() == worker, "the worker died and was replaced"
    assert [page.opened for page in pages] == [1] * len(pages), "an honest page was cut off"
    assert growth < GROWTH_MAX, f"grew by {growth / 1024 / KIB:.1f} MB"
    log = service.log.read_text(errors="replace")
    print(f"{HOSTILE} hostile connections in {lasted:.0f} s; memory {growth / KIB:+.0f} KB of {before / KIB:.0f} KB")
    assert not re.search(r"\b(ERROR|CRITICAL|WORKER TIMEOUT)\b", log), log[-4000:]
    assert threading.active_count() < 40

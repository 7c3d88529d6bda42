"""Web processes are restarted one after the other while people bid: every bid gets the answer of the product."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from itertools import count
from typing import cast

import pytest

from cashticket import create_app
from lab.servers.installation import WebProcess
from lab.waiting import wait_until
from tests.fixtures.databases import make_settings
from tests.fixtures.people import make_person
from tests.nginx.conftest import started
from tests.nginx.front import Front
from tests.staging.rows import NAMES
from tests.story.visitor import Visitor

pytestmark = pytest.mark.sweep

FINAL = {200, 201, 422}
"""Accepted again, accepted, refused. Not 502 or 504: the answer was lost; not 503: nobody served."""

WRITERS_A_PERSON = 4
BIDS_AROUND_RESTART = 50
PACE_SECONDS = 0.3
"""Of each writer, so that no session is slowed down by nginx."""

_requests = count(1)


@pytest.fixture
def front(nginx_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with started(nginx_program, tmp_path_factory.mktemp("restarts")) as front:
        yield front


class Writers:
    """Everybody bids through nginx, again and again, and remembers how each bid was answered."""

    def __init__(self, front: Front) -> None:
        self._front, self._stop = front, threading.Event()
        self.answers: Counter[int | str] = Counter()
        # To a visitor nginx is as good as a web process: both have a port.
        self._web = cast(WebProcess, front.nginx)
        visitors = [Visitor(name).sign_in(self._web) for name in NAMES]
        self._threads = [
            threading.Thread(target=self._write, args=(visitor, visitor.token(self._web)))
            for visitor in visitors
            for _ in range(WRITERS_A_PERSON)
        ]

    @contextmanager
    def writing(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def wait_for_more(self) -> None:
        wanted = self.answers.total() + BIDS_AROUND_RESTART
        wait_until(lambda: self.answers.total() >= wanted, "answers to further bids")

    def _write(self, visitor: Visitor, token: str) -> None:
        while not self._stop.wait(PACE_SECONDS):
            number = next(_requests)
            try:
                answer = visitor.bid(
                    self._web, self._front.auction_id, 100_000 + 5_000 * number, f"request-{number}", token=token
                )
                self.answers[answer.status] += 1
            except (OSError, HTTPException) as error:
                self.answers[type(error).__name__] += 1


@pytest.mark.slow
def test_every_bid_is_answered_while_the_web_processes_are_restarted(front: Front) -> None:
    settings = make_settings(front.environment["DATABASE_URL"], front.environment["REDIS_URL"], front.deaths.parent)
    with create_app(settings).app_context():
        for name in NAMES:
            make_person(name)
    writers = Writers(front)
    with writers.writing():
        for web in (*front.webs, *front.webs):
            writers.wait_for_more()
            assert web.stop() == 0
            writers.wait_for_more()
            web.start()
            wait_until(lambda web=web: web.says("/healthz") == 200, web.name)
        writers.wait_for_more()
    assert set(writers.answers) <= FINAL, dict(writers.answers)
    assert writers.answers[201] == len(NAMES) * 3

"""Web processes are restarted one after the other while people bid: every bid gets the answer of the product."""

from collections.abc import Iterator

import pytest

from cashticket import create_app
from lab.waiting import wait_until
from tests.fixtures.databases import make_settings
from tests.fixtures.people import make_person
from tests.nginx.conftest import started
from tests.nginx.front import Front
from tests.nginx.writers import FINAL, Writers
from tests.staging.rows import NAMES

pytestmark = pytest.mark.sweep


@pytest.fixture
def front(nginx_program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    with started(nginx_program, tmp_path_factory.mktemp("restarts")) as front:
        yield front


@pytest.mark.slow
def test_every_bid_is_answered_while_the_web_processes_are_restarted(front: Front) -> None:
    settings = make_settings(front.environment["DATABASE_URL"], front.environment["REDIS_URL"], front.deaths.parent)
    with create_app(settings).app_context():
        for name in NAMES:
            make_person(name)
    writers = Writers(front.nginx, front.auction_id)
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

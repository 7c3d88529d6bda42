"""Every process that answers bids or hears of them is a witness, as it is shipped: web, live and the watch."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from cashticket import redis_keys
from cashticket.wiring import current_shelves
from cashticket.witness.shelves import Shelves
from cashticket.witness.testimony import Record, read_testimony
from lab.servers.installation import ServerProcess, WebProcess
from lab.servers.live_service import LiveService
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.fixtures.people import make_person
from tests.staging.auctions import Stage
from tests.story.visitor import Visitor

# Nothing here has to do with the kind of database.
pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.slow, pytest.mark.sweep]
WATCH = ("-m", "flask", "--app", "wsgi", "auction", "close-due", "--watch")


@pytest.fixture(params=["one store", "two stores"])
def environment(
    request: pytest.FixtureRequest, database_url: str, redis_server: RedisServer, stage: Stage, tmp_path: Path
) -> dict[str, str]:
    """The settings of all processes, the present one included."""
    environment = make_environment(database_url, redis_server.url) | {"PATH": os.environ["PATH"]}
    if request.param == "two stores":
        environment["QUEUE_REDIS_URL"] = request.getfixturevalue("own_store").url
    return environment | {"WITNESS_DIR": str(tmp_path / "witness")}


@pytest.fixture
def processes(environment: dict[str, str], tmp_path: Path) -> Iterator[list[ServerProcess]]:
    """A web process, the live service and the watch. Nobody records bids."""
    web = WebProcess("web", environment, tmp_path)
    running: list[ServerProcess] = [
        web,
        LiveService(environment, tmp_path),
        ServerProcess("watch", [sys.executable, *WATCH], environment, tmp_path),
    ]
    try:
        for process in running:
            process.start()
        wait_until(lambda: web.says("/healthz") == 200, "the web process")
        yield running
    finally:
        for process in running:
            process.stop()


def records(environment: dict[str, str]) -> dict[str, Record]:
    """Kind of process → its record."""
    with redis.Redis.from_url(environment["QUEUE_REDIS_URL"]) as client:
        shelves = Shelves(
            environment["REDIS_URL"], environment["QUEUE_REDIS_URL"], client, Path(environment["WITNESS_DIR"])
        )
        return {record.process.partition("-")[0]: record for record in read_testimony(shelves).records}


def test_an_answered_bid_is_known_to_all_three_and_outlives_them(
    processes: list[ServerProcess], environment: dict[str, str], stage: Stage
) -> None:
    web = processes[0]
    assert isinstance(web, WebProcess)
    make_person("alice")
    alice = Visitor("alice").sign_in(web)
    wait_until(lambda: set(records(environment)) == {"web", "live", "watch"}, "the first beat of all three")
    identity = stage.engine.condition().identity
    wait_until(lambda: all(each.identity == identity for each in records(environment).values()), "their beats")
    answer = alice.bid(web, stage.id, 100_000)
    assert answer.status == 201, answer.text
    entries = stage.engine.peek(stage.id, 10)
    wait_until(
        lambda: all(_entries(record, stage.id) == entries for record in records(environment).values()),
        "the record of all three",
    )
    assert alice.bid(web, stage.id, 110_000).status == 201
    for process in processes:
        assert process.stop() is not None
    ended = records(environment)
    assert not any(record.alive for record in ended.values())
    entries = stage.engine.peek(stage.id, 10)
    assert len(entries) == 2 and _entries(ended["web"], stage.id) == entries, "what came last is written at the stop"


def test_a_killed_process_of_this_machine_holds_up_nobody_for_long(
    processes: list[ServerProcess], environment: dict[str, str]
) -> None:
    """Where the queue store has the witnesses, the key of a killed process stays for seconds."""
    wait_until(lambda: set(records(environment)) == {"web", "live", "watch"}, "the first beat of all three")
    with redis.Redis.from_url(environment["QUEUE_REDIS_URL"]) as client:
        shelves = Shelves(
            environment["REDIS_URL"], environment["QUEUE_REDIS_URL"], client, Path(environment["WITNESS_DIR"])
        )
        web = next(each for each in shelves.records() if each.process.startswith("web"))
        key = redis_keys.witness_alive(web.process)
        processes[0].kill()
        # Otherwise the key would soon be gone by itself.
        has_key = bool(client.expire(key, 600))
        wait_until(
            lambda: not any(each.alive for each in shelves.records() if each.process == web.process),
            "that the killed process counts as ended",
        )
        assert bool(client.exists(key)) == has_key


def _entries(record: Record, auction_id: int) -> list[object]:
    """The bids of an auction that this process knows to be unrecorded, in the order of their numbers."""
    entries = record.auctions[auction_id].entries if auction_id in record.auctions else {}
    return [entries[sequence] for sequence in sorted(entries)]


def test_the_application_reads_where_its_processes_write(stage: Stage) -> None:
    assert read_testimony(current_shelves()).records == ()

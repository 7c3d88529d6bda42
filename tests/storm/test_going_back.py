"""The live store goes on without five answered bids. All are back in their places before anybody bids, or are rows."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cashticket import config
from cashticket.engine.pauses import WITNESS
from cashticket.ledger import gaps
from cashticket.wiring import current_shelves
from cashticket.witness.testimony import read_testimony
from cashticket.work.check.compare import check
from cashticket.work.check.witnessed import witness_faults
from tests.fixtures.databases import emptied_mariadb, make_environment
from tests.storm.going_back.evening import RECORDED, UNRECORDED, Evening
from tests.storm.going_back.stores import GoingBack, LaggingReplica, OlderCopy

pytestmark = [pytest.mark.slow, pytest.mark.sweep]

ALL = list(range(1, RECORDED + UNRECORDED + 1))


@pytest.fixture(params=[OlderCopy, LaggingReplica], ids=["older copy", "lagging replica"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[GoingBack]:
    store: GoingBack = request.param(tmp_path)
    yield store
    store.remove()


@pytest.fixture(params=["files", "queue store"])
def evening(request: pytest.FixtureRequest, store, redis_server, redis_client, tmp_path) -> Iterator[Evening]:
    """Witnesses write files while both roles share the store, with the ledger in SQLite, and else to the queue store,
    with the ledger in MariaDB."""
    in_files = request.param == "files"
    environment = make_environment(ledger(request, tmp_path, in_files=in_files), store.url)
    environment["WITNESS_DIR"] = str(tmp_path / "witness")
    environment["QUEUE_REDIS_URL"] = f"{store.url if in_files else redis_server.url}?db=1"
    evening = Evening(config.load(environment, tmp_path / "instance"), store, environment)
    yield evening
    evening.close()


def ledger(request: pytest.FixtureRequest, folder: Path, *, in_files: bool) -> str:
    """The URL of a migrated database without rows."""
    if not in_files:
        return emptied_mariadb(request)
    shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "ledger.db")
    return f"sqlite:///{folder / 'ledger.db'}"


def assert_everything_is_in_its_place(evening: Evening) -> None:
    evening.record_all()
    assert [number for number, *_ in evening.recorded()] == ALL
    assert evening.recorded() == evening.answered(), "the same number, person, moment and request"
    for answer in evening.answers[-UNRECORDED:]:
        again = evening.bid_here(answer["person"], answer["amount"])
        assert again.replayed and (again.sequence, again.at_ms) == (answer["sequence"], answer["at_ms"])
    assert evening.bid_here(evening.people[-1], 990_000).sequence == len(ALL) + 1
    assert gaps.gaps_of(evening.id) == []
    evening.record_all()
    testimony = read_testimony(current_shelves())
    assert (
        check(evening.engine, evening.id).findings == [] == list(witness_faults(evening.engine, evening.id, testimony))
    )


def test_every_answered_bid_is_back_before_anybody_bids(evening: Evening) -> None:
    evening.begin()
    evening.go_back()
    evening.watch_until("")
    assert_everything_is_in_its_place(evening)


def test_so_it_is_when_every_witness_is_killed_at_the_same_moment(evening: Evening) -> None:
    evening.begin()
    evening.end_process()
    evening.go_back()
    evening.guard = evening.new_guard()
    evening.watch_until("")
    assert_everything_is_in_its_place(evening)


def test_nothing_resumes_by_itself_when_the_witness_is_lost_as_well(evening: Evening) -> None:
    evening.begin()
    evening.end_process()
    evening.go_back()
    evening.lose_witnesses()
    evening.watch_until(WITNESS)
    evening.guard = evening.new_guard()
    for _ in range(3):
        evening.guard.round()
    assert evening.paused() == WITNESS
    assert [number for number, *_ in evening.recorded()] == ALL[:RECORDED]

"""A second's write of a witness costs what is new, however much waits for the ledger."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis

from cashticket.auction.values import Entry
from cashticket.engine.condition import Pulse
from cashticket.witness.knowledge import Knowledge
from lab.servers.redis_server import RedisServer
from tests.fixtures.witness import FileRig, QueueRig, ShelfRig
from tests.staging.costs import Cost, Counters

AUCTION, NEW = 7, 20
WAITING = (100, 10_000)
HEARD = Pulse("run-a master", 1_000)
BID = Entry(1, 1, 1, 10_000, 70, "a request of one bidder", 99, 1, 10_000, displaced=2, alert=True)


def full_process(rig: ShelfRig, waiting: int) -> Callable[[], None]:
    """A process that has written so many bids that the ledger does not have; a call writes a second with NEW more."""
    knowledge, shelf = Knowledge(), rig.own(f"web-{waiting}")

    def write(first: int, count: int) -> None:
        for number in range(first, first + count):
            knowledge.learn((AUCTION, replace(BID, sequence=number)))
        knowledge.hear(HEARD)
        shelf.write(knowledge.news(HEARD), lambda: knowledge.everything(HEARD))
        knowledge.mark_written()

    # Numbers of the same length, so that only their count can differ.
    write(1_000_000, waiting)
    return lambda: write(1_000_000 + waiting, NEW)


def test_a_second_in_the_queue_store_costs_what_is_new(redis_server: RedisServer) -> None:
    rig = QueueRig(redis_server)
    with redis.Redis.from_url(redis_server.url) as client:
        counters = Counters(client, client)
        costs: list[Cost] = []
        for waiting in WAITING:
            write = full_process(rig, waiting)
            with counters.counted() as cost:
                write()
            costs.append(cost)
    few, many = costs
    assert (few.round_trips, few.queue_commands) == (many.round_trips, many.queue_commands), f"{few}\n{many}"
    assert few.round_trips == 1 and few.statements == 0


@pytest.mark.parametrize("waiting", WAITING)
def test_a_second_in_a_file_costs_what_is_new(tmp_path: Any, waiting: int) -> None:
    rig = FileRig(tmp_path / "witness")
    write = full_process(rig, waiting)
    [file] = rig.folder.iterdir()
    before = file.stat().st_size
    write()
    assert [each.name for each in rig.folder.iterdir()] == [file.name], "it is not begun anew"
    assert file.stat().st_size - before < NEW * 400


@pytest.mark.parametrize("waiting", WAITING)
def test_a_second_without_news_is_a_beat(tmp_path: Any, waiting: int) -> None:
    rig, knowledge = FileRig(tmp_path / "witness"), Knowledge()
    for number in range(waiting):
        knowledge.learn((AUCTION, replace(BID, sequence=number + 1)))
    knowledge.hear(HEARD)
    rig.own("web").write(knowledge.everything(HEARD), lambda: knowledge.everything(HEARD))
    knowledge.mark_written()
    page = knowledge.news(HEARD)
    assert (page.bids, dict(page.highest), dict(page.recorded), page.identities) == ([], {}, {}, ())

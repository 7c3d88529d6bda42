"""What witnesses leave when they end goes once nobody needs it: not before the ledger has its bids."""

import os
import time
from dataclasses import replace
from pathlib import Path

import pytest
import redis

from cashticket.auction.values import Entry
from cashticket.engine.condition import Pulse
from cashticket.engine.redis_engine import RedisEngine
from cashticket.witness.ended import IDENTITY_SECONDS, KEPT_SECONDS, UNRECORDED_SECONDS, remove_ended
from cashticket.witness.pages import Page
from cashticket.witness.shelves import Shelves
from lab.servers.redis_server import RedisServer
from tests.fixtures.witness import FileRig
from tests.staging.engine import ALICE, AUCTION, accepted, publish

OLD, PRESENT = Pulse("old master", 1), Pulse("present master", 2)
ENTRY = Entry(1, 1, 1, 10_000, 70, "r", 99, 1, 10_000, displaced=None, alert=False)
DAY = 86_400.0


class Site:
    """An auction with one recorded bid, and one process of the present that lives."""

    def __init__(self, server: RedisServer, folder: Path) -> None:
        self.rig, self.engine = FileRig(folder), RedisEngine(server.client())
        self.engine._client.flushall()
        publish(self.engine)
        accepted(self.engine, ALICE, 10_000)
        self.engine.trim(AUCTION, 1)
        self.shelves = Shelves(server.url, server.url, redis.Redis.from_url(server.url), folder)
        self.living = self.rig.own("living")
        self._write(self.living, [ENTRY], PRESENT)

    def leave(self, entry: Entry, heard: Pulse, age_seconds: float, auction_id: int = AUCTION) -> None:
        """What a process that ended so long ago has left."""
        shelf = self.rig.own("ended")
        self._write(shelf, [entry], heard, auction_id)
        shelf.close()
        [file] = self.rig.folder.glob("ended.*")
        os.utime(file, (time.time() - age_seconds,) * 2)

    def left(self) -> list[str]:
        remove_ended(self.shelves, self.engine)
        return [record.process for record in self.shelves.records()]

    @staticmethod
    def _write(shelf: object, entries: list[Entry], heard: Pulse, auction_id: int = AUCTION) -> None:
        from cashticket.witness.knowledge import Knowledge

        knowledge = Knowledge()
        for entry in entries:
            knowledge.learn((auction_id, entry))
        knowledge.hear(heard)
        page: Page = knowledge.everything(heard)
        shelf.write(page, lambda: page)  # type: ignore[attr-defined]


@pytest.fixture
def site(redis_server: RedisServer, tmp_path: Path) -> Site:
    return Site(redis_server, tmp_path / "witness")


def test_a_record_goes_when_all_its_bids_are_recorded_and_somebody_else_heard_its_store(site: Site) -> None:
    site.leave(ENTRY, PRESENT, KEPT_SECONDS + 60)
    assert site.left() == ["living"]


def test_a_record_stays_for_an_hour(site: Site) -> None:
    site.leave(ENTRY, PRESENT, KEPT_SECONDS - 60)
    assert site.left() == ["ended", "living"]


@pytest.mark.parametrize(
    ("age_seconds", "left"), [(IDENTITY_SECONDS - DAY, ["ended", "living"]), (8 * DAY, ["living"])]
)
def test_the_only_record_of_a_store_process_stays_for_a_week(site: Site, age_seconds: float, left: list[str]) -> None:
    site.leave(ENTRY, OLD, age_seconds)
    assert site.left() == left


@pytest.mark.parametrize(("age_seconds", "left"), [(28 * DAY, ["ended", "living"]), (30 * DAY, ["living"])])
@pytest.mark.parametrize("auction_id", [AUCTION, AUCTION + 1])
def test_a_bid_that_the_ledger_does_not_have_stays_for_a_month(
    site: Site, age_seconds: float, left: list[str], auction_id: int
) -> None:
    site.leave(replace(ENTRY, sequence=2), PRESENT, age_seconds, auction_id)
    assert UNRECORDED_SECONDS < 30 * DAY and site.left() == left


def test_what_a_living_process_writes_is_never_removed(site: Site) -> None:
    [file] = site.rig.folder.glob("living.*")
    os.utime(file, (time.time() - 100 * DAY,) * 2)
    assert site.left() == ["living"]

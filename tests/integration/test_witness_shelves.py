"""Both shelves: what is written is read, only appended, survives failures, and leaves once it is recorded."""

from dataclasses import replace

import pytest
import redis

from cashticket import redis_keys
from cashticket.auction.values import Entry
from cashticket.engine.condition import Pulse
from cashticket.witness import queue_reading
from cashticket.witness.ended_here import own_mark
from cashticket.witness.file_shelf import BEGIN_ANEW_BYTES
from cashticket.witness.knowledge import Knowledge, Note
from cashticket.witness.queue_reading import QueueRecords
from cashticket.witness.queue_shelf import FIELD_BIDS_MAX, QueueShelf
from cashticket.witness.testimony import KnownBids, Record, ShelfUnavailable
from cashticket.witness.writer import WritingShelf
from lab.servers.redis_server import RedisServer
from tests.fixtures.witness import FileRig, QueueRig, ShelfRig

AUCTION, OTHER = 7, 8
HEARD = Pulse("run-a master", 1_000)
BID = Entry(1, 1, 1, 10_000, 70, "r 1\udcff", 99, 1, 10_000, displaced=2, alert=True)


class Writer:
    """A process with its knowledge and its shelf."""

    def __init__(self, rig: ShelfRig, process: str = "web-1") -> None:
        self.knowledge, self.shelf = Knowledge(), self.open(rig, process)

    @staticmethod
    def open(rig: ShelfRig, process: str) -> WritingShelf:
        return rig.own(process)

    def write(self, *notes: Note, heard: Pulse | None = HEARD) -> None:
        for note in notes:
            self.knowledge.learn(note)
        if heard:
            self.knowledge.hear(heard)
        self.shelf.write(self.knowledge.news(heard), lambda: self.knowledge.everything(heard))
        self.knowledge.mark_written()


def numbered(*numbers: int) -> list[Note]:
    return [(AUCTION, replace(BID, sequence=number)) for number in numbers]


def read_numbers(rig: ShelfRig) -> list[int]:
    return sorted(rig.testimony().of(AUCTION).entries)


def test_an_empty_shelf_has_no_records(shelf_rig: ShelfRig) -> None:
    assert shelf_rig.testimony().records == ()


def test_what_was_written_is_read(shelf_rig: ShelfRig) -> None:
    Writer(shelf_rig).write((AUCTION, BID), (OTHER, replace(BID, sequence=5)), (OTHER, 4))
    assert shelf_rig.testimony().records == (
        Record(
            process="web-1",
            alive=True,
            beat_ms=1_000,
            identity="run-a master",
            identities=frozenset({"run-a master"}),
            auctions={AUCTION: KnownBids(1, {1: BID}), OTHER: KnownBids(5, {5: replace(BID, sequence=5)})},
        ),
    )


def test_a_beat_is_written_when_nothing_is_new_and_none_while_the_store_is_silent(shelf_rig: ShelfRig) -> None:
    writer = Writer(shelf_rig)
    writer.write(*numbered(1))
    writer.write(heard=Pulse("run-b master", 2_000))
    [record] = shelf_rig.testimony().records
    assert (record.beat_ms, record.identity) == (2_000, "run-b master")
    assert record.identities == {"run-a master", "run-b master"}
    writer.write(*numbered(2), heard=None)
    [record] = shelf_rig.testimony().records
    assert (record.beat_ms, sorted(record.auctions[AUCTION].entries)) == (2_000, [1, 2])


def test_recorded_bids_are_no_longer_read_and_their_numbers_are(shelf_rig: ShelfRig) -> None:
    writer = Writer(shelf_rig)
    writer.write(*numbered(1, 2, 3))
    writer.write((AUCTION, 2))
    assert shelf_rig.testimony().of(AUCTION).entries.keys() == {3}
    writer.write((AUCTION, 3))
    assert shelf_rig.testimony().of(AUCTION) == KnownBids(3, {})


def test_a_process_that_has_ended_is_read_as_dead(shelf_rig: ShelfRig) -> None:
    living, ended = Writer(shelf_rig), Writer(shelf_rig, "web-2")
    living.write(*numbered(1))
    ended.write(*numbered(2))
    ended.shelf.close()
    assert {record.process: record.alive for record in shelf_rig.testimony().records} == {"web-1": True, "web-2": False}
    assert read_numbers(shelf_rig) == [1, 2]
    assert shelf_rig.testimony().waits_for("run-b master") == ["web-1"]


def test_a_shelf_that_lost_everything_gets_it_again(shelf_rig: ShelfRig) -> None:
    writer = Writer(shelf_rig)
    writer.write(*numbered(1, 2))
    shelf_rig.lose_everything()
    writer.write(*numbered(3), heard=Pulse("run-b master", 2_000))
    assert read_numbers(shelf_rig) == [1, 2, 3]
    assert shelf_rig.testimony().covers("run-a master")


def test_two_bids_with_one_number_are_read_as_a_conflict(shelf_rig: ShelfRig) -> None:
    stranger = replace(BID, person=9, request_id="another")
    Writer(shelf_rig).write((AUCTION, BID), (AUCTION, stranger))
    assert shelf_rig.testimony().conflicts(AUCTION) == [(BID, stranger)]


def test_ended_processes_are_removed_when_they_are_over_and_living_ones_never(shelf_rig: ShelfRig) -> None:
    living, ended, waiting = Writer(shelf_rig), Writer(shelf_rig, "web-2"), Writer(shelf_rig, "web-3")
    for number, writer in enumerate((living, ended, waiting), 1):
        writer.write(*numbered(number))
    ended.shelf.close()
    waiting.shelf.close()
    seen: list[float] = []
    assert shelf_rig.remove(lambda record, age: seen.append(age) is None and record.process != "web-3") == 1
    assert [record.process for record in shelf_rig.testimony().records] == ["web-1", "web-3"]
    assert all(0 <= age < 60 for age in seen) and len(seen) == 2


def test_as_many_bids_as_may_wait_are_written_and_read_again(shelf_rig: ShelfRig) -> None:
    count = 2 * FIELD_BIDS_MAX + 1
    writer = Writer(shelf_rig)
    writer.write(*numbered(*range(1, count + 1)))
    assert len(shelf_rig.testimony().of(AUCTION).entries) == count
    writer.write((AUCTION, count))
    assert shelf_rig.testimony().of(AUCTION) == KnownBids(count, {})


class TestFiles:
    """What only files do."""

    @pytest.fixture
    def rig(self, tmp_path: object) -> FileRig:
        return FileRig(tmp_path / "witness")  # type: ignore[operator]

    def test_a_file_is_only_appended_to_while_its_bids_wait(self, rig: FileRig) -> None:
        writer = Writer(rig)
        writer.write(*numbered(*range(1, 3_000)))
        [file] = rig.folder.iterdir()
        before, length = file.read_bytes(), file.stat().st_size
        assert length > BEGIN_ANEW_BYTES
        writer.write(*numbered(3_000))
        assert [each.name for each in rig.folder.iterdir()] == [file.name]
        after = file.read_bytes()
        assert after.startswith(before) and len(after) - length < 1_000

    def test_a_file_whose_bids_are_recorded_is_begun_anew_without_them(self, rig: FileRig) -> None:
        writer = Writer(rig)
        writer.write(*numbered(*range(1, 3_000)))
        writer.write((AUCTION, 2_998))
        writer.write(heard=Pulse("run-b master", 2_000))
        [file] = rig.folder.iterdir()
        assert file.stat().st_size < 2_000
        assert rig.testimony().of(AUCTION) == KnownBids(2_999, {2_999: replace(BID, sequence=2_999)})
        assert rig.testimony().covers("run-a master")

    def test_a_line_that_was_not_written_whole_is_skipped(self, rig: FileRig) -> None:
        writer = Writer(rig)
        writer.write(*numbered(1), heard=None)
        [file] = rig.folder.iterdir()
        whole = file.read_bytes()
        writer.write(*numbered(2), heard=None)
        second = len(file.read_bytes()) - len(whole)
        for torn in range(second):
            file.write_bytes((whole + file.read_bytes()[len(whole) :])[: len(whole) + torn])
            assert read_numbers(rig)[:1] == [1]
            file.write_bytes(whole + b"\0" * torn)
            assert read_numbers(rig) == [1]

    def test_after_a_failed_write_everything_is_written_next_time(self, rig: FileRig) -> None:
        writer = Writer(rig)
        writer.write(*numbered(1))
        [file] = rig.folder.iterdir()
        moved = rig.folder.rename(rig.folder.with_name("moved"))
        rig.folder.write_text("no folder")
        with pytest.raises(ShelfUnavailable, match="takes no witness"):
            writer.write(*numbered(2))
        rig.folder.unlink()
        moved.rename(rig.folder)
        writer.write(*numbered(3))
        assert read_numbers(rig) == [1, 2, 3]
        assert not file.exists() and len(list(rig.folder.iterdir())) == 1


class TestQueueStore:
    """What only the queue store does."""

    def test_a_process_that_no_longer_writes_is_dead_after_ten_seconds(self, redis_server: RedisServer) -> None:
        rig = QueueRig(redis_server)
        Writer(rig).write(*numbered(1))
        alive = redis_keys.witness_alive("web-1")
        assert 9_000 < rig.client.pttl(alive) <= 10_000
        rig.client.delete(alive)
        [record] = rig.testimony().records
        assert not record.alive and sorted(record.auctions[AUCTION].entries) == [1]

    def test_a_killed_process_of_this_machine_is_dead_after_a_second(
        self, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        rig, moments = QueueRig(redis_server), [100.0]
        rig.reader = QueueRecords(rig.client, clock=lambda: moments[-1])
        Writer(rig).write(*numbered(1))
        assert [record.alive for record in rig.testimony().records] == [True]
        monkeypatch.setattr(queue_reading, "has_ended", lambda mark: mark == own_mark())
        lives = []
        # What it wrote last may arrive after it was killed.
        for moment in (101.0, 101.9, 102.0):
            moments.append(moment)
            lives += [record.alive for record in rig.testimony().records]
        assert lives == [True, True, False]

    def test_a_store_that_went_back_to_an_older_copy_gets_everything_again(self, redis_server: RedisServer) -> None:
        rig = QueueRig(redis_server)
        writer = Writer(rig)
        writer.write(*numbered(1))
        names = (redis_keys.witness_record("web-1"), redis_keys.witness_bids("web-1"))
        copies = [rig.client.dump(name) for name in names]
        writer.write(*numbered(2))
        for name, copy in zip(names, copies, strict=True):
            rig.client.restore(name, 0, copy, replace=True)
        writer.write(*numbered(3))
        assert read_numbers(rig) == [1, 2, 3]

    def test_bids_leave_once_they_are_recorded(self, redis_server: RedisServer) -> None:
        rig = QueueRig(redis_server)
        writer = Writer(rig)
        for number in (1, 2, 3):
            writer.write(*numbered(number))
        writer.write((AUCTION, 2))
        assert rig.client.hlen(redis_keys.witness_bids("web-1")) == 1
        writer.write((AUCTION, 3))
        assert not rig.client.exists(redis_keys.witness_bids("web-1"))

    def test_a_store_that_is_away_is_told_and_gets_everything_when_it_is_back(self, redis_server: RedisServer) -> None:
        rig, away = QueueRig(redis_server), redis.Redis.from_url("unix:///nowhere/redis.sock")
        writer = Writer(rig)
        writer.write(*numbered(1))
        shelf = writer.shelf
        assert isinstance(shelf, QueueShelf)
        here, shelf._client = shelf._client, away
        with pytest.raises(ShelfUnavailable, match="takes no witness"):
            writer.write(*numbered(2))
        shelf.close()
        with pytest.raises(ShelfUnavailable, match="cannot be read"):
            type(rig.reader)(away).records()
        shelf._client = here
        writer.write(*numbered(3))
        assert read_numbers(rig) == [1, 2, 3]

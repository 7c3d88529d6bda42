"""The witness of a process on a real store: what is new each second, beats that hide no answer, and the last write."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from cashticket import redis_keys
from cashticket.auction.values import Entry
from cashticket.engine.connection import connect
from cashticket.engine.interface import StoreUnavailable
from cashticket.engine.redis_engine import RedisEngine
from cashticket.witness import writer
from cashticket.witness.pages import Page
from cashticket.witness.testimony import ShelfUnavailable
from cashticket.witness.writer import Witness
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.witness import FileRig, ShelfRig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, accepted, publish

OTHER = AUCTION + 1
ROOT = Path(__file__).resolve().parents[2]


class Bench:
    """An engine whose accepted bids go to a witness."""

    def __init__(self, url: str, make_shelf: Callable[[str], writer.WritingShelf]) -> None:
        self.witness = Witness(make_shelf)
        self.engine = RedisEngine(connect(url), on_accepted=self.witness.note)

    def start(self) -> "Bench":
        self.witness.start("web", self.engine)
        return self


@pytest.fixture(autouse=True)
def short_rounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "ROUND_SECONDS", 0.05)


@pytest.fixture
def bench(redis_server: RedisServer, shelf_rig: ShelfRig) -> Iterator[Bench]:
    running = Bench(redis_server.url, shelf_rig.own)
    running.engine._client.flushall()
    publish(running.engine)
    yield running.start()
    running.witness.stop()


def numbers(rig: ShelfRig) -> list[int]:
    return sorted(rig.testimony().of(AUCTION).entries)


def test_an_answered_bid_is_written_and_leaves_once_it_is_recorded(bench: Bench, shelf_rig: ShelfRig) -> None:
    accepted(bench.engine, ALICE, 10_000)
    accepted(bench.engine, BOB, 11_000)
    wait_until(lambda: numbers(shelf_rig) == [1, 2], "the record of both bids")
    entries = shelf_rig.testimony().of(AUCTION).entries
    assert list(entries.values()) == bench.engine.peek(AUCTION, 10)
    bench.engine.trim(AUCTION, 1)
    wait_until(lambda: numbers(shelf_rig) == [2], "the news that the first bid is recorded")
    assert shelf_rig.testimony().of(AUCTION).highest == 2


def test_the_beat_names_the_store_process_and_its_clock(bench: Bench, shelf_rig: ShelfRig) -> None:
    identity = bench.engine.condition().identity
    before = bench.engine.clock()
    record = wait_until(
        lambda: [each for each in shelf_rig.testimony().records if each.beat_ms >= before], "a beat from now on"
    )[0]
    assert (record.identity, record.alive) == (identity, True)
    assert shelf_rig.testimony().covers(identity) and shelf_rig.testimony().waits_for(identity) == []


def test_a_graceful_stop_writes_a_last_time(bench: Bench, shelf_rig: ShelfRig, monkeypatch: pytest.MonkeyPatch) -> None:
    wait_until(lambda: shelf_rig.testimony().records, "the first record")
    monkeypatch.setattr(writer, "ROUND_SECONDS", 3600.0)
    wait_until(lambda: not _writes_soon(bench, shelf_rig), "a pause between two writes")
    accepted(bench.engine, ALICE, 10_000)
    bench.witness.stop()
    [record] = shelf_rig.testimony().records
    assert sorted(record.auctions[AUCTION].entries) == [1] and not record.alive


def _writes_soon(bench: Bench, rig: ShelfRig) -> bool:
    before = rig.testimony().records
    bench.witness._stop_event.wait(0.3)
    return rig.testimony().records != before


def test_nothing_is_learnt_or_written_by_a_process_that_was_not_started(redis_server: RedisServer) -> None:
    bench = Bench(redis_server.url, lambda kind: pytest.fail("a shelf was made"))
    bench.engine._client.flushall()
    publish(bench.engine)
    accepted(bench.engine, ALICE, 10_000)
    assert list(bench.witness._inbox.take_all()) == [] and not bench.witness.condition().running


def test_a_store_process_is_not_named_while_an_answer_may_be_on_its_way(bench: Bench, shelf_rig: ShelfRig) -> None:
    identity = bench.engine.condition().identity
    wait_until(lambda: shelf_rig.testimony().covers(identity), "the first beat")
    call = object()
    bench.engine._in_flight.add(call)
    beats = [record.beat_ms for record in shelf_rig.testimony().records]
    # Another number that is written says that rounds go on.
    accepted(bench.engine, ALICE, 10_000)
    wait_until(lambda: numbers(shelf_rig) == [1], "the record of a bid")
    stopped = [record.beat_ms for record in shelf_rig.testimony().records]
    accepted(bench.engine, BOB, 11_000)
    wait_until(lambda: numbers(shelf_rig) == [1, 2], "the record of another bid")
    assert [record.beat_ms for record in shelf_rig.testimony().records] == stopped >= beats
    bench.engine._in_flight.discard(call)
    wait_until(lambda: [record.beat_ms for record in shelf_rig.testimony().records] > stopped, "the next beat")


def test_bids_are_written_while_the_store_is_away_and_a_new_process_is_named(
    own_store: RedisServer, tmp_path: Path
) -> None:
    rig = FileRig(tmp_path / "witness")
    bench = Bench(own_store.url, rig.own)
    publish(bench.engine)
    bench.start()
    former = bench.engine.condition().identity
    wait_until(lambda: rig.testimony().covers(former), "the first beat")
    accepted(bench.engine, ALICE, 10_000)
    own_store.kill()
    wait_until(lambda: numbers(rig) == [1], "the record of a bid whose store was killed")
    own_store.start()
    wait_until(lambda: _asks(bench), "the restarted store")
    present = bench.engine.condition().identity
    wait_until(lambda: rig.testimony().waits_for(present) == [], "the beat that names the new process")
    assert former != present and rig.testimony().covers(former)
    assert rig.testimony().of(AUCTION).highest == 1, "the empty store has not moved what is known"
    bench.witness.stop()


def _asks(bench: Bench) -> bool:
    with suppress(StoreUnavailable):
        return bool(bench.engine.clock())
    return False


class BrokenShelf:
    """A shelf that takes nothing until `mended`; `bids` is what it was given last."""

    def __init__(self) -> None:
        self.mended = threading.Event()
        self.bids: list[int] = []

    def write(self, news: Page, everything: Callable[[], Page]) -> None:
        if not self.mended.is_set():
            raise ShelfUnavailable("the disk is full")
        self.bids += [bid.sequence for bid in news.bids]

    def close(self) -> None:
        pass


def test_a_witness_that_cannot_write_is_named_once_and_bids_go_on(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(writer, "TROUBLE_SECONDS", 0.2)
    shelf = BrokenShelf()
    bench = Bench(redis_server.url, lambda kind: shelf)
    bench.engine._client.flushall()
    publish(bench.engine)
    bench.start()
    accepted(bench.engine, ALICE, 10_000)
    wait_until(lambda: bench.witness.condition().trouble, "the trouble")
    accepted(bench.engine, BOB, 11_000)
    wait_until(lambda: bench.witness.condition().unwritten == 2, "both unwritten bids")
    assert bench.witness.condition().trouble == "ShelfUnavailable: the disk is full"
    shelf.mended.set()
    wait_until(lambda: shelf.bids == [1, 2], "everything that was not written")
    wait_until(lambda: not bench.witness.condition().unwritten, "the end of the trouble")
    accepted(bench.engine, CAROL, 12_000)
    wait_until(lambda: shelf.bids == [1, 2, 3], "the next bid")
    bench.witness.stop()
    [began, ended] = [line.getMessage() for line in caplog.records if line.name == writer.__name__]
    assert began.endswith("the disk is full") and ended == "over: accepted bids are witnessed again"


class HangingShelf(BrokenShelf):
    """A shelf whose first write does not return until `mended`."""

    def write(self, news: Page, everything: Callable[[], Page]) -> None:
        self.mended.wait(30)
        super().write(news, everything)


def test_a_bid_never_waits_for_a_shelf_that_hangs(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "TROUBLE_SECONDS", 0.1)
    shelf = HangingShelf()
    bench = Bench(redis_server.url, lambda kind: shelf)
    bench.engine._client.flushall()
    publish(bench.engine)
    bench.start()
    for number, person in enumerate((ALICE, BOB, CAROL), 1):
        assert accepted(bench.engine, person, 10_000 + 1_000 * number).sequence == number
    assert not shelf.bids and not shelf.mended.is_set()
    assert wait_until(lambda: bench.witness.condition().trouble, "the trouble") == "it hangs"
    shelf.mended.set()
    wait_until(lambda: shelf.bids == [1, 2, 3], "the bids of that time")
    bench.witness.stop()


def test_an_auction_whose_keys_cannot_be_read_is_witnessed_all_the_same(bench: Bench, shelf_rig: ShelfRig) -> None:
    accepted(bench.engine, ALICE, 10_000)
    wait_until(lambda: numbers(shelf_rig) == [1], "the first bid")
    bench.engine._client.set(redis_keys.terms(AUCTION), "spoilt")
    bench.witness.note(OTHER, bench.engine.peek(AUCTION, 1)[0])  # type: ignore[arg-type]
    wait_until(lambda: shelf_rig.testimony().of(OTHER).entries, "the bid of another auction")
    wait_until(lambda: bench.witness.condition().unwritten == 0, "a write of everything")


@pytest.fixture
def child(own_store: RedisServer, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    """Another process that witnesses in `tmp_path`/witness."""
    command = [sys.executable, "-m", "tests.staging.witness_process", own_store.url, str(tmp_path / "witness")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def bid_in(child: "subprocess.Popen[str]", person: int, amount: int) -> int:
    assert child.stdin and child.stdout
    print(person, amount, file=child.stdin, flush=True)
    return int(child.stdout.readline())


def test_what_a_killed_process_has_answered_is_read_from_its_file(
    own_store: RedisServer, child: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    rig, engine = FileRig(tmp_path / "witness"), RedisEngine(connect(own_store.url))
    publish(engine)
    for number, person in enumerate((ALICE, BOB, CAROL), 1):
        assert bid_in(child, person, 10_000 + 1_000 * number) == number
    wait_until(lambda: numbers(rig) == [1, 2, 3], "the record of all bids")
    entries = [entry for entry in engine.peek(AUCTION, 10) if isinstance(entry, Entry)]
    child.send_signal(signal.SIGKILL)
    child.wait()
    own_store.kill()
    [record] = rig.testimony().records
    assert not record.alive and list(record.auctions[AUCTION].entries.values()) == entries


def test_a_frozen_process_is_named_until_it_has_written(
    own_store: RedisServer, child: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    rig, engine = FileRig(tmp_path / "witness"), RedisEngine(connect(own_store.url))
    publish(engine)
    assert bid_in(child, ALICE, 10_000) == 1
    former = engine.condition().identity
    wait_until(lambda: rig.testimony().covers(former) and numbers(rig) == [1], "the first record")
    child.send_signal(signal.SIGSTOP)
    own_store.kill()
    own_store.start()
    present = RedisEngine(connect(own_store.url)).condition().identity
    assert rig.testimony().waits_for(present) == ["child"]
    child.send_signal(signal.SIGCONT)
    wait_until(lambda: rig.testimony().waits_for(present) == [], "the beat of the process that was frozen")
    assert numbers(rig) == [1]

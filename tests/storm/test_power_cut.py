"""The power goes while people bid: the server is killed and its file cut back to what was synced, plus a torn piece.

Synced always, no confirmed bid is lost. Synced every second, the same test finds a loss, so it would find ours.
"""

import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Permission
from cashticket.engine.connection import connect
from cashticket.engine.pauses import RESTARTED
from cashticket.engine.redis_engine import RedisEngine
from lab import history
from lab.checkers import Violation, violations
from lab.endings import ending_of_store
from lab.evidence import Evidence
from lab.history import OK, Recorder
from lab.servers.preloaded import MISSING, build, compiler
from lab.servers.redis_server import RedisServer, redis_binary
from lab.waiting import wait_until
from tests.storm.client import bid, look

AUCTION, CUTS, THREADS, PEOPLE_A_THREAD = 9, 10, 4, 400
TERMS = Terms(AUCTION, 10, 10_000, 1_000, 1_000, 4_102_444_800_000)
SOURCE = Path(__file__).with_name("synced_sizes.c")

pytestmark = pytest.mark.slow


class PowerCutServer(RedisServer):
    """A live store whose power can be cut: the installed server with the shim preloaded."""

    def __init__(self, shim: Path, fsync: str) -> None:
        super().__init__(redis_binary(), appendonly=True, fsync=fsync)
        self._shim = shim
        self._noted = self.directory / "synced-sizes"

    def cut_power(self, dice: random.Random | None) -> int:
        """Kill it and leave of each file what was synced and, with dice, a random piece of the rest.

        Returns the number of bytes lost.
        """
        self.kill()
        lost = 0
        for path, synced in self._synced().items():
            written = path.stat().st_size
            assert synced <= written, "the shim noted more than there is"
            size = synced + (dice.randrange(written - synced + 1) if dice else 0)
            os.truncate(path, size)
            lost += written - size
        return lost

    def unsynced(self) -> int:
        """Number of bytes that would be lost now."""
        return sum(path.stat().st_size - synced for path, synced in self._synced().items())

    def _synced(self) -> dict[Path, int]:
        """Synced size of each append-only file; 0 for one that was never synced."""
        sizes = {path.resolve(): 0 for path in self.directory.glob("appendonlydir/*.incr.aof")}
        notes = self._noted.read_text() if self._noted.exists() else ""
        for connection in notes.splitlines():
            size, _, name = connection.partition(" ")
            if Path(name) in sizes:
                sizes[Path(name)] = max(sizes[Path(name)], int(size))
        return sizes

    def _command(self) -> list[str]:
        preload = ["env", f"LD_PRELOAD={self._shim}", f"SYNCED_SIZES={self._noted}"]
        return [*preload, *super()._command()]


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled shim. Skips without a compiler, fails when CI=true."""
    if compiler() is None:
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    if redis_binary() is None:
        pytest.skip("no redis-server is installed, and the one that comes along may be linked statically")
    return build(SOURCE, tmp_path_factory.mktemp("shim") / "synced_sizes.so")


@pytest.fixture
def power(shim: Path) -> Iterator[Callable[[str], PowerCutServer]]:
    """Yields a function that starts a live store which syncs `always` or `everysec`."""
    with ExitStack() as stack:

        def start(fsync: str) -> PowerCutServer:
            server = PowerCutServer(shim, fsync)
            stack.callback(server.remove)
            server.start()
            engine = RedisEngine(connect(server.url))
            engine.open(TERMS)
            for person in range(1, THREADS * PEOPLE_A_THREAD + 1):
                engine.introduce(AUCTION, person, Permission.OK, 1, 1)
            # Later cuts may lose bids, but not the auction itself.
            wait_until(lambda: server.unsynced() == 0, "the auction to be on disk")
            return server

        yield start


class BidderThreads:
    """Threads that bid until the store is gone; each person is played by one thread alone."""

    def __init__(self, server: RedisServer, recorder: Recorder, round_: int) -> None:
        self.accepted = 0
        self._server, self._recorder, self._round = server, recorder, round_
        self._counting = threading.Lock()
        self._threads = [threading.Thread(target=self._play, args=(number,)) for number in range(THREADS)]

    def __enter__(self) -> "BidderThreads":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        for thread in self._threads:
            thread.join()

    def _play(self, thread: int) -> None:
        engine = RedisEngine(connect(self._server.url))
        people = range(thread * PEOPLE_A_THREAD + 1, (thread + 1) * PEOPLE_A_THREAD + 1)
        dice = random.Random(self._round * THREADS + thread)
        for turn, person in enumerate(dice.sample(people, PEOPLE_A_THREAD)):
            amount = 10_000 + 1_000 * (self._round * 50 + dice.randrange(50))
            answer = bid(self._recorder, engine, AUCTION, person, amount, f"{self._round}-{turn}")
            if answer is None:
                return
            with self._counting:
                self.accepted += isinstance(answer, Accepted)


def storm_until_the_cut(
    server: PowerCutServer, recorder: Recorder, round_: int, enough: int, dice: random.Random | None
) -> int:
    """Bid until `enough` bids of this round are confirmed, then cut the power halfway."""
    with BidderThreads(server, recorder, round_) as bidders:
        wait_until(lambda: bidders.accepted >= enough, "enough bids to be confirmed")
        return server.cut_power(dice)


def let_go_on(server: RedisServer) -> None:
    """Resume bidding as the watch does after checking a restarted store; here the checkers check."""
    RedisEngine(connect(server.url)).resume(AUCTION, RESTARTED)


def resolve(server: RedisServer, recorder: Recorder, path: Path) -> None:
    """Everybody without an answer sends the same request again."""
    engine = RedisEngine(connect(server.url))
    for request in history.requests(history.read(path)).values():
        if request.uncertain and not request.answers:
            bid(recorder, engine, AUCTION, request.person, request.amount, request.request_id)
    look(recorder, engine, AUCTION)


def judged(server: RedisServer, path: Path) -> list[Violation]:
    engine = RedisEngine(connect(server.url))
    return violations(Evidence(history.read(path), [ending_of_store(engine, TERMS)]))


@pytest.mark.timeout(500)
def test_no_confirmed_bid_is_lost_in_ten_power_cuts(power: Callable[[str], PowerCutServer], tmp_path: Path) -> None:
    server, path, dice = power("always"), tmp_path / "history.jsonl", random.Random(5)
    with Recorder(path, "bidders") as recorder:
        for round_ in range(CUTS):
            storm_until_the_cut(server, recorder, round_, dice.randrange(20, 120), dice)
            server.start()
            let_go_on(server)
            resolve(server, recorder, path)
            assert judged(server, path) == [], f"after power cut {round_ + 1}"
    confirmed = sum(operation.outcome == OK for operation in history.read(path) if operation.what == "bid")
    assert confirmed > 20 * CUTS


@pytest.mark.timeout(500)
def test_a_store_that_syncs_every_second_loses_confirmed_bids_and_is_found_out(
    power: Callable[[str], PowerCutServer], tmp_path: Path
) -> None:
    """The control: a cut that cuts nothing would pass for a store that keeps everything."""
    server, path = power("everysec"), tmp_path / "history.jsonl"
    broken: set[str] = set()
    with Recorder(path, "bidders") as recorder:
        for round_ in range(5):
            lost = storm_until_the_cut(server, recorder, round_, 50, dice=None)
            server.start()
            let_go_on(server)
            broken = {violation.invariant for violation in judged(server, path)}
            if broken:
                break
            assert lost == 0, "bytes were lost and nobody misses them"
    assert "I1" in broken

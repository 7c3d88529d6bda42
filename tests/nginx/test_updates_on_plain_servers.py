"""deploy.sh brings in another release behind the real nginx while people bid, read and watch: nobody is turned away."""

import shutil
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import cast

import pytest
import websocket

from lab.servers.installation import WebProcess
from lab.waiting import wait_until
from tests.nginx.plain_server import PlainServer
from tests.nginx.writers import FINAL, Writers
from tests.story.visitor import Visitor

pytestmark = pytest.mark.sweep

PAGES = ("/", "/login", "/auctions/{}", "/auctions/{}/board?lang=ko", "/static/app.css")
PACE_SECONDS = 0.4
BIDS_BEFORE_AND_AFTER = 15
BACK_SECONDS = 5.0
FRONT_CHANGED = {"nginx.conf": "# Of another release.\n"}


@pytest.fixture(scope="module")
def server(
    nginx_program: str, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PlainServer]:
    folder = tmp_path_factory.mktemp("plain")
    server = PlainServer(nginx_program, folder, Path(shutil.copy(migrated_sqlite, folder / "ledger.db")))
    try:
        yield server.install()
    finally:
        server.close()


class Crowd:
    """Readers of pages and watchers of the auction. `answers` counts the statuses by page; `gaps` are the seconds
    for which a watcher was without a socket, `away` those for which the live service itself did not answer."""

    def __init__(self, server: PlainServer) -> None:
        self._web, self._auction_id = cast(WebProcess, server.nginx), server.auction_id
        self._stop = threading.Event()
        self.answers: Counter[tuple[str, int | str]] = Counter()
        self.gaps: list[float] = []
        self.away: list[float] = []
        self._open, self._live_port = 0, server.ports["live"]
        self._threads = [threading.Thread(target=self._read, args=(page.format(server.auction_id),)) for page in PAGES]
        self._threads += [threading.Thread(target=self._watch) for _ in range(3)]
        self._threads.append(threading.Thread(target=self._ask_live))

    @contextmanager
    def there(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            wait_until(lambda: self._open == 3, "all sockets back")
            self._stop.set()
            for thread in self._threads:
                thread.join()

    def _read(self, page: str) -> None:
        while not self._stop.wait(PACE_SECONDS):
            try:
                self.answers[page, Visitor("carol").get(self._web, page).status] += 1
            except OSError as error:
                self.answers[page, type(error).__name__] += 1

    def _ask_live(self) -> None:
        answered_at = time.monotonic()
        while not self._stop.wait(PACE_SECONDS / 2):
            with suppress(OSError, HTTPException), closing(HTTPConnection("127.0.0.1", self._live_port, 1)) as live:
                live.request("GET", "/healthz")
                live.getresponse().read()
                self.away.append(time.monotonic() - answered_at)
                answered_at = time.monotonic()

    def _watch(self) -> None:
        lost_at = 0.0
        while not self._stop.wait(PACE_SECONDS):
            try:
                with self._socket() as opened:
                    if lost_at:
                        self.gaps.append(time.monotonic() - lost_at)
                    self._open += 1
                    self._hear(opened)
                    self._open -= 1
                    lost_at = time.monotonic()
            except (OSError, websocket.WebSocketException):
                lost_at = lost_at or time.monotonic()

    @contextmanager
    def _socket(self) -> Iterator[websocket.WebSocket]:
        address = f"ws://127.0.0.1:{self._web.port}/auctions/{self._auction_id}/live"
        opened = websocket.create_connection(address, timeout=5, origin=self._web.url)
        try:
            opened.recv()
            opened.settimeout(1)
            yield opened
        finally:
            # Closed by the other end, it would keep its descriptor otherwise.
            opened.shutdown()  # type: ignore[no-untyped-call]

    def _hear(self, opened: websocket.WebSocket) -> None:
        """Until it is closed by the other side, or the crowd goes home."""
        while not self._stop.is_set():
            try:
                if not opened.recv():
                    return
            except websocket.WebSocketTimeoutException:
                continue
            except (OSError, websocket.WebSocketException):
                return


@contextmanager
def everybody_there(server: PlainServer) -> Iterator[tuple[Writers, Crowd]]:
    """People bid, read and watch. At the end nobody was turned away, and every socket was back soon."""
    writers, crowd = Writers(server.nginx, server.auction_id, windows=1), Crowd(server)
    with writers.writing(), crowd.there():
        writers.wait_for_more(BIDS_BEFORE_AND_AFTER)
        yield writers, crowd
        writers.wait_for_more(BIDS_BEFORE_AND_AFTER)
    assert set(writers.answers) <= FINAL, dict(writers.answers)
    assert {status for _, status in crowd.answers} == {200}, dict(crowd.answers)
    # How long a process takes to start says something about the machine.
    assert max(crowd.gaps, default=0) <= max(crowd.away) + BACK_SECONDS, (crowd.gaps, max(crowd.away))


@pytest.mark.slow
def test_an_update_turns_nobody_away(server: PlainServer) -> None:
    source = server.release("another", {"nginx.conf": "# Of another release.\n"})
    with everybody_there(server) as (_, crowd):
        done = server.deploy(source, "another")
    assert done.returncode == 0, done.stdout + done.stderr + server.logs()
    assert server.current() == "another" and all(server.serves(name, "another") for name in server.GATED)
    assert len(crowd.gaps) >= 3, "the live service was replaced, too"
    assert ["reload-or-restart", "cashticket-nginx.service"] in server.manager.calls


@pytest.mark.slow
def test_a_release_whose_second_web_process_fails_is_taken_back_and_nobody_is_turned_away(server: PlainServer) -> None:
    before = server.current()
    broken = f"""
if f":{server.ports["web@2"]}" in " ".join(sys.argv):
    raise RuntimeError("only here, where no trial has looked")
"""
    source = server.release("broken", {"wsgi.py": broken})
    with everybody_there(server):
        done = server.deploy(source, "broken")
    assert done.returncode == 1 and server.current() == before
    assert done.stderr.splitlines()[-1] == (
        f"deploy.sh: broken: web@2 does not serve, 127.0.0.1:{server.ports['web@2']}: no answer "
        f"(ConnectionRefusedError); look at {server.folder}/var/log/cashticket/web-2.log. {before} runs again."
    )
    assert all(server.serves(name, before) for name in server.GATED)

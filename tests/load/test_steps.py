"""The steps between one server and this architecture: which are driven, and how pages poll."""

import threading
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask, Response, request
from werkzeug.exceptions import NotFound
from werkzeug.serving import make_server

from cashticket.auction.terms import Terms
from cashticket.auction.values import Permission
from cashticket.engine.memory_engine import MemoryEngine
from lab.load import __main__ as program
from lab.load import circumstances, quotas
from lab.load.systems import STEPS, SYSTEMS, System
from lab.servers.installation import free_port
from lab.servers.nginx_server import Nginx
from lab.systems import polling

AUCTION, ALICE = 7, 1
TERMS = Terms(AUCTION, 20, 10_000, 1_000, 0, 4_102_444_800_000)
DRIVEN_FACTS = ("engine", "webs", "has_front", "keeps_pieces", "drains", "pushes")


@pytest.fixture
def driven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[list[System]]:
    """The systems that the program would measure."""
    systems: list[System] = []
    monkeypatch.setattr(circumstances, "missing_programs", lambda **_: [])
    monkeypatch.setattr(quotas, "check", lambda: None)
    monkeypatch.setattr(program, "measure", lambda folder, chosen, *_: systems.extend(chosen))
    monkeypatch.setattr(program, "REPORTS", tmp_path)
    yield systems


def test_every_scenario_that_looks_for_a_knee_of_these_systems_has_the_steps() -> None:
    without = {name for name, each in program.SCENARIOS.items() if not each.steps}
    assert without == {name for name, each in program.SCENARIOS.items() if each.course} | {"slope"}


@pytest.mark.parametrize("scenario", [name for name, each in program.SCENARIOS.items() if each.steps])
def test_a_run_drives_single_servers_and_this_architecture_and_the_steps_where_they_are_wanted(
    scenario: str, driven: list[System]
) -> None:
    assert program.main([scenario]) == 0
    assert [each.name for each in driven] == ["row-lock", "procedure", "architecture"]
    driven.clear()
    assert program.main([scenario, "--steps"]) == 0
    assert [each.name for each in driven] == list(STEPS)
    driven.clear()
    assert program.main([scenario, "--systems", "queue,synchronous"]) == 0
    assert [each.name for each in driven] == ["synchronous", "queue"]


def test_servers_of_a_size_have_no_steps_and_say_so(driven: list[System], capsys: pytest.CaptureFixture[str]) -> None:
    assert program.main(["slope", "--steps"]) == 2
    assert (capsys.readouterr().err, driven) == ("slope has no steps.\n", [])
    with pytest.raises(SystemExit, match="2"):
        program.main(["hot", "--steps", "--systems", "queue"])


def test_each_step_brings_one_idea() -> None:
    """nginx comes with the second web process, because one process needs nobody who divides the work."""
    steps = list(STEPS.values())
    changes = [
        {name for name in DRIVEN_FACTS if getattr(before, name) != getattr(after, name)}
        for before, after in pairwise(steps)
    ]
    # Without nginx nothing says what it would keep.
    changes[2] -= {"keeps_pieces"}
    assert changes == [{"engine"}, {"engine", "drains"}, {"webs", "has_front"}, {"keeps_pieces"}, {"pushes"}]
    assert steps[0] == SYSTEMS["row-lock"] and steps[-1] == SYSTEMS["architecture"]


@pytest.mark.parametrize("keeps_pieces", [True, False])
def test_nginx_keeps_what_the_shipped_settings_say_or_nothing(
    keeps_pieces: bool, tmp_path: Path, nginx_program: str
) -> None:
    nginx = Nginx(nginx_program, tmp_path / "nginx", [1], 2, keeps_pieces=keeps_pieces)
    text = (tmp_path / "nginx" / "nginx.conf").read_text()
    assert ("proxy_cache pieces;" in text, "proxy_cache off;" in text) == (keeps_pieces, not keeps_pieces)
    checked = nginx.check()
    assert checked.returncode == 0, checked.stderr


@pytest.fixture
def engine() -> MemoryEngine:
    engine = MemoryEngine()
    engine.open(TERMS)
    engine.introduce(AUCTION, ALICE, Permission.OK, 1, 1)
    return engine


@pytest.fixture
def polled(engine: MemoryEngine, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """An application whose board says which version was drawn."""
    app = Flask(__name__)

    def board(auction_id: int) -> Response:
        if auction_id != AUCTION:
            raise NotFound
        return Response(f"version {engine.versions([AUCTION])[AUCTION]}")

    app.add_url_rule("/auctions/<int:auction_id>/board", polling.BOARD, board)
    monkeypatch.setattr(polling, "current_engine", lambda: engine)
    polling.answer_polls(app)
    return app


def test_a_page_that_asks_again_gets_a_board_only_when_it_has_changed(engine: MemoryEngine, polled: Flask) -> None:
    client, address = polled.test_client(), f"/auctions/{AUCTION}/board?lang=ko"
    first = client.get(address)
    tag = first.headers["ETag"]
    same = client.get(address, headers={"If-None-Match": tag})
    assert (first.text, same.status_code, same.data, same.headers["ETag"]) == ("version 1", 304, b"", tag)
    engine.place_bid(AUCTION, ALICE, 1, 10_000, "first")
    changed = client.get(address, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.text) == (200, "version 2") and changed.headers["ETag"] != tag


def test_a_page_gets_the_board_anew_once_the_end_has_come(engine: MemoryEngine, polled: Flask) -> None:
    client, address = polled.test_client(), f"/auctions/{AUCTION}/board?lang=ko"
    tag = client.get(address).headers["ETag"]
    engine._clock = lambda: TERMS.closes_at_ms
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 200


def ask(nginx: Nginx, headers: dict[str, str]) -> tuple[int, bytes, str]:
    """Status, body and ETag of the board."""
    connection = HTTPConnection("127.0.0.1", nginx.port, timeout=30)
    with closing(connection):
        connection.request("GET", f"/auctions/{AUCTION}/board?lang=ko", headers=headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), answer.headers["ETag"]


@pytest.mark.parametrize("keeps_pieces", [True, False])
def test_through_nginx_a_page_that_asks_again_is_told_that_nothing_changed(
    keeps_pieces: bool, polled: Flask, tmp_path: Path, nginx_program: str
) -> None:
    """From what nginx keeps, or each time from the web process."""
    polls, came = 20, []
    polled.before_request(lambda: came.append(request.full_path))
    server = make_server("127.0.0.1", 0, polled, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    nginx = Nginx(nginx_program, tmp_path / "nginx", [server.server_port], free_port(), keeps_pieces=keeps_pieces)
    try:
        nginx.start()
        tag = ask(nginx, {})[2]
        answers = [ask(nginx, {"If-None-Match": tag}) for _ in range(polls)]
    finally:
        nginx.stop()
        server.shutdown()
        thread.join(30)
    assert set(answers) == {(304, b"", tag)}
    assert len(came) < 1 + polls if keeps_pieces else len(came) == 1 + polls


def test_a_board_whose_language_is_a_cookie_has_no_tag(polled: Flask) -> None:
    assert "ETag" not in polled.test_client().get(f"/auctions/{AUCTION}/board").headers


def test_an_auction_that_is_not_there_is_answered_as_without_polls(polled: Flask) -> None:
    answer = polled.test_client().get("/auctions/8/board?lang=ko", headers={"If-None-Match": '"1-0"'})
    assert (answer.status_code, "ETag" in answer.headers) == (404, False)

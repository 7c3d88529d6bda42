"""`flask lab locust`: what it refuses, and a small run with Locust itself."""

import json
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from flask import Flask

from cashticket.cli import lab as lab_command
from lab.load import circumstances, journeys, raw
from lab.load.bid_answers import Bid
from lab.load.journeys import JourneyTurns
from lab.load.locust import __main__ as program
from lab.load.site import Site
from lab.load.turns import Load
from tests.house.source import ROOT
from tests.load.test_command import make_app

PEOPLE, SECONDS = 3, 4
STEPS = {"bid.form", "bid.sign-in", "bid.page", "bid.standing", "bid.review", "bid.bid"}


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path)


def test_it_is_refused_in_production(tmp_path: Path) -> None:
    answer = make_app(tmp_path, app_env="production").test_cli_runner().invoke(args=["lab", "locust"])
    assert (answer.exit_code, "refused in production" in answer.output) == (1, True)


def test_the_command_hands_every_option_on(app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(lab_command, "_run_lab", lambda command: started.append(command[1:]) or 0)
    monkeypatch.chdir(tmp_path)
    options = ["--people", "7", "--seconds", "9", "--system", "row-lock", "--out", "mine", "--json"]
    answer = app.test_cli_runner().invoke(args=["lab", "locust", *options])
    assert answer.exit_code == 0, answer.output
    assert started[0][:2] == ["-m", "lab.load.locust"]
    given = vars(program._parser().parse_args(started[0][2:]))
    expected = {"people": 7, "seconds": 9, "system": "row-lock", "out": str(tmp_path / "mine"), "json": True}
    assert given == expected


def test_without_locust_its_remedy_is_named_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("mariadb_binary", "nginx_binary", "redis_binary"):
        monkeypatch.setattr(circumstances, name, lambda: "/bin/true")
    monkeypatch.setattr(circumstances, "k6_binary", lambda: None)
    monkeypatch.setattr(program, "LOCUST", tmp_path / "absent")
    assert program.main(["--out", str(tmp_path / "out")]) == 1
    assert capsys.readouterr().err == "Locust is not installed: run `make lab-locust`\n"
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_there_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(circumstances, "missing_programs", lambda *, needs_front, needs_k6: [])
    monkeypatch.setattr(program, "LOCUST", tmp_path)
    assert program.main(["--out", str(tmp_path)]) == 1
    assert "choose another folder" in capsys.readouterr().err


@pytest.mark.parametrize("people", [1, 10, 200])
@pytest.mark.parametrize("seconds", [1, 4, 5, 6, 60, 61])
def test_there_is_somebody_else_for_each_visit(
    people: int, seconds: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person's visits begin at 0, 5, 10 s …"""
    prepared: list[int] = []

    def prepare(turns: JourneyTurns, rate: int, seconds: int, folder: Path) -> Load:
        prepared.append(journeys._arrivals(turns._visits_of(rate).plan(pushes=True)["bids"], seconds))
        return Load({"rate": rate}, seconds, [], lambda answer: Bid(1, 1, answer.row, ""))

    monkeypatch.setattr(JourneyTurns, "prepare", prepare)
    load = program.LocustTurns(cast(Site, None), tmp_path).prepare(people, seconds, tmp_path)
    assert prepared[0] >= people * -(-seconds // program.PACING_SECONDS)
    assert load.plan == {"rate": people, "pacing": 5} and load.facts["cost_units"] == people * seconds


@pytest.mark.slow
@pytest.mark.sweep
@pytest.mark.timeout(400)
def test_locust_bids_by_the_forms_and_leaves_its_page(tmp_path: Path) -> None:
    """Nothing here depends on how fast this machine is."""
    missing = circumstances.missing_programs(needs_front=True, needs_k6=False)
    if missing or not program.LOCUST.exists():
        pytest.skip(" ".join([*missing, program.MISSING]))
    out = tmp_path / "run"
    command = [sys.executable, "-m", "lab.load.locust", "--people", str(PEOPLE), "--seconds", str(SECONDS)]
    command += ["--out", str(out), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=380)
    assert done.returncode == 0, done.stderr[-2000:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result == raw.read_json(out / "result.json") and "k6" not in result["versions"]
    turn = raw.read_turn(out / "visits")
    assert result["answered"] + result["errors"] == len(turn.answers) > 0
    accepted = [each for each in turn.answers if each.kind == "bid.bid" and each.status == raw.ACCEPTED]
    # Whoever got no answer may have bid.
    assert 0 < len(accepted) <= result["accepted"] <= len(accepted) + result["errors"]
    assert set(result["steps"]) == STEPS and result["broken_promises"] == []
    page = (out / "locust.html").read_text(encoding="utf-8")
    assert all(f'"{step.removeprefix("bid.")}"' in page for step in STEPS)
    assert 'src="http' not in page and 'href="http' not in page

"""Each setting is read at the start as what will use it reads it, and all that is wrong is said in one list."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cashticket.config import SettingsError, load
from tests.house.source import ROOT
from tests.inputs.settings import BAD, GOOD

COMMANDS = {
    "flask": [sys.executable, "-m", "flask", "--app", "wsgi", "concert", "list"],
    "gunicorn": [sys.executable, "-m", "gunicorn", "--check-config", "wsgi:app"],
    "worker": [sys.executable, "worker.py", "mail"],
}
SECRET = "Geheim7"


def filled(folder: Path, text: str) -> str:
    (folder / "file").touch()
    return text.replace("{here}", str(folder)).replace("{file}", str(folder / "file"))


def complaints(folder: Path, environ: dict[str, str]) -> list[str]:
    try:
        load(environ, folder / "instance")
    except SettingsError as refused:
        return [line.removeprefix("  - ") for line in str(refused).splitlines()[1:]]
    return []


def test_each_kind_has_ten_values() -> None:
    assert all(len(values) >= 10 for values in (BAD | GOOD).values())


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_a_bad_value_is_named_in_one_sentence(tmp_path: Path, name: str, value: str) -> None:
    found = complaints(tmp_path, {name: filled(tmp_path, value)})
    assert found and all(line.startswith(name) and line.endswith(".") and len(line) < 500 for line in found), found
    assert SECRET not in "".join(found)


@pytest.mark.parametrize("name", ["SECRET_KEY", "SECRET_KEY_FALLBACKS", "PLAIN_HOSTS", "VERSION"])
def test_bytes_that_are_not_utf_8_are_named(tmp_path: Path, name: str) -> None:
    [line] = complaints(tmp_path, {name: f"{SECRET}\udcff"})
    assert line.startswith(f"{name} holds ") and SECRET not in line
    assert complaints(tmp_path, {name: f"{SECRET}\r"}) == []


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in GOOD.items() for value in values])
def test_a_good_value_is_taken(tmp_path: Path, name: str, value: str) -> None:
    assert complaints(tmp_path, {name: filled(tmp_path, value)}) == []


def run(command: str, folder: Path, settings: dict[str, str]) -> tuple[int, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = kept | {"PYTHONDONTWRITEBYTECODE": "1"} | settings
    done = subprocess.run(
        COMMANDS[command], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.sweep
@pytest.mark.parametrize(
    ("command", "place"), [*(("flask", place) for place in range(10)), ("gunicorn", 0), ("worker", 1), ("worker", 2)]
)
def test_a_command_lists_all_that_is_wrong_and_nothing_else(tmp_path: Path, command: str, place: int) -> None:
    settings = {name: filled(tmp_path, values[place]) for name, values in BAD.items()}
    status, said = run(command, tmp_path, settings)
    assert status != 0 and "Traceback" not in said and SECRET not in said, said
    named = {line.removeprefix("  - ").split()[0].rstrip(":") for line in said.splitlines() if line.startswith("  - ")}
    assert named == BAD.keys(), said


@pytest.mark.sweep
@pytest.mark.parametrize("place", [0, 3, 8])
def test_a_command_takes_all_that_is_good(tmp_path: Path, place: int) -> None:
    settings = {name: filled(tmp_path, values[place]) for name, values in GOOD.items()}
    for command in ("flask", "gunicorn"):
        status, said = run(command, tmp_path, settings)
        assert "CashTicket cannot start" not in said and "Traceback" not in said, said
        # The database is empty, so that listing fails, in one line.
        assert status == 0 or command == "flask", said

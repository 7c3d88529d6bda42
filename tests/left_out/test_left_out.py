"""A run that could not test everything reports it and fails in CI, in one process and in several."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SKIPPING = """
import pytest
def test_here(): pass
@pytest.mark.parametrize("number", range(3))
def test_elsewhere(number): pytest.skip("nginx is not installed")
"""
SWEEP = """
import pytest
pytestmark = pytest.mark.sweep
def test_one(): pass
def test_two(): pass
"""
TRIAL = """
import pytest
def test_share(): pass
@pytest.mark.sweep
@pytest.mark.trial
def test_one(): pass
@pytest.mark.trial
def test_two(): pass
"""
ON_BOTH_DATABASES = """
import pytest
@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_storing(database): pass
"""
PROCESSES = [[], ["-n", "2", "--dist", "loadfile"]]
"""Options of pytest: one process, two processes."""


def run(folder: Path, text: str, ci: str, options: list[str], trials: str = "") -> "subprocess.CompletedProcess[str]":
    """Run pytest in `folder` on a file with `text` and one more test, with the two plugins under test and xdist."""
    (folder / "test_some.py").write_text(text)
    (folder / "test_other.py").write_text("def test_there(): pass")
    plugins = ["-p", "xdist", "-p", "tests.fixtures.left_out", "-p", "tests.fixtures.sweeps", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, *options]
    # Options of the run around this one would change what the inner one prints.
    environment = {**os.environ, "CI": ci, "CASHTICKET_TRIALS": trials, "PYTHONPATH": str(ROOT), "PYTEST_ADDOPTS": ""}
    environment["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return subprocess.run(
        [*command, "--rootdir", str(folder), str(folder)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("options", PROCESSES)
@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
@pytest.mark.parametrize("reason", ["nginx is not installed", "no C compiler, so no power was cut: apt install gcc"])
def test_what_was_left_out_is_counted_and_fails_ci(
    tmp_path: Path, reason: str, ci: str, status: int, options: list[str]
) -> None:
    done = run(tmp_path, SKIPPING.replace("nginx is not installed", reason), ci, options)
    assert done.returncode == status, done.stdout + done.stderr
    assert "NOT TESTED ON THIS MACHINE" in done.stdout
    assert f"3 tests: {reason}" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("2 passed, 3 skipped")


@pytest.mark.parametrize("options", PROCESSES)
@pytest.mark.parametrize("ci", ["", "true"])
def test_what_has_no_meaning_here_is_not_left_out(tmp_path: Path, ci: str, options: list[str]) -> None:
    done = run(tmp_path, SKIPPING.replace("nginx is not installed", "SQLite has no connections to lose"), ci, options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT TESTED" not in done.stdout


@pytest.mark.parametrize("options", PROCESSES)
@pytest.mark.parametrize("ci", ["", "true"])
def test_a_run_that_left_nothing_out_says_nothing(tmp_path: Path, ci: str, options: list[str]) -> None:
    done = run(tmp_path, "def test_here(): pass", ci, options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT TESTED" not in done.stdout


@pytest.mark.parametrize("options", PROCESSES)
@pytest.mark.parametrize(("ci", "left"), [("", True), ("true", False)])
def test_sweeps_are_left_for_ci_and_counted(tmp_path: Path, ci: str, left: bool, options: list[str]) -> None:
    done = run(tmp_path, SWEEP, ci, options)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("2 sweeps are left for CI" in done.stdout) is left
    assert done.stdout.splitlines()[-1].startswith("1 passed" if left else "3 passed")


@pytest.mark.parametrize("options", PROCESSES)
@pytest.mark.parametrize(
    ("ci", "trials", "sweeps", "left"), [("", "", 1, 1), ("true", "", 0, 2), ("", "all", 1, 0), ("true", "all", 0, 0)]
)
def test_trials_are_left_for_the_storms_and_counted(
    tmp_path: Path, ci: str, trials: str, sweeps: int, left: int, options: list[str]
) -> None:
    done = run(tmp_path, TRIAL, ci, options, trials)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("1 sweeps are left for CI" in done.stdout) is bool(sweeps)
    assert (f"{left} trials are left for `make storm`" in done.stdout) is bool(left)
    assert done.stdout.splitlines()[-1].startswith(f"{4 - sweeps - left} passed")


@pytest.mark.parametrize("options", PROCESSES)
@pytest.mark.parametrize(
    ("ci", "trials", "sweeps", "twins"), [("", "", 1, 0), ("true", "", 0, 1), ("", "all", 1, 0), ("true", "all", 0, 0)]
)
def test_above_the_rooms_that_store_a_plain_run_has_sqlite_and_ci_mariadb(
    tmp_path: Path, ci: str, trials: str, sweeps: int, twins: int, options: list[str]
) -> None:
    for folder in ("web", "contract"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"test_{folder}.py").write_text(ON_BOTH_DATABASES)
    done = run(tmp_path, "def test_here(): pass", ci, options, trials)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (f"{sweeps} sweeps are left for CI" in done.stdout) is bool(sweeps)
    assert (f"{twins} tests on SQLite are left" in done.stdout) is bool(twins)
    assert done.stdout.splitlines()[-1].startswith(f"{6 - sweeps - twins} passed")


@pytest.mark.parametrize("options", PROCESSES)
@pytest.mark.parametrize(("ci", "left"), [("", False), ("true", True)])
def test_ci_runs_a_share_of_the_tests_of_the_rooms_on_sqlite(
    tmp_path: Path, ci: str, left: bool, options: list[str]
) -> None:
    (tmp_path / "integration").mkdir()
    many = ON_BOTH_DATABASES.replace("(database)", "(database, number)")
    many = many.replace("def ", '@pytest.mark.parametrize("number", range(40))\ndef ')
    (tmp_path / "integration" / "test_rooms.py").write_text(many)
    done = run(tmp_path, "def test_here(): pass", ci, options)
    assert done.returncode == 0, done.stdout + done.stderr
    passed = int(done.stdout.splitlines()[-1].split()[0])
    assert (42 < passed < 82 and "tests on SQLite are left" in done.stdout) if left else passed == 82

"""A run that could not test everything says so, and CI takes no such run."""

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


def run(folder: Path, text: str, ci: str) -> "subprocess.CompletedProcess[str]":
    """pytest on one file, in an empty folder, with the plugin alone."""
    (folder / "test_some.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.fixtures.left_out", "-p", "no:cacheprovider"]
    environment = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, "--rootdir", str(folder), str(folder / "test_some.py")],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(("ci", "status"), [("", 0), ("true", 1)])
def test_what_was_left_out_is_counted_and_fails_ci(tmp_path: Path, ci: str, status: int) -> None:
    done = run(tmp_path, SKIPPING, ci)
    assert done.returncode == status, done.stdout + done.stderr
    assert "NOT TESTED ON THIS MACHINE" in done.stdout
    assert "3 tests: nginx is not installed" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("1 passed, 3 skipped")


@pytest.mark.parametrize("ci", ["", "true"])
def test_what_has_no_meaning_here_is_not_left_out(tmp_path: Path, ci: str) -> None:
    done = run(tmp_path, SKIPPING.replace("nginx is not installed", "SQLite has no connections to lose"), ci)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT TESTED" not in done.stdout


@pytest.mark.parametrize("ci", ["", "true"])
def test_a_run_that_left_nothing_out_says_nothing(tmp_path: Path, ci: str) -> None:
    done = run(tmp_path, "def test_here(): pass", ci)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "NOT TESTED" not in done.stdout

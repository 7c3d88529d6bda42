"""Each of these planted bugs fails the one test that is named with it; in the product itself that test passes."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.storm.planted.bugs import ROOT, TestedBug, build, planted
from tests.storm.planted.bugs_in_outages import OUTAGES
from tests.storm.planted.bugs_in_persons import PERSONS
from tests.storm.planted.bugs_in_telling import TELLING
from tests.storm.planted.bugs_in_work import WORK

TESTED = (*PERSONS, *TELLING, *WORK, *OUTAGES)
# These also run in every ordinary run.
SAMPLES = ("saves_up_tokens",)
SECONDS = 300

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS + 30)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product, in which one bug at a time is planted."""
    return build(tmp_path_factory.mktemp("tested"))


def failed_tests(copy: Path, bug: TestedBug) -> list[str]:
    """Run the test of this bug on a copy that has the bug. Returns the ids of the tests that failed."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "-p",
        "no:cacheprovider",
    ]
    inherited = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "")}
    # What a bug keeps from coming is not waited for long. A bug's test may be one of those that are left for CI.
    environment = inherited | {"CASHTICKET_PATIENCE": "15", "CI": "true"}
    with planted(copy, bug.edits):
        done = subprocess.run(
            [*command, "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(copy), bug.test],
            cwd=copy,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    assert done.returncode in (0, 1), done.stdout[-3_000:] + done.stderr[-1_000:]
    return re.findall(r"^FAILED (tests/.+?)(?: - .*)?$", done.stdout, re.MULTILINE)


@pytest.mark.parametrize("name", SAMPLES)
def test_a_planted_bug_fails_its_test_in_every_run(copy: Path, name: str) -> None:
    bug = next(bug for bug in TESTED if bug.name == name)
    assert failed_tests(copy, bug) == [bug.test], bug.breaks


@pytest.mark.sweep
@pytest.mark.parametrize("bug", TESTED, ids=lambda bug: bug.name)
def test_a_planted_bug_fails_its_test(copy: Path, bug: TestedBug) -> None:
    assert failed_tests(copy, bug) == [bug.test], bug.breaks


def test_the_page_lists_exactly_these_bugs() -> None:
    page = (ROOT / "docs" / "test-report.md").read_text(encoding="utf-8")
    section = page.split("\n## Bugs that one test finds\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `\w+` \|.+$", section, re.MULTILINE)
    assert rows == [row_of(bug) for bug in TESTED]


def row_of(bug: TestedBug) -> str:
    """The row of a bug in the table of the test report."""
    return f"| `{bug.name}` | {bug.breaks} | `{bug.test.partition('::')[0].removeprefix('tests/')}` |"

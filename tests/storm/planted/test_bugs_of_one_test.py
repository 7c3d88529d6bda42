"""Each of these planted bugs fails the one test that is named with it; in the product itself that test passes."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.databases import GIVEN
from tests.storm.planted.bugs import ROOT, TestedBug, build, planted
from tests.storm.planted.bugs_in_outages import OUTAGES
from tests.storm.planted.bugs_in_persons import PERSONS
from tests.storm.planted.bugs_in_telling import TELLING
from tests.storm.planted.bugs_in_work import WORK

TESTED = (*PERSONS, *TELLING, *WORK, *OUTAGES)
# These also run in every ordinary run.
SAMPLES = ("saves_up_tokens",)
# Every twelfth runs in CI; `make storm` runs all.
CI_STEP = 12
BUGS = [
    pytest.param(bug, id=bug.name, marks=[pytest.mark.trial] if place % CI_STEP else [])
    for place, bug in enumerate(TESTED)
]
SECONDS = 300
NO_BROWSERS = ("-p", "no:tests.fixtures.browser")
"""No test of these looks at pages, and loading what drives browsers takes longer than most of them."""

Failed = Callable[[TestedBug], list[str]]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS + 30)]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product, in which one bug at a time is planted."""
    return build(tmp_path_factory.mktemp("tested"))


@pytest.fixture
def failed_tests(copy: Path, migrated_sqlite: Path) -> Failed:
    """Runs the test of a bug on a copy that has the bug. Returns the ids of the tests that failed."""
    return lambda bug: _failed_tests(copy, migrated_sqlite, bug)


def _failed_tests(copy: Path, migrated_sqlite: Path, bug: TestedBug) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--no-header",
        "-p",
        "no:cacheprovider",
        *NO_BROWSERS,
    ]
    inherited = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "")}
    # What a bug keeps from coming is not waited for long. A bug's test may be one of those that are left for CI.
    environment = inherited | {"CASHTICKET_PATIENCE": "15", "CI": "true"}
    environment[GIVEN] = str(migrated_sqlite)
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
def test_a_planted_bug_fails_its_test_in_every_run(failed_tests: Failed, name: str) -> None:
    bug = next(bug for bug in TESTED if bug.name == name)
    assert failed_tests(bug) == [bug.test], bug.breaks


@pytest.mark.sweep
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_fails_its_test(failed_tests: Failed, bug: TestedBug) -> None:
    assert failed_tests(bug) == [bug.test], bug.breaks


def test_no_bug_changes_the_schema_that_is_given_to_its_run() -> None:
    assert not [bug.name for bug in TESTED for edit in bug.edits if edit.path.startswith("migrations/")]


def test_the_page_lists_exactly_these_bugs() -> None:
    page = (ROOT / "docs" / "test-report.md").read_text(encoding="utf-8")
    section = page.split("\n## Bugs that one test finds\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `\w+` \|.+$", section, re.MULTILINE)
    assert rows == [row_of(bug) for bug in TESTED]


def row_of(bug: TestedBug) -> str:
    """The row of a bug in the table of the test report."""
    return f"| `{bug.name}` | {bug.breaks} | `{bug.test.partition('::')[0].removeprefix('tests/')}` |"

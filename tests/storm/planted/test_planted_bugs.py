"""The smoke run finds every planted bug and names the promise that it breaks, and finds nothing in the product
itself."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from lab.checkers import CHECKERS
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import emptied_mariadb
from tests.storm.planted.bugs import ROOT, Edit, PlantedBug, QuoteNotFound, build, planted
from tests.storm.planted.bugs_in_bidding import BIDS
from tests.storm.planted.bugs_in_recording import LEDGER
from tests.storm.planted.bugs_in_seats import SEATS

PLANTED = (*BIDS, *LEDGER, *SEATS)
# These also run in every ordinary run, on SQLite.
SAMPLES = ("late_end", "trims_before_commit")
# One for each promise runs in CI; `make storm` runs all.
OF_EACH_PROMISE = {bug.invariant: bug.name for bug in reversed(PLANTED)}.values()
BUGS = [
    pytest.param(bug, id=bug.name, marks=[] if bug.name in OF_EACH_PROMISE else [pytest.mark.trial]) for bug in PLANTED
]
SEEDS = range(1, 7)
SECONDS = 300

pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS + 30)]
Prove = Callable[..., dict[str, list[str]]]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the product, in which one bug at a time is planted. Python compiles it once for all of them."""
    return build(tmp_path_factory.mktemp("planted"))


@pytest.fixture
def prove(request: pytest.FixtureRequest, redis_server: RedisServer, copy: Path, tmp_path: Path) -> Prove:
    """Build the product with these edits and do the smoke run on a database of this kind.

    Returns the complaints by invariant, and other failures as `troubles`.
    """

    def run(
        database: str, seeds: Iterable[int], edits: tuple[Edit, ...] = (), *, new_schema: bool = False
    ) -> dict[str, list[str]]:
        with redis_server.client() as client:
            client.flushall()
        url = _database(request, database, tmp_path, new_schema=new_schema)
        command = [sys.executable, "-m", "tests.storm.proving.smoke_run", url, redis_server.url, str(tmp_path)]
        with planted(copy, edits):
            done = subprocess.run(
                [*command, *map(str, seeds)],
                cwd=copy,
                env={"PATH": os.environ.get("PATH", "")},
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
            )
        assert done.returncode == 0, done.stderr[-3_000:]
        result = json.loads(done.stdout.splitlines()[-1])
        complaints: dict[str, list[str]] = {"troubles": result["troubles"]}
        for invariant, who, sentence in result["broken"]:
            complaints.setdefault(invariant, []).append(f"{who}: {sentence}")
        return complaints

    return run


def _database(request: pytest.FixtureRequest, kind: str, folder: Path, *, new_schema: bool) -> str:
    """URL of an empty database; without tables when the build has its own schema."""
    if kind == "sqlite":
        if not new_schema:
            shutil.copy(request.getfixturevalue("migrated_sqlite"), folder / "course.db")
        return f"sqlite:///{folder / 'course.db'}"
    if new_schema:
        url: str = request.getfixturevalue("mariadb_server").create_database(f"planted_{uuid4().hex[:8]}")
        return url
    return emptied_mariadb(request)


def find(prove: Prove, bug: PlantedBug, database: str) -> None:
    result = prove(database, [1], bug.edits, new_schema=bug.changes_schema)
    broken = {name: sentences[:2] for name, sentences in result.items() if name != "troubles"}
    assert bug.invariant in broken, f"{bug.name}: {bug.breaks}; found {broken}, troubles {result['troubles']}"


@pytest.mark.parametrize("name", SAMPLES)
def test_a_planted_bug_is_found_on_sqlite_too(prove: Prove, name: str) -> None:
    find(prove, next(bug for bug in PLANTED if bug.name == name), "sqlite")


@pytest.mark.sweep
@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found_and_its_promise_named(prove: Prove, bug: PlantedBug) -> None:
    find(prove, bug, "mariadb")


def test_the_product_as_it_is_passes_the_course(prove: Prove) -> None:
    assert prove("sqlite", [1]) == {"troubles": []}


@pytest.mark.sweep
@pytest.mark.parametrize("database", ["sqlite", "mariadb"])
def test_the_product_as_it_is_passes_the_course_with_every_seed(prove: Prove, database: str) -> None:
    assert prove(database, SEEDS) == {"troubles": []}


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_the_line_of_a_planted_bug_is_there_once(bug: PlantedBug) -> None:
    for path, edits in _by_file(bug.edits):
        text = (ROOT / path).read_text(encoding="utf-8")
        changed = text
        for edit in edits:
            changed = edit.applied(changed)
        assert sum(a != b for a, b in zip(text.split("\n"), changed.split("\n"), strict=True)) == len(edits)


def _by_file(edits: tuple[Edit, ...]) -> Iterator[tuple[str, list[Edit]]]:
    for path in dict.fromkeys(edit.path for edit in edits):
        yield path, [edit for edit in edits if edit.path == path]


def test_a_line_that_has_moved_is_noticed() -> None:
    edit = Edit("some.py", "x = 1", "x = 2")
    assert edit.applied("def f():\n    x = 1\n") == "def f():\n    x = 2\n"
    for text in ("def f():\n    x = 3\n", "x = 1\nx = 1\n"):
        with pytest.raises(QuoteNotFound, match=r"some\.py"):
            edit.applied(text)


def test_there_are_enough_bugs_for_every_part_and_nearly_every_promise() -> None:
    assert len(PLANTED) >= 24
    assert len({bug.name for bug in PLANTED}) == len(PLANTED)
    assert {bug.invariant for bug in PLANTED} == CHECKERS.keys()


def test_the_page_lists_exactly_the_bugs_that_are_planted() -> None:
    page = (ROOT / "docs" / "test-report.md").read_text(encoding="utf-8")
    section = page.split("\n## Planted bugs\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `\w+` \|.+$", section, re.MULTILINE)
    assert rows == [f"| `{bug.name}` | {bug.breaks} | {bug.invariant} |" for bug in PLANTED]

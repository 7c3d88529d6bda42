"""A revision of the schema that has landed is never edited: installations have applied it as it was.

`landed_revisions.txt` has the name and the SHA-256 of each, and only grows. A new revision is added to it with the
dumps of its release in `tests/upgrades`, or before.
"""

import hashlib
from pathlib import Path

import pytest

from tests.house.source import ROOT

VERSIONS = ROOT / "migrations" / "versions"
LANDED = dict(
    text.split() for text in (Path(__file__).parent / "landed_revisions.txt").read_text("utf-8").splitlines() if text
)


def digest_of(name: str) -> str:
    return hashlib.sha256((VERSIONS / name).read_bytes()).hexdigest()


@pytest.mark.parametrize("name", LANDED)
def test_a_landed_revision_is_as_it_landed(name: str) -> None:
    assert (VERSIONS / name).exists(), f"{name} has landed: it stays, or installations cannot go up or down"
    assert digest_of(name) == LANDED[name], (
        f"{name} has landed and was edited. Undo that (git checkout main -- migrations/versions/{name}) and write what "
        "you need into a new revision: whoever applied this one will not apply it again."
    )


def test_every_revision_of_a_release_is_among_the_landed() -> None:
    released = max(dump.name.partition(".")[0] for dump in (ROOT / "tests" / "upgrades").glob("*.sql"))
    names = {path.name for path in VERSIONS.glob("*.py") if path.name.partition("_")[0] <= released}
    missing = [f"{name} {digest_of(name)}" for name in sorted(names - set(LANDED))]
    assert missing == [], f"add these lines to {Path(__file__).parent / 'landed_revisions.txt'}"


def test_the_landed_begin_at_the_first_and_leave_none_out() -> None:
    assert [name.partition("_")[0] for name in LANDED] == [f"{number:04}" for number in range(1, len(LANDED) + 1)]
    assert len(LANDED) >= 6

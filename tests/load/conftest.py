"""What several tests of the load lab start from."""

from pathlib import Path

import pytest

from lab.load import circumstances
from lab.load.report.readme import BEGINS, ENDS


@pytest.fixture(autouse=True)
def idle_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run does not look for two seconds at what else the machine does, before it begins and before each system; those
    of `test_real_run.py` look."""
    monkeypatch.setattr(circumstances, "other_work_cores", lambda: 0.0)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """The folder of the documents of a checkout in which nothing is published yet, with a README beside it."""
    return empty_docs(tmp_path)


def empty_docs(place: Path) -> Path:
    """Make such a folder in `place`."""
    folder = place / "checkout" / "docs"
    folder.mkdir(parents=True)
    (folder.parent / "README.md").write_text(f"# A project\n\n{BEGINS}\nold\n{ENDS}\n\nThe rest.\n", encoding="utf-8")
    return folder

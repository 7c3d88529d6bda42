"""Planted bugs: small, plausible mistakes in the product, each with a name and the promise that it breaks.

The product has no switch for them. A *build* is a copy of the source with the quoted lines replaced; where the product
keeps a promise twice, the second guard is removed too. A quoted line must exist exactly once, so the list cannot
outlive the code that it quotes.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("cashticket", "migrations")
JUDGES = ("tests", "lab")
SCHEMA = "migrations/versions/0001_the_first_tables.py"


class QuoteNotFound(AssertionError):
    """The quoted line does not exist exactly once: the code has changed, and the quote must follow it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """In the file `path`, the one line that reads `old` (without its indentation) becomes `new`."""

    path: str
    old: str
    new: str

    def applied(self, text: str) -> str:
        lines = text.split("\n")
        matches = [number for number, text_line in enumerate(lines) if text_line.strip() == self.old]
        if len(matches) != 1:
            raise QuoteNotFound(f"{self.path} has {len(matches)} lines that read {self.old!r}")
        text_line = lines[matches[0]]
        lines[matches[0]] = text_line[: len(text_line) - len(text_line.lstrip())] + self.new if self.new else ""
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class PlantedBug:
    """A bug. `breaks` says what goes wrong; the smoke run must find `invariant` of docs/invariants.md broken."""

    name: str
    breaks: str
    invariant: str
    edits: tuple[Edit, ...]

    @property
    def changes_schema(self) -> bool:
        """Whether its build needs a database with its own schema."""
        return any(edit.path == SCHEMA for edit in self.edits)


@dataclass(frozen=True, slots=True)
class TestedBug:
    """A bug of one line. `breaks` says what goes wrong; `test` is the id of the test that must fail."""

    name: str
    breaks: str
    test: str
    edits: tuple[Edit, ...]


def without_key(*lines: str) -> tuple[Edit, ...]:
    """Edits that remove these unique keys from the schema."""
    return tuple(Edit(SCHEMA, text_line, "") for text_line in lines)


def build(folder: Path, edits: tuple[Edit, ...] = ()) -> Path:
    """A runnable copy of the product in `folder` with the edits applied. Raises QuoteNotFound."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in JUDGES:
        (folder / name).symlink_to(ROOT / name)
    for edit in edits:
        _apply(edit, folder)
    return folder


@contextmanager
def planted(folder: Path, edits: tuple[Edit, ...]) -> Iterator[None]:
    """Apply these edits to a build, and take them back in the end. Raises QuoteNotFound."""
    before = {edit.path: (folder / edit.path).read_bytes() for edit in edits}
    try:
        for edit in edits:
            _apply(edit, folder)
        yield
    finally:
        for path, content in before.items():
            (folder / path).write_bytes(content)
            _forget_compiled(folder / path)


def _apply(edit: Edit, folder: Path) -> None:
    path = folder / edit.path
    path.write_text(edit.applied(path.read_text(encoding="utf-8")), encoding="utf-8")
    _forget_compiled(path)


def _forget_compiled(path: Path) -> None:
    # Python compares seconds and sizes, and two edits of one file may share both.
    for compiled in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        compiled.unlink()

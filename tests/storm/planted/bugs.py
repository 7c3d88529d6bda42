"""Planted bugs: small, plausible mistakes in the product, each known by name, with the promise that it breaks.

The product has no switch for them. A *build* is a copy of the source in which the named lines were replaced: nearly
always one; where the product keeps a promise twice, the guard behind the first is taken out with it. A line must be
found exactly once, so the list cannot outlive the code it is about.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
COPIED = ("cashticket", "migrations")
JUDGES = ("tests", "lab")
SCHEMA = "migrations/versions/0001_the_first_tables.py"


class QuoteNotFound(AssertionError):
    """The line to be replaced is not there exactly once: the code has moved, and the planted bug must move with it."""


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
    """A bug: `breaks` says in a few words what goes wrong, `invariant` is the promise of docs/invariants.md that the
    proving course must find broken."""

    name: str
    breaks: str
    invariant: str
    edits: tuple[Edit, ...]

    @property
    def changes_schema(self) -> bool:
        """Whether its build needs a database of its own kind."""
        return any(edit.path == SCHEMA for edit in self.edits)


def without_key(*lines: str) -> tuple[Edit, ...]:
    """The schema without these unique keys."""
    return tuple(Edit(SCHEMA, text_line, "") for text_line in lines)


def build(folder: Path, edits: tuple[Edit, ...] = ()) -> Path:
    """A copy of the product in `folder` with these lines replaced, ready to be run there. Raises Rotten."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in JUDGES:
        (folder / name).symlink_to(ROOT / name)
    for edit in edits:
        path = folder / edit.path
        path.write_text(edit.applied(path.read_text(encoding="utf-8")), encoding="utf-8")
    return folder

"""The ASVS chapter of the security page: every requirement has its row, and every test named there exists."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import NamedTuple

from tests.house.source import ROOT, parsed

REQUIREMENTS = Path(__file__).with_name("asvs.txt")
STATES = ("met", "partly", "not met", "n/a")
PROOF = re.compile(r"`([\w/]+)::(test_\w+)`")
TOTALS = re.compile(r"^\| \*\*all\*\* \| (\d+) \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$", re.MULTILINE)


class Row(NamedTuple):
    """One row: the number of the requirement, its level as written, its state, and what stands there as proof."""

    number: str
    level: int
    state: str
    proof: str

    @property
    def tests(self) -> list[tuple[str, str]]:
        """The tests named as proof: file below tests/ without `.py`, name of the test."""
        return PROOF.findall(self.proof)


@cache
def chapter() -> str:
    return (ROOT / "docs" / "security.md").read_text(encoding="utf-8").partition("\n## ASVS 5.0\n")[2]


@cache
def rows() -> tuple[Row, ...]:
    cells = (
        re.split(r"(?<!\\)\|", text_line) for text_line in chapter().splitlines() if re.match(r"\| \d+\.\d", text_line)
    )
    return tuple(_row([cell.strip() for cell in row[1:-1]]) for row in cells)


def _row(cells: list[str]) -> Row:
    number, state, _, proof = cells
    return Row(number.rstrip(" ¹"), 1 if number.endswith("¹") else 2, state, proof)


def required() -> dict[str, int]:
    text_lines = REQUIREMENTS.read_text(encoding="utf-8").splitlines()
    pairs = (text_line.split() for text_line in text_lines if not text_line.startswith("#"))
    return {number: int(level) for number, level in pairs}


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests in a file below tests/."""
    tree = parsed((ROOT / "tests" / f"{path}.py").read_text(encoding="utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_requirement_of_level_1_and_2_has_one_row() -> None:
    assert {row.number: row.level for row in rows()} == required()
    assert len(rows()) == len(required())


def test_every_row_says_its_state_and_why() -> None:
    for row in rows():
        assert row.state in STATES, row
        assert row.proof or row.state == "n/a", f"{row.number} gives neither test nor reason"


def test_every_test_that_is_named_exists() -> None:
    missing = [(row.number, *proof) for row in rows() for proof in row.tests if proof[1] not in names_in(proof[0])]
    assert not missing


def test_level_1_is_complete() -> None:
    assert not [row for row in rows() if row.level == 1 and row.state not in ("met", "n/a")]


def test_the_totals_are_those_of_the_rows() -> None:
    states = Counter(row.state for row in rows())
    proven = sum(1 for row in rows() if row.state == "met" and row.tests)
    match = TOTALS.search(chapter())
    assert match is not None
    applying = len(rows()) - states["n/a"]
    assert [int(number) for number in match.groups()] == [
        applying, states["met"], proven, states["partly"], states["not met"]
    ]  # fmt: skip


def test_enough_is_met_and_proven() -> None:
    met = [row for row in rows() if row.state == "met"]
    assert len(met) >= 165
    assert len([row for row in met if row.tests]) >= 140

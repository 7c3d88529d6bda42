"""docs/privacy.md names every column of the schema, once, with why and how long it is kept and what removes it."""

import re
from collections import Counter

import pytest

from cashticket.accounts import erasing
from cashticket.extensions import db
from cashticket.work.forgetting import RULES
from tests.house.source import ROOT

NAME = re.compile(r"`(\w+)`")
CLASSES = ("secret", "identifying", "linked", "none")


def rows() -> list[list[str]]:
    """The cells of each row of the table of columns."""
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    part = page.partition("## Every column")[2].partition("\n## ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines() if line.startswith("| `")
    ]
    assert len(cells) > 20
    return cells


def described() -> dict[str, list[str]]:
    """table.column → the other cells of its row."""
    return {
        f"{table.strip('`')}.{column}": rest for table, columns, *rest in rows() for column in NAME.findall(columns)
    }


def schema() -> set[str]:
    return {f"{name}.{column.name}" for name, table in db.metadata.tables.items() for column in table.columns}


def test_every_column_of_the_schema_is_described() -> None:
    missing = sorted(schema() - described().keys())
    assert not missing, (
        f"add these to the table in docs/privacy.md: class, why, how long, who reads, what removes: {missing}"
    )


def test_no_column_is_described_twice() -> None:
    names = [f"{table}.{column}" for table, columns, *_ in rows() for column in NAME.findall(columns)]
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_every_row_is_whole() -> None:
    for cells in rows():
        assert len(cells) == 7 and all(cells), cells
        assert cells[2] in CLASSES, cells


@pytest.mark.parametrize("kind", ["identifying", "secret"])
def test_what_identifies_is_removed_by_closing(kind: str) -> None:
    """Keys of aliases belong to concerts and to no person; free text about acts is blanked."""
    for column, (own_kind, *_, removed) in described().items():
        if own_kind == kind and not column.endswith(".alias_salt"):
            assert "closing" in removed or "confirmation" in removed, column


def test_what_the_page_says_of_ages_is_what_the_command_does() -> None:
    forgotten = {rule.id_column.class_.__tablename__ for rule in RULES}
    said = {column.partition(".")[0] for column, cells in described().items() if "`ops forget`" in cells[-1]}
    assert said == forgotten


def test_tables_that_closing_keeps_are_marked_as_record() -> None:
    for name in erasing.RECORD_TABLES:
        assert any(cells[-3] == "record" for column, cells in described().items() if column.startswith(f"{name}."))

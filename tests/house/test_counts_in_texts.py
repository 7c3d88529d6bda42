"""Ranks, seats and places in line have their thousands apart in every text of the pages, as all other counts have."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "cashticket"
COUNT = re.compile(r"(?<![\w-])(?:rank|seats|position)=(?!\")([^,)\n]*\)?)")


def texts() -> list[Path]:
    return sorted([*ROOT.glob("templates/**/*.html"), *ROOT.glob("blueprints/wording/*.py")])


def plain_counts(text: str) -> list[str]:
    """Counts that are put into a text as they are."""
    return [value for value in COUNT.findall(text) if "grouped" not in value]


@pytest.mark.parametrize("path", texts(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_count_in_a_text_has_its_thousands_apart(path: Path) -> None:
    assert plain_counts(path.read_text(encoding="utf-8")) == []


def test_a_plain_count_is_seen() -> None:
    text = "{{ _('%(seats)s win', seats=terms.seats) }} {{ _('%(rank)s', rank=rank|grouped) }}"
    assert plain_counts(text) == ["terms.seats)"]

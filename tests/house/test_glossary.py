"""The glossary: every term once, every Korean word once, and a meaning for each."""

import re
from collections import Counter

from tests.house.source import ROOT

PAGE = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")


def rows() -> list[tuple[str, str, str]]:
    """Term, Korean word and meaning of every row."""
    cells = re.findall(r"^\| (?!term )(.+?) \| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    return [(term, korean, meaning) for term, korean, meaning in cells if not term.startswith("---")]


def test_every_term_stands_in_the_glossary_once() -> None:
    counts = Counter(term.lower() for term, _, _ in rows())
    assert len(counts) > 80
    assert not [term for term, count in counts.items() if count > 1]


def test_no_korean_word_stands_for_two_terms() -> None:
    counts = Counter(korean for _, korean, _ in rows())
    assert not [korean for korean, count in counts.items() if count > 1]


def test_every_term_has_a_korean_word_and_a_meaning() -> None:
    assert not [term for term, korean, meaning in rows() if not re.search("[가-힣]", korean) or len(meaning) < 10]

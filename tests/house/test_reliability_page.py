"""docs/reliability.md: every invariant that the check can name is on the page, and every proof named there exists."""

import re

from tests.house.source import ROOT, product_modules

PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROOF = re.compile(r"`((?:tests/)?[\w/]+\.py)(?:::(test_\w+))?`")


def test_every_proof_that_is_named_exists() -> None:
    named = PROOF.findall(PAGE)
    assert len(named) > 40
    for path, test in named:
        file = ROOT / path
        assert file.is_file(), path
        assert not test or f"def {test}(" in file.read_text(encoding="utf-8"), f"{path}::{test}"


def test_every_invariant_that_a_check_names_is_explained() -> None:
    told = set(re.findall(r"^\| (I\d+) \|", PAGE, re.MULTILINE))
    checking = [source.text for source in product_modules() if "/work/check/" in source.path]
    named = {name for text in checking for name in re.findall(r'"(I\d+)"', text)}
    assert named and named <= told
    assert told == {f"I{number}" for number in range(1, 16)}


def test_every_pitfall_has_its_row_once() -> None:
    rows = re.findall(r"^\| (P\d+) \|", PAGE, re.MULTILINE)
    assert rows == [f"P{number}" for number in range(1, 33)]

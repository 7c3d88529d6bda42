"""The reliability pages: every invariant that the check can name is listed, and every proof named there exists."""

import re

from tests.house.source import ROOT, product_modules
from tests.storm.crash import test_crash_points

INVARIANTS = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
REPORT = (ROOT / "docs" / "test-report.md").read_text(encoding="utf-8")
PROOF = re.compile(r"`((?:tests|lab)/[\w/]+\.py)(?:::(test_\w+))?`")


def test_every_proof_that_is_named_exists() -> None:
    proofs = PROOF.findall(INVARIANTS) + PROOF.findall(REPORT)
    assert len(proofs) > 40
    for path, test in proofs:
        file = ROOT / path
        assert file.is_file(), path
        assert not test or f"def {test}(" in file.read_text(encoding="utf-8"), f"{path}::{test}"


def test_every_invariant_that_a_check_names_is_explained() -> None:
    explained = set(re.findall(r"^\| (I\d+) \|", INVARIANTS, re.MULTILINE))
    checks = [source.text for source in product_modules() if "/work/check/" in source.path]
    named = {name for text in checks for name in re.findall(r'"(I\d+)"', text)}
    assert named and named <= explained
    assert explained == {f"I{number}" for number in range(1, 17)}


def test_every_pitfall_has_its_row_once() -> None:
    rows = re.findall(r"^\| (P\d+) \|", INVARIANTS, re.MULTILINE)
    assert rows == [f"P{number}" for number in range(1, 34)]


def test_the_report_says_how_many_crash_points_there_are() -> None:
    marks = [mark for test in vars(test_crash_points).values() for mark in getattr(test, "pytestmark", [])]
    cases = [case for mark in marks if mark.name == "parametrize" for case in mark.args[1]]
    in_ci = sum(not case.marks for case in cases)
    assert in_ci > 300 and f"| {len(cases)} points on both databases; in CI {in_ci}: " in REPORT

"""Planted bugs quote lines of the product, each of which must exist exactly once, and name tests, which must exist."""

import re
from collections import defaultdict

import pytest

from tests.house.source import ROOT
from tests.storm.planted.bugs import PlantedBug, TestedBug
from tests.storm.planted.bugs_in_bidding import BIDS
from tests.storm.planted.bugs_in_outages import OUTAGES
from tests.storm.planted.bugs_in_persons import PERSONS
from tests.storm.planted.bugs_in_recording import LEDGER
from tests.storm.planted.bugs_in_seats import SEATS
from tests.storm.planted.bugs_in_telling import TELLING
from tests.storm.planted.bugs_in_work import WORK

TESTED = (*PERSONS, *TELLING, *WORK, *OUTAGES)
PLANTED = (*BIDS, *LEDGER, *SEATS, *TESTED)


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_the_lines_of_a_planted_bug_are_in_the_product_once(bug: PlantedBug | TestedBug) -> None:
    texts: dict[str, str] = defaultdict(str)
    for edit in bug.edits:
        text = texts[edit.path] or (ROOT / edit.path).read_text(encoding="utf-8")
        texts[edit.path] = edit.applied(text)


@pytest.mark.parametrize("bug", TESTED, ids=lambda bug: bug.name)
def test_the_test_of_a_planted_bug_exists(bug: TestedBug) -> None:
    path, _, name = bug.test.partition("[")[0].partition("::")
    assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE)

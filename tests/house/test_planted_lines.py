"""Planted bugs quote lines of the product; each quoted line must exist exactly once."""

from collections import defaultdict

import pytest

from tests.house.source import ROOT
from tests.storm.planted.bugs import PlantedBug
from tests.storm.planted.bugs_in_bidding import BIDS
from tests.storm.planted.bugs_in_recording import LEDGER
from tests.storm.planted.bugs_in_seats import SEATS

PLANTED = (*BIDS, *LEDGER, *SEATS)


@pytest.mark.parametrize("bug", PLANTED, ids=lambda bug: bug.name)
def test_the_lines_of_a_planted_bug_are_in_the_product_once(bug: PlantedBug) -> None:
    texts: dict[str, str] = defaultdict(str)
    for edit in bug.edits:
        text = texts[edit.path] or (ROOT / edit.path).read_text(encoding="utf-8")
        texts[edit.path] = edit.applied(text)

"""The end of a large auction in the load lab: its figures, what is demanded of them, and a small real run."""

from dataclasses import replace
from typing import Any

import pytest

from lab.load.hammer import SHARES, late_bids
from lab.load.hammer_figures import Demand, HammerFigures, demands, hammer_figures
from lab.load.hammer_guests import amount_of
from lab.load.raw import Answer

ENDS_MS = 1_700_000_010_000
FACTS: dict[str, Any] = {"ends_at_ms": ENDS_MS, "settled_ms": ENDS_MS + 4_000, "first_sent_ms": ENDS_MS - 10_000}
FACTS |= {"bidders": 150_000, "seats": 2_000, "bid_rate": 600, "reads": 1_000, "check_seconds": 30.0}
FACTS |= {"outcome_cpu": {"answered": 1_000, "seconds": {"web": 1.1, "nginx": 0.3}}}
GOOD = HammerFigures(150_000, 2_000, 600, 1_000, 3.0, 33.0, 10, 0, 1_000.0, 400.0, 0, 9.0, 100.0, 50.0, 0, 1.1, 30.0)


def answer(at_s: float, kind: str, *, status: int = 200, waited_ms: float = 5.0, row: int = 0) -> Answer:
    """Sent so many seconds after the end."""
    sent = ENDS_MS + round(1000 * at_s)
    return Answer(sent, sent + round(waited_ms), row, status, waited_ms, "", kind)


ANSWERS = [
    answer(-10, "other.bid", status=201, waited_ms=999.0),
    *(answer(at, "other.bid", status=201, waited_ms=8.0) for at in range(-8, 0)),
    *(answer(at, "other.bid", status=201, waited_ms=90.0) for at in range(4)),
    *(answer(at, "other.bid", status=201, waited_ms=20.0) for at in range(4, 14)),
    answer(1, "read.first_page", status=302),
    answer(1.5, "read.outcome"),
    answer(2.0, "read.other_page", status=503),
    answer(3.0, "read.first_page", waited_ms=500.0),
    *(answer(3.5 + at, "read.first_page", waited_ms=7.0) for at in range(10)),
    answer(13.5, "read.outcome", status=500, waited_ms=70.0),
]


@pytest.mark.parametrize("shift_ms", [0, ENDS_MS - 10_000])
def test_reads_count_from_the_first_result_on_and_bids_by_what_happens_meanwhile(shift_ms: int) -> None:
    """With times as k6 wrote them, and as they are published: from the first request on."""
    answers = [
        replace(each, sent_ms=each.sent_ms - shift_ms, answered_ms=each.answered_ms - shift_ms) for each in ANSWERS
    ]
    figures = hammer_figures(FACTS, answers)
    assert (figures.first_result_s, figures.settled_s) == (3.5, 4.0)
    assert (figures.early, figures.early_errors, figures.read_errors) == (4, 1, 1)
    assert figures.reads_per_second == pytest.approx(1.0)
    assert figures.reads_p99_ms == 70.0
    assert (figures.quiet_p99_ms, figures.settling_p99_ms, figures.reading_p99_ms) == (8.0, 90.0, 20.0)
    assert figures.outcome_cpu_ms == pytest.approx(1.1)


def test_a_run_of_the_demanded_size_can_meet_every_demand() -> None:
    assert {each.met for each in demands(GOOD)} == {True, None}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"bidders": 149_999}, "size"),
        ({"bid_rate": 599}, "size"),
        ({"settled_s": 60.1}, "settled after the end"),
        ({"reads_per_second": 979.0}, "reads of the result"),
        ({"reads_p99_ms": 500.1}, "reads of the result"),
        ({"outcome_cpu_ms": 1.21}, "processor time of reading the own outcome"),
        ({"reading_p99_ms": 60.1}, "p99 of bids in the other auction while the result is read"),
        ({"read_errors": 1}, "errors"),
        ({"early_errors": 1}, "errors"),
        ({"bid_errors": 1}, "errors"),
        ({"check_s": 60.1}, "whole check of the auction"),
    ],
)
def test_each_demand_that_is_missed_is_named(changes: dict[str, Any], name: str) -> None:
    missed = [each.name for each in demands(replace(GOOD, **changes)) if each.met is False]
    assert missed == [name]


def test_bids_may_wait_half_as_long_again_as_when_all_is_quiet() -> None:
    slow = replace(GOOD, quiet_p99_ms=100.0, reading_p99_ms=149.0)
    assert _of(slow, "p99 of bids").met
    assert not _of(replace(slow, reading_p99_ms=151.0), "p99 of bids").met


def _of(figures: HammerFigures, name: str) -> Demand:
    return next(each for each in demands(figures) if each.name.startswith(name))


def test_a_bid_that_was_sent_after_the_end_and_accepted_is_a_broken_promise() -> None:
    answers = [
        answer(-0.001, "large.bid", status=201, row=1),
        answer(0.2, "large.bid", status=422, row=2),
        answer(0.2, "large.bid", status=201, row=3),
        answer(0.2, "other.bid", status=201, row=4),
    ]
    assert late_bids(answers, ENDS_MS) == ["bid 3 was accepted after the end"]


def test_everybody_bids_higher_with_each_chance() -> None:
    people = 50
    assert all(amount_of(row + people, people) > amount_of(row, people) for row in range(2 * people))


def test_the_shares_of_reads_are_all_of_them() -> None:
    assert sum(SHARES.values()) == pytest.approx(1.0)

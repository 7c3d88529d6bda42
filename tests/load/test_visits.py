"""Scenarios of visits: how a rate becomes people, and how each kind of visit is judged by itself."""

from dataclasses import replace
from pathlib import Path

import pytest

from lab.load import raw
from lab.load.bids import STRIDE, Bidding
from lab.load.crowd import MINIMUM, STEP, Offer
from lab.load.figures import SystemFigures, figures_of, turn_figures
from lab.load.journeys import Visits, browsing, mixed
from lab.load.raw import Answer, RawSystem, RawTurn
from lab.load.report import summary, write
from lab.load.scenarios import SCENARIOS
from lab.load.systems import ARCHITECTURE, ROW_LOCK
from tests.load.test_report import Tables

FACTS = {"rate": 1_000, "seconds": 10, "ledger_bids": 1, "recorded_after_s": 0.0, "backlog": [], "violations": []}
FACTS |= {"client": {"cpu_seconds": 1.0, "seconds": 10.0, "cores": 1}, "cpu_seconds": {"web": 5.0}}
FACTS |= {"bid_rate": 1.0, "cost_units": 10_000}


def answer(kind: str, waited_ms: float, *, row: int = 0, status: int = 200) -> Answer:
    return Answer(1_000, 1_010, row, status, waited_ms, "", kind)


def turn(*answers: Answer, **changes: object) -> RawTurn:
    return RawTurn(FACTS | changes, {"metrics": {}}, list(answers))


MANY = [answer("watch.frame", 20.0, row=9_000)]


def test_of_a_thousand_people_most_watch_some_look_around_and_one_a_second_bids() -> None:
    assert mixed(1_000) == Visits(watchers=900, pages=16.0, bids=1.0)


def test_watchers_ask_every_two_seconds_or_hold_a_socket() -> None:
    polling, pushed = mixed(1_000).plan(pushes=False), mixed(1_000).plan(pushes=True)
    assert (polling["polls"], polling["sockets"], polling["ramp"]) == (450 * 60, 0, 0)
    assert (pushed["polls"], pushed["sockets"], pushed["ramp"]) == (0, 900, 9)
    for plan in (polling, pushed):
        assert (plan["pages"], plan["bids"]) == (16 * 60, 60)


def test_a_client_may_wait_for_what_arrives_in_three_quarters_of_a_second() -> None:
    assert browsing(400).plan(pushes=True)["clients"]["pages"] == 300


def test_what_is_rare_comes_at_least_once_a_minute() -> None:
    assert mixed(10).plan(pushes=False)["bids"] == 1


def test_answers_keep_their_kind_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "answers.tsv"
    path.write_text("1\t2\tbid.bid:3\t201\t1.5\tabc {}\n1\t2\twatch.frame:40\t200\t7.0\t\n1\t2\t5\t201\t1.0\t{}\n")
    bid, frame, plain = raw.read_answers(path)
    assert (bid.kind, bid.row, bid.journey, bid.is_bid, bid.cell) == ("bid.bid", 3, "bid", True, "bid.bid:3")
    assert (frame.count, frame.is_bid, frame.cell) == (40, False, "watch.frame:40")
    assert (plain.kind, plain.row, plain.cell) == ("bid", 5, "5")


@pytest.mark.parametrize(
    ("kind", "status", "is_error"),
    [
        ("browse.home", 200, False),
        ("bid.sign-in", 303, False),
        ("watch.socket", 101, False),
        ("bid.bid", 422, False),
        ("bid.sign-in", 422, True),
        ("browse.home", 999, True),
        ("bid.bid", 303, True),
        ("watch.socket", 0, True),
        ("bid.review", 429, True),
    ],
)
def test_a_page_is_an_error_unless_it_is_what_was_due(kind: str, status: int, is_error: bool) -> None:
    assert answer(kind, 1.0, status=status).is_error is is_error


def test_a_slow_sign_in_chokes_a_rate_however_many_watch_in_peace() -> None:
    figures = turn_figures(turn(*MANY, answer("bid.sign-in", 700.0, status=303)))
    assert figures.choked == ["p95 700 ms"]
    assert turn_figures(turn(*MANY)).choked == []


def test_errors_of_few_bidders_choke_a_rate_however_many_watch_in_peace() -> None:
    bids = [answer("bid.bid", 5.0, status=201)] * 90 + [answer("bid.bid", 5.0, status=503)]
    assert turn_figures(turn(*MANY, *bids)).choked == ["errors 1.1%"]


def test_a_frame_counts_as_often_as_it_came_and_is_no_request() -> None:
    figures = turn_figures(turn(answer("watch.frame", 10.0, row=96), answer("watch.frame", 900.0, row=4)))
    (watch,) = figures.journeys
    assert (watch.count, watch.p95_ms, watch.longest_ms, watch.mean_ms) == (100, 10.0, 900.0, 45.6)
    assert figures.answered == 0


def test_a_backlog_is_measured_by_the_bids_that_come_and_not_by_the_people() -> None:
    rising = [[float(second), second * 2] for second in range(11)]
    assert turn_figures(turn(*MANY, backlog=rising)).choked == ["rising backlog"]
    assert turn_figures(turn(*MANY, backlog=rising, bid_rate=None)).choked == []


def test_processor_time_is_told_per_person_and_second() -> None:
    assert turn_figures(turn(*MANY)).cpu_ms == {"web": 0.5}


def test_bids_that_are_spread_differ_and_a_further_chance_is_above_the_one_before() -> None:
    bidding, people = Bidding(Offer(seats=2_000), spread=4_000), 1_000
    amounts = [bidding.amount(row, people) for row in range(3 * people)]
    assert len(set(amounts)) == len(amounts)
    assert all(MINIMUM <= amount <= MINIMUM + STEP * 12_000 for amount in amounts)
    assert all(amounts[row] < amounts[row + people] for row in range(2 * people))
    assert people < STRIDE and Bidding(Offer()).amount(7, people) == MINIMUM + 7 * STEP


def test_bids_in_many_auctions_are_made_by_as_many_people_in_each() -> None:
    assert [Bidding(Offer(), auctions=50).people(bids) for bids in (1, 125, 150, 151, 30_000)] == [
        50,
        50,
        50,
        100,
        10_000,
    ]
    assert [Bidding(Offer()).people(bids) for bids in (1, 125, 126)] == [1, 42, 42]


def measured(name: str, scenario: str) -> SystemFigures:
    system = {"row-lock": ROW_LOCK, "architecture": ARCHITECTURE}[name]
    facts = {"title": system.title, "parts": system.parts, "drains": system.drains, "scenario": scenario}
    held = turn(*MANY, answer("browse.home", 40.0), answer("bid.bid", 60.0, status=201))
    slow = turn(*MANY, answer("bid.bid", 600.0, status=201), rate=2_000)
    return figures_of(RawSystem(name, facts, [held, slow]))


RUN = {"scenario": "mixed", "settings": {"seconds": 10, "precision": 0.2}, "commit": "0", "began_at": "now"}
RUN |= {"machine": {"cores": 2, "memory_gib": 4, "system": "Linux"}, "versions": {}}


def test_a_report_of_visits_speaks_of_people_and_shows_each_kind(tmp_path: Path) -> None:
    systems = [measured("row-lock", "mixed"), measured("architecture", "mixed")]
    page = Tables(write(tmp_path, RUN, systems).read_text())
    assert "this architecture holds 1,000 people at once here: 1.0 × the rate" in page.text
    assert "동시에 1,000명을 감당합니다" in page.text
    assert "How it was measured" in page.text and "Each kind of visit is judged" in page.text
    assert "Processor time per person and second" in page.text and "bids a second" not in page.text
    assert page.tables[0][1][1:3] == ["1,000 people", "2,000 people"]
    assert page.tables[0][1][4:8] == ["60 ms"] * 4
    rows = page.tables[3][1:]
    assert [row[:3] for row in rows] == [
        ["1,000 people", "bid", "1"],
        ["1,000 people", "browse", "1"],
        ["1,000 people", "watch", "9,000"],
        ["2,000 people", "bid", "1"],
        ["2,000 people", "watch", "9,000"],
        ["1,000 people", "bid.bid", "1"],
        ["1,000 people", "browse.home", "1"],
        ["1,000 people", "watch.frame", "9,000"],
    ]
    assert summary(RUN, systems)["systems"][0]["held"] == 1_000


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=lambda each: each.name)
def test_each_scenario_says_where_its_search_begins(scenario) -> None:  # type: ignore[no-untyped-def]
    for system in (ROW_LOCK, ARCHITECTURE):
        assert scenario.first_rate(system) >= 10
    assert replace(scenario, first_rates={}).first_rate(ROW_LOCK) == ROW_LOCK.first_rate
    assert "{rate}" in scenario.korean_rate

"""The scenario of watchers: every watcher has to see every bid, in order and in time."""

from dataclasses import replace

from lab.load import kinds, raw
from lab.load.figures import TurnFigures, figures_of, turn_figures
from lab.load.news import LATE_MS, news_of
from lab.load.raw import Answer, RawTurn
from lab.load.report import tables
from lab.load.watchers import TAIL_SECONDS, plan_of

CHANGES = [(101_000, 1_000), (102_000, 1_500), (103_000, 2_000)]
FACTS = {"rate": 4, "seconds": 10, "ledger_bids": 3, "recorded_after_s": 0.0, "backlog": [], "violations": []}
FACTS |= {"client": {"cpu_seconds": 1.0, "seconds": 10.0, "cores": 1}, "cpu_seconds": {"web": 5.0}}
FACTS |= {"bid_rate": 2.0, "cost_units": 40, "watchers": 4, "counts_frames": True, "changes": CHANGES}


def sight(before: int, after: int, moment: int, count: int) -> Answer:
    return Answer(moment, moment, count, 200, 0.0, f"{before} {after} {moment}", kinds.SEEN)


def turn(*answers: Answer) -> TurnFigures:
    page = Answer(1_000, 1_010, 0, 200, 5.0, "", "watch.board")
    return turn_figures(RawTurn(FACTS, {"metrics": {}}, [page, *answers]))


ALL_IN_TIME = [sight(100_000, 101_000, 1_200, 4), sight(101_000, 103_000, 2_100, 4)]
RAW = RawTurn(FACTS, {"metrics": {}}, [Answer(1_000, 1_010, 0, 200, 5.0, "", "watch.board"), *ALL_IN_TIME])


def test_news_is_as_old_as_the_bid_and_one_board_may_bring_several() -> None:
    ages = {each.waited_ms: each.count for each in news_of(ALL_IN_TIME, CHANGES, 4)}
    assert ages == {200.0: 4, 600.0: 4, 100.0: 4}


def test_the_first_board_of_a_watcher_who_comes_late_brings_what_stands_already() -> None:
    late = [sight(0, 102_000, 2_000, 1), sight(102_000, 103_000, 2_050, 1)]
    assert {each.waited_ms for each in news_of(late, CHANGES, 1)} == {1_000.0, 500.0, 50.0}


def test_when_everybody_sees_everything_in_time_nothing_is_an_error() -> None:
    figures = turn(*ALL_IN_TIME)
    assert (figures.errors, figures.choked) == ({}, [])
    assert {each.name: each.count for each in figures.steps} == {"news.seen": 12, "watch.board": 1}


def test_a_bid_that_a_watcher_never_sees_is_an_error_and_chokes_the_rate() -> None:
    figures = turn(sight(100_000, 101_000, 1_200, 4), sight(101_000, 103_000, 2_100, 3))
    assert (figures.errors, figures.choked) == ({kinds.MISSING: 2}, ["errors 16.7%"])


def test_a_bid_that_a_watcher_sees_late_is_an_error_and_chokes_the_rate() -> None:
    moment = 2_000 + LATE_MS
    figures = turn(
        sight(100_000, 102_000, 1_700, 4), sight(102_000, 103_000, moment, 3), sight(102_000, 103_000, moment + 10, 1)
    )
    assert (figures.errors, figures.choked) == ({kinds.LATE: 1}, ["errors 8.3%"])


def test_a_board_older_than_the_one_before_it_is_an_error() -> None:
    figures = turn(*ALL_IN_TIME, Answer(2_200, 2_200, 0, 996, 0.0, "", kinds.OUT_OF_ORDER))
    assert (figures.errors, figures.choked) == ({996: 1}, ["errors 50.0%"])


def test_whoever_asks_every_two_seconds_is_judged_by_the_wait_for_the_answer_alone() -> None:
    """What such a person sees is up to two seconds older; a table says so, and no rate chokes on it."""
    figures = turn(sight(100_000, 103_000, 3_100, 4))
    assert (figures.choked, figures.p95_ms) == ([], 5.0)
    assert next(each for each in figures.journeys if each.name == "news").p95_ms == 2_100.0


def test_the_few_bids_that_move_the_board_choke_no_rate_unless_they_fail() -> None:
    slow, failed = (Answer(1_000, 1_010, 0, status, 900.0, "", "move.bid") for status in (201, 503))
    assert turn(*ALL_IN_TIME, slow).choked == []
    assert turn(*ALL_IN_TIME, failed).choked == ["errors 100.0%"]


def test_the_table_of_knees_says_how_old_news_is() -> None:
    system = figures_of(raw.RawSystem("row-lock", {"scenario": "watchers", "title": "A"}, [RAW]))
    assert tables.knees([system])[1][0][-1] == "news: p50 200 ms, p95 600 ms"


def test_errors_of_news_have_names_in_the_report() -> None:
    figures = figures_of(raw.RawSystem("row-lock", {"scenario": "watchers"}, []))
    missed = replace(figures, turns=[turn(sight(100_000, 102_000, 1_200, 4))])
    assert ("4 watchers", "news", "12", "4 × missing") in [row[:4] for row in tables.visits(missed)[1]]


def test_watchers_come_before_the_bids_and_stay_longer_than_news_may_take() -> None:
    assert TAIL_SECONDS * 1_000 > LATE_MS
    assert plan_of(1_000, pushes=True)["ramp"] == 10
    asking = plan_of(1_000, pushes=False)
    assert asking["ramp"] * 1_000 > asking["poll_ms"]

"""Figures about sockets are judged correctly: a measurement that overlooks a fault is worth nothing."""

from typing import Any

from lab import live_figures

ALICE, BOB, CAROL = 1, 2, 3
# Sequence and seconds of two accepted bids, and what was published of them: BOB is to be told of the second.
BIDS: dict[str, Any] = {"accepted": [[1, 10.0], [2, 10.1]], "news": [[5, 1, 0, 0], [6, 2, BOB, 1]]}


def reader_results(**what: Any) -> list[dict[str, Any]]:
    """What one process of readers saw."""
    return [{"boards": [], "spread": [], "alerts": [], "last_boards": {}, **what}]


def verdict(*alerts: list[float]) -> tuple[int, ...]:
    judged = live_figures.alerts(reader_results(alerts=list(alerts)), BIDS, {ALICE, BOB})
    return tuple(judged[each] for each in ("due", "missing", "doubled", "unexpected"))


def test_an_alert_is_due_once_to_whom_it_concerns() -> None:
    assert verdict([BOB, 2, 10.2]) == (1, 0, 0, 0)
    assert verdict() == (1, 1, 0, 0)
    assert verdict([BOB, 2, 10.2], [BOB, 2, 10.3]) == (1, 0, 1, 0)
    assert verdict([BOB, 2, 10.2], [ALICE, 2, 10.2]) == (1, 0, 0, 1)


def test_nobody_waits_for_alerts_of_people_who_are_not_there() -> None:
    assert live_figures.alerts(reader_results(), BIDS, {CAROL})["due"] == 0


def test_a_board_that_shows_two_bids_ends_the_wait_for_both_at_every_socket() -> None:
    answered = live_figures.moments(BIDS)
    assert answered == {5: 10_000.0, 6: 10_100.0}
    every, newest = live_figures.board_waits(
        reader_results(boards=[[4, 6, [[10_200, 3]]], [0, 6, [[10_900, 1]]]]), answered
    )
    assert every == {"p50": 100, "p99": 200, "most": 200}
    assert newest == {"p50": 100, "p99": 100, "most": 100}


def test_a_fan_out_counts_only_when_it_reached_every_socket_of_all_processes() -> None:
    two = reader_results(spread=[[5, 1.0, 1.2, 2], [6, 2.0, 2.1, 1]]) + reader_results(
        spread=[[5, 0.9, 1.1, 1], [6, 2.0, 2.2, 1]]
    )
    assert [round(each) for each in live_figures.fan_outs(two, 3, [5, 6])] == [300]


def test_who_has_not_seen_the_last_version_is_behind() -> None:
    assert live_figures.behind(reader_results(last_boards={"6": 7, "5": 2}), 6) == 2


def test_percentiles_are_of_counts() -> None:
    assert live_figures.percentiles({10: 98, 50: 1, 900: 1}) == {"p50": 10, "p99": 50, "most": 900}


def run(ratio: float | None, *, wrong: bool = False) -> dict[str, Any]:
    return {"fan_out_ratio": ratio, "wrong": wrong}


def test_of_several_runs_the_one_with_the_median_ratio_is_reported_with_all_ratios() -> None:
    reported = live_figures.median_run([run(1.4), run(0.9), run(1.1), run(2.0), run(1.0)])
    assert reported["fan_out_ratio"] == 1.1
    assert reported["fan_out_ratios"] == [0.9, 1.0, 1.1, 1.4, 2.0]


def test_one_wrong_run_spoils_all() -> None:
    assert live_figures.median_run([run(1.0), run(1.2, wrong=True), run(1.1)])["wrong"]
    assert live_figures.median_run([run(1.0), run(None), run(1.1)])["fan_out_ratio"] is None

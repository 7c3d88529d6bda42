"""The rule of the knee: when a rate counts as held, and which rate is tried next."""

from dataclasses import replace

import pytest

from lab.load.knee import Knee, Turn, is_rising, knee_of, next_rate, reasons_choked, reasons_client_bound

CALM = Turn(rate=100, seconds=60, p95_ms=80, error_share=0.0)


def choked(rate: int, **changes: float) -> Turn:
    return replace(CALM, rate=rate, p95_ms=501, **changes)


def held(rate: int, **changes: float) -> Turn:
    return replace(CALM, rate=rate, **changes)


@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, []),
        ({"p95_ms": 500}, []),
        ({"p95_ms": 500.1}, ["p95 500 ms"]),
        ({"error_share": 0.01}, []),
        ({"error_share": 0.011}, ["errors 1.1%"]),
        ({"p95_ms": 900, "error_share": 0.5}, ["p95 900 ms", "errors 50.0%"]),
    ],
)
def test_a_rate_chokes_above_half_a_second_or_one_error_in_a_hundred(change: dict, reasons: list[str]) -> None:
    assert reasons_choked(replace(CALM, **change)) == reasons


def looks(*waiting: int) -> tuple[tuple[float, int], ...]:
    return tuple((float(second), count) for second, count in enumerate(waiting))


def test_a_backlog_that_rises_for_thirty_seconds_chokes() -> None:
    rising = replace(CALM, backlog=looks(*range(0, 61 * 3, 3)))
    assert reasons_choked(rising) == ["rising backlog"]


def test_a_backlog_that_rises_for_less_is_no_reason() -> None:
    burst = [*range(0, 200, 10), *[0] * 41]
    assert reasons_choked(replace(CALM, backlog=looks(*burst))) == []


def test_a_backlog_that_a_drain_empties_again_and_again_is_not_rising() -> None:
    saw = [(second % 4) * 50 for second in range(61)]
    assert not is_rising(looks(*saw), rate=100, seconds=30)


def test_a_look_at_the_very_end_of_a_window_counts_into_its_last_third() -> None:
    """5.37 + 10 is more than 15.37 by rounding, and their difference is 10."""
    moments = [(5.37, 0), (6.4, 0), (9.0, 50), (10.0, 50), (13.0, 120), (15.37, 120)]
    assert is_rising(moments, rate=100, seconds=10)


def test_a_backlog_that_grows_between_two_batches_is_rising_by_its_lowest_looks() -> None:
    saw = [second * 5 + (second % 2) * 400 for second in range(61)]
    assert is_rising(looks(*saw), rate=100, seconds=30)


def test_a_backlog_that_rises_only_late_in_the_turn_is_seen() -> None:
    late = [0] * 30 + [second * 10 for second in range(31)]
    assert is_rising(looks(*late), rate=100, seconds=30)


def test_growth_of_less_than_half_a_second_of_arrivals_is_noise() -> None:
    slow = [second // 2 for second in range(61)]
    assert not is_rising(looks(*slow), rate=100, seconds=30)


def test_in_a_turn_shorter_than_thirty_seconds_the_whole_turn_must_rise() -> None:
    assert reasons_choked(replace(CALM, seconds=10, backlog=looks(*range(0, 1_000, 100)))) == ["rising backlog"]
    settles = looks(0, 100, 200, 300, 300, 300, 300, 300, 300, 300)
    assert reasons_choked(replace(CALM, seconds=10, backlog=settles)) == []


def test_too_few_looks_prove_no_rise() -> None:
    assert not is_rising(looks(0, 500, 1_000), rate=100, seconds=3)
    assert not is_rising((), rate=100, seconds=30)


def test_dropped_requests_and_a_busy_client_are_named() -> None:
    assert reasons_client_bound(replace(CALM, client_cpu_share=0.8)) == []
    assert reasons_client_bound(replace(CALM, dropped=3)) == ["3 dropped"]
    assert reasons_client_bound(replace(CALM, client_cpu_share=0.81)) == ["client at 81% of its CPU"]


def test_the_knee_is_the_highest_held_rate_below_the_lowest_choked_one() -> None:
    turns = [held(100), held(200), choked(400), held(500), choked(300)]
    assert knee_of(turns) == Knee(held=200, choked=300, client_bound=False)


def test_a_held_rate_of_a_client_that_dropped_requests_is_client_bound() -> None:
    assert knee_of([held(100), held(200, dropped=1)]) == Knee(200, None, client_bound=True)


def test_requests_dropped_because_the_system_choked_cast_no_doubt_on_the_knee() -> None:
    assert knee_of([held(100), choked(200, dropped=50)]) == Knee(100, 200, client_bound=False)


def test_a_rate_that_chokes_while_the_client_is_busy_is_client_bound() -> None:
    assert knee_of([held(100), choked(200, client_cpu_share=0.9)]) == Knee(100, 200, client_bound=True)


@pytest.mark.parametrize(
    ("turns", "rate"),
    [
        ([], 150),
        ([held(150)], 300),
        ([held(150), held(300)], 600),
        ([held(150), choked(300)], 225),
        ([held(150), choked(300), held(225)], 262),
        ([held(150), choked(300), held(225), choked(262)], 243),
        ([choked(150)], 75),
        ([choked(150), choked(75), held(37)], 56),
        ([held(100), choked(108)], None),
        ([held(100), held(200, dropped=1)], None),
        ([choked(15)], 10),
        ([choked(10)], None),
    ],
)
def test_the_next_rate_doubles_then_halves_what_is_between(turns: list[Turn], rate: int | None) -> None:
    assert next_rate(turns, first=150, precision=0.08) == rate


@pytest.mark.parametrize("capacity", [11, 87, 150, 151, 999, 4_321])
@pytest.mark.parametrize("precision", [0.08, 0.2])
def test_the_search_ends_close_to_the_capacity_of_any_system(capacity: int, precision: float) -> None:
    turns: list[Turn] = []
    while (rate := next_rate(turns, first=150, precision=precision)) is not None:
        turns.append(held(rate) if rate <= capacity else choked(rate))
        assert len(turns) < 16
    knee = knee_of(turns)
    assert knee.held is not None and knee.choked is not None
    assert knee.held <= capacity < knee.choked
    assert knee.choked - knee.held <= max(1, knee.held * precision)

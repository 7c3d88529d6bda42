"""Quiet hours: a right to buy may be given at any hour, and ends at none between midnight and eight in the morning."""

import pytest

from cashticket.auction.settlement_rules import (
    BUYING_HOURS_BOUNDS,
    DAY_MS,
    HOUR_MS,
    QUIET_HOURS,
    after_quiet_hours,
    window_end,
)

MIDNIGHT = 20_000 * DAY_MS - 9 * HOUR_MS
"""A midnight in Seoul."""

NEVER = MIDNIGHT + 1_000 * DAY_MS
HOURS = range(24)
LONGEST = BUYING_HOURS_BOUNDS[1]


def end_of(given: int, hours: int) -> float | None:
    """When a right for `hours` ends that is given so many hours after midnight, likewise in hours."""
    end = window_end(MIDNIGHT + given * HOUR_MS, hours * HOUR_MS, NEVER, MIDNIGHT)
    return None if end is None else (end - MIDNIGHT) / HOUR_MS


@pytest.mark.parametrize("hour", HOURS)
def test_no_right_to_buy_ends_in_the_quiet_hours(hour: int) -> None:
    for minutes in (0, 1, 59):
        given = MIDNIGHT + hour * HOUR_MS + minutes * 60_000
        for hours in range(1, LONGEST + 1):
            end = window_end(given, hours * HOUR_MS, NEVER, MIDNIGHT)
            assert end is not None and (end - MIDNIGHT) % DAY_MS >= QUIET_HOURS.stop * HOUR_MS, (minutes, hours)
            assert hours * HOUR_MS <= end - given <= (hours + 2 * len(QUIET_HOURS)) * HOUR_MS, (minutes, hours)


@pytest.mark.parametrize(
    ("hour", "end"),
    [
        *((hour, 20) for hour in QUIET_HOURS),
        *((hour, hour + 12) for hour in range(8, 12)),
        *((hour, 32) for hour in range(12, 21)),
        *((hour, hour + 12) for hour in range(21, 24)),
    ],
)
def test_an_offer_of_twelve_hours_ends_by_day_whatever_the_hour_it_was_made(hour: int, end: int) -> None:
    assert end_of(hour, 12) == end


@pytest.mark.parametrize("hour", HOURS)
def test_a_purchase_window_of_a_day_ends_at_the_same_hour_or_at_eight(hour: int) -> None:
    assert end_of(hour, 24) == (hour + 24 if hour >= 8 else 32)


def test_the_quiet_hours_begin_at_midnight_and_end_at_eight_to_the_millisecond() -> None:
    eight = MIDNIGHT + 8 * HOUR_MS
    moments = (MIDNIGHT - 1, MIDNIGHT, eight - 1, eight, eight + 1)
    assert [after_quiet_hours(at, MIDNIGHT) for at in moments] == [MIDNIGHT - 1, eight, eight, eight, eight + 1]


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 400])
def test_any_midnight_tells_the_hour(days: int) -> None:
    given = MIDNIGHT + 3 * HOUR_MS
    assert window_end(given, 12 * HOUR_MS, NEVER, MIDNIGHT + days * DAY_MS) == MIDNIGHT + 20 * HOUR_MS


@pytest.mark.parametrize("hour", HOURS)
def test_the_cancellation_deadline_comes_before_the_quiet_hours(hour: int) -> None:
    for left in (1, HOUR_MS, 5 * HOUR_MS):
        deadline = MIDNIGHT + hour * HOUR_MS
        assert window_end(deadline - left, 12 * HOUR_MS, deadline, MIDNIGHT) == deadline
        assert window_end(deadline, left, deadline, MIDNIGHT) is None

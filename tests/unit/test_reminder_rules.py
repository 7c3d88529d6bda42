"""Which reminder is due at a moment: boundaries, an end that moves, windows that are too short, an outage."""

import pytest

from cashticket.auction.reminder_rules import (
    HOUR_MS,
    MINUTE_MS,
    AuctionReminder,
    RightReminder,
    auction_reminder,
    is_worth_reminding,
    next_right_reminder,
    reminders_ahead,
    right_reminder,
)

OPENS = 1_000 * HOUR_MS
ENDS = OPENS + 24 * HOUR_MS
OPENING, HOUR, MINUTES = AuctionReminder.OPENING, AuctionReminder.HOUR, AuctionReminder.MINUTES
HALF, LAST = RightReminder.HALF, RightReminder.LAST


@pytest.mark.parametrize(
    ("now", "reminder"),
    [
        (OPENS - 1, None),
        (OPENS, OPENING),
        (ENDS - HOUR_MS - 1, OPENING),
        (ENDS - HOUR_MS, HOUR),
        (ENDS - 10 * MINUTE_MS - 1, HOUR),
        (ENDS - 10 * MINUTE_MS, MINUTES),
        (ENDS - 1, MINUTES),
    ],
)
def test_each_reminder_comes_at_its_millisecond(now: int, reminder: AuctionReminder | None) -> None:
    assert auction_reminder(OPENS, ENDS, now) is reminder


@pytest.mark.parametrize(
    ("minutes", "now", "ahead"),
    [
        (1440, OPENS - 1, (OPENING, HOUR, MINUTES)),
        (1440, OPENS, (HOUR, MINUTES)),
        (1440, OPENS + 23 * HOUR_MS, (MINUTES,)),
        (1440, ENDS - 10 * MINUTE_MS, ()),
        (119, OPENS - 1, (OPENING, MINUTES)),
        (119, OPENS, (MINUTES,)),
        (19, OPENS - 1, (OPENING,)),
        (19, OPENS, ()),
    ],
)
def test_what_is_still_ahead_is_what_comes_later(minutes: int, now: int, ahead: tuple[AuctionReminder, ...]) -> None:
    ends = OPENS + minutes * MINUTE_MS
    assert reminders_ahead(OPENS, ends, now) == ahead
    later = [auction_reminder(OPENS, ends, at) for at in range(now + 1, ends, MINUTE_MS // 2)]
    came = auction_reminder(OPENS, ends, now)
    assert ahead == tuple(sorted({each for each in later if each is not None and each is not came}))


def test_nobody_is_reminded_before_the_opening_nor_from_the_end_on() -> None:
    worth = [is_worth_reminding(OPENS, ENDS, now) for now in (OPENS - 1, OPENS, ENDS - 1, ENDS)]
    assert worth == [False, True, True, False]


def test_an_end_that_moves_takes_the_reminders_before_it_along() -> None:
    now = ENDS - HOUR_MS
    assert auction_reminder(OPENS, ENDS, now) is HOUR
    assert auction_reminder(OPENS, ENDS + 1, now) is OPENING
    assert auction_reminder(OPENS, ENDS + 30 * MINUTE_MS, ENDS - 1) is HOUR, "ten minutes before has not come again"


def test_after_an_outage_the_newest_alone_is_due() -> None:
    # Nobody could remind from before the opening until five minutes before the end.
    assert auction_reminder(OPENS, ENDS, ENDS - 5 * MINUTE_MS) is MINUTES


@pytest.mark.parametrize(
    ("length", "reminders"),
    [
        (90_000, {OPENING}),
        (20 * MINUTE_MS - 1, {OPENING}),
        (20 * MINUTE_MS, {OPENING, MINUTES}),
        (2 * HOUR_MS - 1, {OPENING, MINUTES}),
        (2 * HOUR_MS, {OPENING, HOUR, MINUTES}),
    ],
)
def test_a_short_auction_has_fewer_reminders(length: int, reminders: set[AuctionReminder]) -> None:
    moments = [OPENS + length * part // 1_000 for part in range(1_000)]
    assert {auction_reminder(OPENS, OPENS + length, now) for now in moments} == reminders


@pytest.mark.parametrize(
    ("hours", "moments"),
    [
        (24, {HALF: 12 * HOUR_MS, LAST: 22 * HOUR_MS}),
        (12, {HALF: 6 * HOUR_MS, LAST: 10 * HOUR_MS}),
        (4, {HALF: 2 * HOUR_MS}),
        (3, {HALF: 90 * MINUTE_MS}),
        (1, {HALF: 30 * MINUTE_MS}),
    ],
)
def test_a_right_to_buy_is_reminded_of_at_half_time_and_two_hours_before_it_lapses(
    hours: int, moments: dict[RightReminder, int]
) -> None:
    expires = OPENS + hours * HOUR_MS
    found, now = {}, OPENS
    while (following := next_right_reminder(OPENS, expires, now)) is not None:
        now = following
        reminder = right_reminder(OPENS, expires, now)
        assert reminder and right_reminder(OPENS, expires, now - 1) is not reminder
        found[reminder] = now - OPENS
    assert found == moments


def test_a_right_of_less_than_an_hour_and_one_that_has_lapsed_are_not_reminded_of() -> None:
    assert next_right_reminder(OPENS, OPENS + HOUR_MS - 1, OPENS) is None
    assert right_reminder(OPENS, OPENS + HOUR_MS - 1, OPENS + HOUR_MS - 2) is None
    assert right_reminder(OPENS, ENDS, ENDS - 1) is LAST and right_reminder(OPENS, ENDS, ENDS) is None

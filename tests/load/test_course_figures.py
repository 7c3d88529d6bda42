"""The figures of a course: what counts as normal, how long it took until all was, and which bids were lost."""

import pytest

from lab.load.raw import Answer
from lab.load.timeline import (
    Event,
    Observed,
    Second,
    events_of,
    is_normal,
    lost_and_doubled,
    normal_again,
    recorded_after,
    seconds_of,
    usual_p95_ms,
)

BEGAN_MS = 1_000_000


def answer(at_s: float, *, status: int = 201, waited_ms: float = 10.0, row: int = 0) -> Answer:
    sent_ms = BEGAN_MS + round(at_s * 1000)
    return Answer(sent_ms, sent_ms + round(waited_ms), row, status, waited_ms, "")


def second(start_s: int, *, errors: int = 0, p95_ms: float = 10.0, sent: int = 100) -> Second:
    return Second(start_s, sent, sent - errors, 0, errors, p95_ms)


def test_a_second_holds_what_was_sent_in_it_and_the_largest_backlog_seen_in_it() -> None:
    answers = [answer(0.0), answer(0.9, waited_ms=5_000), answer(2.1, status=503), answer(2.2, status=422)]
    first, empty, last = seconds_of(answers, BEGAN_MS, [(0.2, 4), (0.7, 9), (2.5, 1)])
    assert first == Second(0, 2, 2, 0, 0, 5_000.0, 9)
    assert empty == Second(1, 0, 0, 0, 0, 0.0, None)
    assert (last.sent, last.accepted, last.refused, last.errors, last.waiting) == (2, 0, 1, 1, 1)


def test_the_usual_wait_is_that_before_the_first_event_without_the_first_second() -> None:
    waits = [900.0, 10.0, 30.0, 20.0, 5_000.0]
    seconds = [second(start, p95_ms=wait) for start, wait in enumerate(waits)]
    assert usual_p95_ms(seconds, [Event("kill", 4.5, 4.5)]) == 20.0


@pytest.mark.parametrize(
    ("each", "usual_ms", "expected"),
    [
        (second(0, p95_ms=100.0), 5.0, True),
        (second(0, p95_ms=101.0), 5.0, False),
        (second(0, p95_ms=180.0), 90.0, True),
        (second(0, p95_ms=181.0), 90.0, False),
        (second(0, errors=1), 5.0, True),
        (second(0, errors=2), 5.0, False),
        (second(0, sent=0), 5.0, False),
    ],
)
def test_a_second_is_normal_within_one_percent_of_errors_and_twice_the_usual_wait(
    each: Second, usual_ms: float, expected: bool
) -> None:
    assert is_normal(each, usual_ms) is expected


def moments(shown: str) -> list[tuple[float, bool]]:
    """One letter a second: `.` for normal, `x` for not."""
    return [(float(at), letter == ".") for at, letter in enumerate(shown)]


@pytest.mark.parametrize(
    ("shown", "since_s", "expected"),
    [
        (".........", 3.4, 0.0),
        ("...xx....", 3.4, 1.6),
        ("...xx.x...", 3.4, 3.6),
        ("....x.....", 3.4, 1.6),
        ("......x...", 3.4, 0.0),
        ("...xxxxxxx", 3.4, None),
        ("...xxxxx..", 3.4, None),
    ],
)
def test_all_is_normal_again_once_it_stays_so_for_three_seconds(
    shown: str, since_s: float, expected: float | None
) -> None:
    assert normal_again(moments(shown), since_s, float(len(shown))) == pytest.approx(expected)


def test_a_recovery_after_the_next_event_does_not_count() -> None:
    assert normal_again(moments("...xx.xx....."), 3.0, 6.0) is None


def test_bids_are_recorded_once_those_accepted_until_the_end_are_in_the_ledger() -> None:
    looks = [(1.0, 100, 90), (2.0, 120, 110), (3.0, 150, 60), (4.0, 180, 60), (5.0, 200, 10)]
    # At 2.0 s 120 bids were accepted; at 4.0 s 120 are recorded, though 60 newer ones wait.
    assert recorded_after(looks, 1.5) == pytest.approx(2.5)
    assert recorded_after(looks, 4.5) is None
    assert recorded_after([], 1.5) is None


def test_the_share_taken_counts_the_bids_sent_while_an_event_lasted() -> None:
    answers = [answer(at / 2, status=503 if 4 <= at / 2 < 6 else 201, row=at) for at in range(20)]
    seconds = seconds_of(answers, BEGAN_MS, [])
    (away,) = events_of(Observed(2, BEGAN_MS, answers, seconds, []), [Event("away", 3.0, 6.0)])
    assert (away.sent, away.accepted, away.errors) == (6, 2, 4)
    assert away.taken_share == pytest.approx(1 / 3)
    assert (away.normal_s, away.backlog_max, away.backlog_normal_s, away.recorded_s) == (0.0, 0, None, None)


def test_a_bid_that_is_accepted_after_an_event_was_not_taken_meanwhile() -> None:
    answers = [answer(0), answer(3.5, row=1), answer(4.5, waited_ms=2_000, row=2), answer(9, row=3)]
    observed = Observed(1, BEGAN_MS, answers, seconds_of(answers, BEGAN_MS, []), [])
    (away,) = events_of(observed, [Event("away", 3.0, 6.0)])
    assert (away.sent, away.accepted) == (2, 1)


def test_a_backlog_that_grows_and_drains_has_a_height_and_a_time() -> None:
    answers = [answer(at / 10, row=at) for at in range(200)]
    looks = [(float(at), 10 * at, 10 * (at - 4) if 5 < at <= 9 else 3) for at in range(1, 20)]
    observed = Observed(10, BEGAN_MS, answers, seconds_of(answers, BEGAN_MS, [(at, w) for at, _, w in looks]), looks)
    (away,) = events_of(observed, [Event("away", 5.0, 8.0)])
    # At 8 s 80 were accepted and 40 waited; at 10 s 97 are recorded.
    assert (away.backlog_max, away.backlog_normal_s, away.recorded_s) == (50, 2.0, 2.0)


def test_an_event_without_duration_has_no_share() -> None:
    answers = [answer(at / 2) for at in range(20)]
    (kill,) = events_of(
        Observed(2, BEGAN_MS, answers, seconds_of(answers, BEGAN_MS, []), []), [Event("kill", 3.0, 3.0)]
    )
    assert (kill.taken_share, kill.normal_s) == (None, 0.0)


def test_errors_belong_to_the_event_before_them() -> None:
    answers = [answer(at, status=503 if at in (4, 8, 9) else 201) for at in range(12)]
    observed = Observed(1, BEGAN_MS, answers, seconds_of(answers, BEGAN_MS, []), [])
    first, second_event = events_of(observed, [Event("web", 3.0, 3.0), Event("drain", 7.0, 7.0)])
    assert (first.errors, second_event.errors) == (1, 2)


def test_a_bid_that_was_accepted_and_is_not_in_the_ledger_is_lost() -> None:
    answers = [answer(0, row=1), answer(0, row=2), answer(0, row=3, status=0), answer(0, row=4, status=422)]
    assert lost_and_doubled(answers, [(7, 1, "row-1"), (7, 2, "row-2"), (7, 3, "row-3")]) == (0, 0)
    assert lost_and_doubled(answers, [(7, 1, "row-1"), (7, 2, "row-3")]) == (1, 0)
    assert lost_and_doubled(answers, [(7, 1, "row-1"), (7, 2, "row-2"), (7, 3, "row-2")]) == (0, 1)

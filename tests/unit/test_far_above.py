"""Rule 5: an amount far above the cut-off counts only when it is said once more."""

import pytest

from cashticket.auction import rules
from cashticket.auction.rules import Own, Window
from cashticket.auction.terms import Terms
from cashticket.auction.values import AMOUNT_MAX, SEQUENCE_MAX, Reason

TERMS = Terms(7, 2, 10_000, 1_000, 0, 2_000_000)


def judge(amount: int, cutoff: int = 10_000, sure: int | None = None, last_sequence: int = 0) -> Reason | None:
    window = Window(1, TERMS.closes_at_ms)
    return rules.judge(TERMS, window, Own(), last_sequence, amount, cutoff=cutoff, sure=sure)


@pytest.mark.parametrize(
    ("amount", "cutoff", "sure", "reason"),
    [
        (100_000, 10_000, None, None),
        (101_000, 10_000, None, Reason.FAR_ABOVE),
        (101_000, 11_000, None, None),
        (101_000, 10_000, 101_000, None),
        (101_000, 10_000, 100_000, Reason.FAR_ABOVE),
        (101_000, 0, None, None),
    ],
)
def test_more_than_ten_times_the_cutoff_must_be_said_twice(
    amount: int, cutoff: int, sure: int | None, reason: Reason | None
) -> None:
    assert judge(amount, cutoff, sure) is reason


def test_whoever_is_asked_to_say_it_twice_is_refused_for_nothing_else() -> None:
    assert judge(101_500) is Reason.NOT_A_STEP
    assert judge(AMOUNT_MAX + 1) is Reason.TOO_HIGH
    assert judge(101_000, last_sequence=SEQUENCE_MAX) is Reason.FULL

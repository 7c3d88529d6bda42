"""Every rule that decides something, tested on the law alone."""

import pytest

from cashticket.auction import rules, settlement_rules
from cashticket.auction.rules import Own, Window
from cashticket.auction.terms import Terms, check_terms
from cashticket.auction.values import AMOUNT_MAX, SEQUENCE_MAX, Bid, Pricing, RankedBid, RankedOut, Reason, State

ALICE, BOB, CAROL, MALLORY = 1, 2, 3, 4
OPENS, CLOSES = 1_000_000, 2_000_000
TERMS = Terms(7, 2, 10_000, 1_000, OPENS, CLOSES, soft_close_ms=120_000, soft_close_cap_ms=300_000)
NOW = Window(OPENS, CLOSES)
NEWCOMER = Own()
ORDER = [
    RankedBid(ALICE, 13_000, 4),
    RankedBid(BOB, 12_000, 1),
    RankedBid(CAROL, 12_000, 3),
    RankedBid(MALLORY, 10_000, 2),
]


def judge(amount: int, own: Own = NEWCOMER, window: Window = NOW, last_sequence: int = 0) -> Reason | None:
    return rules.judge(TERMS, window, own, last_sequence, amount, cutoff=TERMS.minimum)


# Rule 4: three chances


@pytest.mark.parametrize(("used", "left"), [(0, 3), (1, 2), (2, 1), (3, 0)])
def test_three_chances_count_down(used: int, left: int) -> None:
    assert rules.chances_left(used) == left


def test_the_third_bid_is_accepted_and_the_fourth_is_not() -> None:
    assert judge(20_000, Own(2, 15_000)) is None
    assert judge(20_000, Own(3, 15_000)) is Reason.NO_CHANCES_LEFT


# Rule 5: at least the minimum, on a step, above one's own


def test_a_bid_at_the_minimum_is_accepted() -> None:
    assert judge(10_000) is None


def test_a_bid_below_the_minimum_is_refused() -> None:
    assert judge(9_999) is Reason.BELOW_MINIMUM


def test_a_bid_between_two_steps_is_refused() -> None:
    assert judge(10_500) is Reason.NOT_A_STEP


def test_a_bid_not_above_ones_own_is_refused() -> None:
    assert judge(12_000, Own(1, 12_000)) is Reason.NOT_ABOVE_OWN
    assert judge(11_000, Own(1, 12_000)) is Reason.NOT_ABOVE_OWN
    assert judge(13_000, Own(1, 12_000)) is None


def test_a_bid_above_the_highest_amount_is_refused() -> None:
    assert judge(AMOUNT_MAX + 1) is Reason.TOO_HIGH


def test_steps_count_from_the_minimum_not_from_zero() -> None:
    odd = Terms(7, 2, 10_500, 1_000, OPENS, CLOSES)
    assert rules.judge(odd, NOW, Own(), 0, 11_500, cutoff=10_500) is None
    assert rules.judge(odd, NOW, Own(), 0, 11_000, cutoff=10_500) is Reason.NOT_A_STEP


@pytest.mark.parametrize(
    ("above", "lowest"), [(None, 10_000), (0, 10_000), (9_999, 10_000), (10_000, 11_000), (10_001, 11_000)]
)
def test_the_next_step_is_the_lowest_amount_above(above: int | None, lowest: int) -> None:
    assert rules.next_step(TERMS, above) == lowest


# Rule 6: the order, and the sequence


def test_the_higher_amount_ranks_first_and_at_equal_amounts_the_earlier() -> None:
    assert rules.order(reversed(ORDER)) == ORDER


def test_only_the_newest_bid_of_a_person_ranks() -> None:
    bids = [
        Bid(3, ALICE, 2, 12_000, OPENS, "c"),
        Bid(1, ALICE, 1, 10_000, OPENS, "a"),
        Bid(2, BOB, 1, 12_000, OPENS, "b"),
    ]
    assert rules.order_of_bids(bids) == [RankedBid(BOB, 12_000, 2), RankedBid(ALICE, 12_000, 3)]


def test_when_the_sequence_is_used_up_a_bid_is_refused_as_full() -> None:
    assert judge(10_000, last_sequence=SEQUENCE_MAX - 1) is None
    assert judge(10_000, last_sequence=SEQUENCE_MAX) is Reason.FULL
    assert judge(9_999, last_sequence=SEQUENCE_MAX) is Reason.BELOW_MINIMUM


# Rule 7: winning and the cut-off


def test_the_cutoff_is_the_last_winning_amount() -> None:
    assert rules.cutoff(ORDER, 2, 10_000) == 12_000
    assert rules.cutoff(ORDER, 4, 10_000) == 10_000


def test_the_cutoff_is_the_minimum_while_seats_are_free() -> None:
    assert rules.cutoff(ORDER, 5, 9_000) == 9_000
    assert rules.cutoff([], 1, 9_000) == 9_000


def test_the_top_n_are_winning() -> None:
    assert [rules.is_winning(rules.rank(ORDER, person), 2) for person in (ALICE, BOB, CAROL, 99)] == [
        *(True, True),
        *(False, False),
    ]


def test_the_best_price_is_the_first_or_none() -> None:
    assert (rules.best(ORDER), rules.best([])) == (13_000, None)


def test_a_new_bid_ranks_behind_its_equals_and_past_ones_own() -> None:
    assert rules.would_rank(ORDER, 99, 12_000) == 4
    assert rules.would_rank(ORDER, BOB, 12_000) == 3
    assert rules.would_rank(ORDER, ALICE, 14_000) == 1
    assert rules.would_rank([], ALICE, 0) == 1


# Rule 9: rank-out


def test_a_bid_that_enters_a_full_top_displaces_the_person_at_place_n_plus_one() -> None:
    assert rules.displaced(ORDER, 2, entered=True) == CAROL
    assert rules.displaced(ORDER, 2, entered=False) is None
    assert rules.displaced(ORDER[:2], 2, entered=True) is None


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [(None, 1, True), (3, 2, True), (2, 1, False), (1, 1, False), (None, 3, False), (4, 3, False)],
)
def test_who_wins_changes_only_when_somebody_enters_the_top(before: int | None, after: int, changed: bool) -> None:
    assert rules.newly_winning(before, after, seats=2) is changed


@pytest.mark.parametrize(("used", "alert"), [(1, True), (2, True), (3, False)])
def test_an_alert_is_sent_only_while_chances_are_left(used: int, alert: bool) -> None:
    assert rules.ranked_out(CAROL, used) == RankedOut(CAROL, alert)
    assert rules.ranked_out(None, used) is None


# Rule 10: the clock


@pytest.mark.parametrize(
    ("now_ms", "reason"),
    [
        (OPENS - 1, Reason.NOT_OPEN),
        (OPENS, None),
        (CLOSES - 1, None),
        (CLOSES, Reason.CLOSED),
        (CLOSES + 1, Reason.CLOSED),
    ],
)
def test_bids_are_taken_from_the_opening_to_before_the_end(now_ms: int, reason: Reason | None) -> None:
    assert judge(10_000, window=Window(now_ms, CLOSES)) is reason


def test_the_end_in_force_decides_not_the_announced_one() -> None:
    assert judge(10_000, window=Window(CLOSES, CLOSES + 1)) is None


def test_bidding_that_was_ended_takes_nothing_more() -> None:
    assert judge(10_000, window=Window(OPENS, CLOSES, ended=True)) is Reason.CLOSED


def test_time_is_the_first_thing_looked_at() -> None:
    assert judge(1, Own(3, 10_000), Window(CLOSES, CLOSES), SEQUENCE_MAX) is Reason.CLOSED


# Rule 11: the soft close


def test_a_late_change_of_winners_moves_the_end() -> None:
    assert rules.soft_close(CLOSES, CLOSES - 1, TERMS, changed=True) == CLOSES - 1 + 120_000


def test_an_early_change_or_a_late_bid_without_one_moves_nothing() -> None:
    assert rules.soft_close(CLOSES, CLOSES - 120_000, TERMS, changed=True) == CLOSES
    assert rules.soft_close(CLOSES, CLOSES - 1, TERMS, changed=False) == CLOSES


def test_the_end_never_passes_the_cap_and_never_moves_back() -> None:
    assert rules.soft_close(CLOSES + 299_000, CLOSES + 298_000, TERMS, changed=True) == CLOSES + 300_000
    assert rules.soft_close(CLOSES + 400_000, CLOSES + 399_000, TERMS, changed=True) == CLOSES + 400_000


def test_zero_turns_the_soft_close_off() -> None:
    off = Terms(7, 2, 10_000, 1_000, OPENS, CLOSES, soft_close_ms=0)
    assert rules.soft_close(CLOSES, CLOSES - 1, off, changed=True) == CLOSES


# Rules 12 and 14: winners


def persons(standings: list[RankedBid]) -> list[int]:
    return [ranked.person for ranked in standings]


def test_the_best_n_win_in_order() -> None:
    assert persons(settlement_rules.winners(ORDER, 2)) == [ALICE, BOB]


def test_with_fewer_bidders_than_seats_everyone_wins() -> None:
    assert persons(settlement_rules.winners(ORDER, 9)) == [ALICE, BOB, CAROL, MALLORY]
    assert settlement_rules.winners([], 9) == []


def test_who_is_passed_over_makes_room_for_the_next() -> None:
    assert persons(settlement_rules.winners(ORDER, 2, {ALICE})) == [BOB, CAROL]
    assert persons(settlement_rules.winners(ORDER, 2, {ALICE, BOB, CAROL})) == [MALLORY]


# Rule 13: the price


def test_under_uniform_pricing_all_pay_the_lowest_awarded_bid() -> None:
    assert settlement_rules.uniform_price([13_000, 12_000], 2, 10_000) == 12_000


def test_under_uniform_pricing_all_pay_the_minimum_while_seats_stay_unsold() -> None:
    assert settlement_rules.uniform_price([13_000, 12_000], 3, 10_000) == 10_000
    assert settlement_rules.uniform_price([], 3, 10_000) == 10_000


def test_the_pricing_decides_what_a_winner_pays() -> None:
    assert settlement_rules.award_price(Pricing.PAY_AS_BID, 13_000, 12_000) == 13_000
    assert settlement_rules.award_price(Pricing.UNIFORM, 13_000, 12_000) == 12_000


@pytest.mark.parametrize("pricing", list(Pricing))
def test_a_seat_handed_over_costs_ones_own_bid(pricing: Pricing) -> None:
    assert settlement_rules.award_price(pricing, 11_000, 12_000, handed_over=True) == 11_000


# Rules 15 and 16: windows and the line


def test_an_offer_ends_after_its_window_or_at_the_deadline() -> None:
    midnight = -12 * settlement_rules.HOUR_MS
    assert settlement_rules.window_end(1_000, 500, 9_000, midnight) == 1_500
    assert settlement_rules.window_end(8_800, 500, 9_000, midnight) == 9_000
    assert settlement_rules.window_end(8_999, 500, 9_000, midnight) == 9_000
    assert settlement_rules.window_end(9_000, 500, 9_000, midnight) is None


def test_the_next_in_line_is_the_best_who_is_not_out_of_it() -> None:
    assert settlement_rules.line(ORDER, {ALICE, BOB})[0].person == CAROL
    assert settlement_rules.line(ORDER, {ALICE, BOB, CAROL, MALLORY}) == []


def test_positions_in_line_count_only_those_who_wait() -> None:
    out = {ALICE, CAROL}
    assert [settlement_rules.line_position(ORDER, out, person) for person in (BOB, MALLORY, ALICE, 99)] == [
        1,
        2,
        None,
        None,
    ]
    assert persons(settlement_rules.line(ORDER, out)) == [BOB, MALLORY]


# Terms


@pytest.mark.parametrize(
    ("terms", "fault"),
    [
        (Terms(7, 0, 10_000, 1_000, OPENS, CLOSES), "seats"),
        (Terms(7, 1, -1, 1_000, OPENS, CLOSES), "minimum"),
        (Terms(7, 1, AMOUNT_MAX + 1, 1_000, OPENS, CLOSES), "minimum"),
        (Terms(7, 1, 10_000, 0, OPENS, CLOSES), "step"),
        (Terms(7, 1, 10_000, 1_000, OPENS, OPENS), "close after it opens"),
        (Terms(7, 1, 10_000, 1_000, OPENS, CLOSES, -1), "soft_close_ms"),
        (Terms(7, 1, 10_000, 1_000, OPENS, CLOSES, 0, -1), "soft_close_cap_ms"),
    ],
)
def test_a_fault_in_the_terms_is_named(terms: Terms, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        check_terms(terms)


def test_terms_at_their_bounds_are_valid() -> None:
    check_terms(Terms(7, 1, 0, 1, OPENS, OPENS + 1, 0, 0))


def test_only_settled_and_voided_are_ends() -> None:
    assert [state for state in State if state.is_end] == [State.SETTLED, State.VOIDED]

"""Properties that hold for every order and for all terms."""

import random

from hypothesis import given
from hypothesis import strategies as st

from cashticket.auction import rules, settlement_rules
from cashticket.auction.rules import Own, Window
from cashticket.auction.terms import Terms
from cashticket.auction.values import AMOUNT_MAX, SEQUENCE_MAX, Bid, RankedBid

amounts = st.integers(0, AMOUNT_MAX)
sequences = st.integers(1, SEQUENCE_MAX)
edges = st.sampled_from([0, 1, AMOUNT_MAX - 1, AMOUNT_MAX])


@st.composite
def orders(draw: st.DrawFn) -> list[RankedBid]:
    """Orders of up to 30 people, with many equal amounts."""
    prices = draw(st.lists(st.integers(0, 6), max_size=30))
    turns = draw(st.permutations(range(1, len(prices) + 1)))
    people = zip(prices, turns, strict=True)
    return rules.order(RankedBid(person, price, turn) for person, (price, turn) in enumerate(people, 1))


@given(amounts | edges, sequences)
def test_a_score_gives_back_what_was_packed_and_is_exact_in_a_double(amount: int, sequence: int) -> None:
    packed = rules.score(amount, sequence)
    assert rules.unscore(packed) == (amount, sequence)
    assert 0 <= packed < 2**53
    assert int(float(packed)) == packed


@given(st.lists(st.tuples(amounts | edges, sequences), max_size=20, unique_by=lambda pair: pair[1]))
def test_scores_sort_as_the_order_does(pairs: list[tuple[int, int]]) -> None:
    standings = [RankedBid(person, amount, sequence) for person, (amount, sequence) in enumerate(pairs, 1)]
    by_score = sorted(standings, key=lambda s: float(rules.score(s.amount, s.sequence)), reverse=True)
    assert by_score == rules.order(standings)


@given(orders(), st.integers(1, 10), st.sets(st.integers(1, 30)))
def test_every_seat_goes_to_the_best_not_passed_over(order: list[RankedBid], seats: int, passed: set[int]) -> None:
    won = settlement_rules.winners(order, seats, passed)
    waiting = settlement_rules.line(order, passed | {bid.person for bid in won})
    assert len(won) == min(seats, len([s for s in order if s.person not in passed]))
    assert won + waiting == [bid for bid in order if bid.person not in passed]
    assert not waiting or len(won) == seats


@given(orders(), st.integers(1, 10))
def test_the_uniform_price_is_never_above_any_winning_bid_and_never_below_the_minimum(
    order: list[RankedBid], seats: int
) -> None:
    awarded = [bid.amount for bid in settlement_rules.winners(order, seats)]
    price = settlement_rules.uniform_price(awarded, seats, 0)
    assert price == rules.cutoff(order, seats, 0)
    assert all(0 <= price <= amount for amount in awarded)


@given(orders(), st.integers(1, 40), st.integers(0, 7), st.integers(1, 10))
def test_would_rank_is_right_and_exactly_one_person_is_displaced(
    order: list[RankedBid], person: int, amount: int, seats: int
) -> None:
    before = {bid.person for bid in order[:seats]}
    after = rules.order([*(s for s in order if s.person != person), RankedBid(person, amount, 1_000)])
    old, new = rules.rank(order, person), rules.rank(after, person)
    assert new == rules.would_rank(order, person, amount)
    own = next((bid.amount for bid in order if bid.person == person), None)
    if own is not None and amount <= own:
        return  # the law refuses such a bid, so nothing is said about what it would displace
    entered = rules.newly_winning(old, new, seats)
    loser = rules.displaced(after, seats, entered)
    assert before - {bid.person for bid in after[:seats]} == ({loser} if loser else set())


@given(st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**6), st.integers(0, 10**6), st.booleans())
def test_the_end_only_moves_later_and_never_past_its_cap(
    closes: int, now: int, soft: int, cap: int, changed: bool
) -> None:
    terms = Terms(1, 1, 0, 1, -1, closes, soft, cap)
    end = rules.soft_close(closes, min(now, closes - 1), terms, changed)
    assert closes <= end <= closes + cap


@given(st.integers(0, 50), st.integers(1, 9), st.none() | st.integers(-5, 99))
def test_the_next_step_is_legal_and_nothing_lower_is(minimum: int, step: int, above: int | None) -> None:
    terms, window = Terms(1, 1, minimum, step, 0, 9), Window(1, 9)
    lowest = rules.next_step(terms, above)
    floor = minimum if above is None else max(above + 1, minimum)
    legal = [a for a in range(floor, lowest + 1) if rules.judge(terms, window, Own(), 0, a, cutoff=0) is None]
    assert legal == [lowest]


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(0, 9)), max_size=18), st.randoms())
def test_the_order_of_bids_does_not_depend_on_the_sequence_of_reading(
    pairs: list[tuple[int, int]], dice: random.Random
) -> None:
    bids = [Bid(number, person, 1, amount, 0, "r") for number, (person, amount) in enumerate(pairs, 1)]
    shuffled = bids[::-1]
    dice.shuffle(shuffled)
    assert rules.order_of_bids(shuffled) == rules.order_of_bids(bids)

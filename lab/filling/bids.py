"""Bids of a crowd, made up from a seed and judged one after the other as the live store would have judged them."""

import random
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence

from cashticket.auction import rules
from cashticket.auction.terms import Terms
from cashticket.auction.values import CHANCES, Entry

SPREAD_STEPS = 60
"""First bids lie this many steps above the minimum on average; few are much higher."""

RAISE_STEPS_MAX = 20
"""A raise is at most this many steps."""

HIGHEST_STEPS = 1_900
"""No bid is more than this many steps above the minimum."""


def bids_of_crowd(terms: Terms, people: Sequence[int], bids_each: range, seed: int, last_ms: int) -> Iterator[Entry]:
    """Yield the accepted bids of `people`, in sequence; how many each person makes is drawn from `bids_each`.

    They come in random turns and are spread evenly from the opening to `last_ms`. Raises ValueError for terms with a
    soft close, whose end they would move, and for a person who would bid too often.
    """
    if terms.soft_close_ms or not 1 <= min(bids_each) <= max(bids_each) <= CHANCES:
        raise ValueError(f"a person makes 1 to {CHANCES} bids, in an auction without soft close")
    dice = random.Random(seed)
    turns = [person for person in people for _ in range(dice.choice(bids_each))]
    dice.shuffle(turns)
    order = _Order(terms)
    window_ms = last_ms - terms.opens_at_ms
    for sequence, person in enumerate(turns, 1):
        at_ms = terms.opens_at_ms + window_ms * sequence // (len(turns) + 1)
        yield order.accept(person, _steps(dice, order.steps_of(person)), sequence, at_ms)


def _steps(dice: random.Random, own: int | None) -> int:
    """The steps above the minimum of the next bid of somebody whose bid stands at `own` steps."""
    if own is None:
        return min(HIGHEST_STEPS, int(dice.expovariate(1 / SPREAD_STEPS)))
    return own + dice.randint(1, RAISE_STEPS_MAX)


class _Order:
    """Who stands where, as negative scores, best first: inserting into 150,000 of them takes some microseconds."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._scores: list[int] = []
        self._people: dict[int, int] = {}
        self._own: dict[int, tuple[int, int]] = {}
        self._used: dict[int, int] = {}

    def steps_of(self, person: int) -> int | None:
        own = self._own.get(person)
        return None if own is None else own[1]

    def accept(self, person: int, steps: int, sequence: int, at_ms: int) -> Entry:
        """The entry of an accepted bid, with everything that the live store would have answered."""
        terms, scores = self._terms, self._scores
        before = None
        if own := self._own.get(person):
            before = bisect_left(scores, own[0]) + 1
            del scores[before - 1], self._people[own[0]]
        amount = terms.minimum + steps * terms.step
        score = -rules.score(amount, sequence)
        insort(scores, score)
        self._people[score], self._own[person] = person, (score, steps)
        self._used[person] = self._used.get(person, 0) + 1
        after = bisect_left(scores, score) + 1
        full = len(scores) >= terms.seats
        displaced = None
        if rules.newly_winning(before, after, terms.seats) and len(scores) > terms.seats:
            displaced = self._people[scores[terms.seats]]
        return Entry(
            sequence=sequence,
            person=person,
            nth=self._used[person],
            amount=amount,
            at_ms=at_ms,
            request_id=f"crowd-{sequence}",
            ends_at_ms=terms.closes_at_ms,
            rank=after,
            cutoff=rules.unscore(-scores[terms.seats - 1])[0] if full else terms.minimum,
            displaced=displaced,
            alert=displaced is not None and self._used[displaced] < CHANCES,
        )

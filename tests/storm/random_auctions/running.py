"""Runs of random auctions from fixed seeds."""

import random
from collections import Counter
from collections.abc import Iterator

from tests.staging.rows import add_people
from tests.storm.random_auctions import product
from tests.storm.random_auctions.counting import what_came_about
from tests.storm.random_auctions.drawing import PEOPLE, random_concert
from tests.storm.random_auctions.playing import Crowd, Player

CONCERTS_A_CROWD = 40
"""So many concerts are stored in one unit, and the same people bid in them."""
CROWDS_KEPT = 5
"""After so many crowds all rows are deleted, so that no table grows with the length of a run."""


def run(auctions: int) -> Counter[str]:
    """Play at least so many auctions and compare each. Returns what came about in them, counted."""
    tally: Counter[str] = Counter()
    for number, seeds in enumerate(_seeds()):
        if number % CROWDS_KEPT == 0:
            product.forget_everything()
        crowd = Crowd(add_people(PEOPLE))
        concerts = [random_concert(random.Random(f"concert {seed}"), crowd.people, crowd.barred) for seed in seeds]
        product.store(concerts)
        for seed, concert in zip(seeds, concerts, strict=True):
            try:
                Player(random.Random(f"acts {seed}"), concert, crowd, tally).play()
            except Exception as error:
                sizes = [f"{each.seats} seats and {len(each.bids)} bids" for each in concert.auctions]
                error.add_note(f"seed {seed}: {', '.join(sizes)}")
                raise
            tally.update(what_came_about(concert))
            tally["auctions"] += len(concert.auctions)
            if tally["auctions"] >= auctions:
                return tally
    raise AssertionError("unreachable: seeds never end")


def _seeds() -> Iterator[range]:
    """The seeds of one crowd after the other."""
    first = 1
    while True:
        yield range(first, first + CONCERTS_A_CROWD)
        first += CONCERTS_A_CROWD

"""Random concerts: one or two auctions with up to 50 seats and up to 200 bidders, and a deadline that may come soon."""

import random
from datetime import timedelta

from tests.staging.rows import END
from tests.storm.random_auctions.model import Auction, Concert

PEOPLE = 200
MINIMUM, STEP = 100_000, 10_000
HOUR = timedelta(hours=1)

SIZES = (((1, 3), (0, 8), 70), ((1, 12), (0, 30), 24), ((1, 50), (0, PEOPLE), 6))
"""(seats, bidders, how often of 100): most auctions are small, for many of them meet more than few large ones."""


def random_concert(dice: random.Random, people: list[int], barred: set[int]) -> Concert:
    """A concert whose auctions have ended and are not settled; `barred` are the blocked and closed accounts."""
    interested = dice.sample(people, dice.choice((5, 5, 9, 20, PEOPLE)))
    auctions = [random_auction(dice, interested) for _ in range(dice.choice((1, 2, 2)))]
    last_end = max(auction.ends for auction in auctions)
    return Concert(last_end + HOUR * dice.choice((1, 10, 40, 100, 200, 200)), auctions, barred)


def random_auction(dice: random.Random, people: list[int]) -> Auction:
    seats, bidders, _ = dice.choices(SIZES, [size[2] for size in SIZES])[0]
    return Auction(
        seats=dice.randint(*seats),
        minimum=MINIMUM,
        uniform=dice.random() < 0.5,
        ends=END + HOUR * dice.choice((0, 0, 0, 1, 20)),
        hours=dice.choice(((24, 12), (24, 12), (1, 1), (3, 48))),
        bids=random_bids(dice, dice.sample(people, min(len(people), dice.randint(*bidders)))),
    )


def random_bids(dice: random.Random, bidders: list[int]) -> list[tuple[int, int]]:
    """Lawful bids as (person, won): up to three of each person, every one above the one before; many are equal."""
    turns = [person for person in bidders for _ in range(dice.choice((1, 1, 2, 3)))]
    dice.shuffle(turns)
    newest: dict[int, int] = {}
    bids = []
    for person in turns:
        newest[person] = newest.get(person, MINIMUM - STEP) + STEP * dice.randint(1, 4)
        bids.append((person, newest[person]))
    return bids

"""Random concerts, settled and handed over by product and oracle: after every step both agree on every seat."""

import os
import random
from dataclasses import dataclass
from datetime import datetime

import pytest
from flask import Flask

from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.settlement import awards
from cashticket.settlement.awards import NotAllowed
from cashticket.settlement.leaving import leave
from cashticket.settlement.line import next_in_line
from cashticket.settlement.settle import Settled
from lab.oracle import bidding
from lab.oracle.bidding import Ranked
from lab.oracle.seats import MOVES, Concert
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import Amounts, add_ended_auction, awards_of, position, settled, story_of

CONCERTS = int(os.environ.get("CASHTICKET_MODEL_CONCERTS", "20"))
DEADLINE = END + 4 * DAY
MINIMUM, STEP = 100_000, 10_000
STEPS = 25

Seats = list[tuple[int, int, int, int, str, int]]
"""(seat, person, rank, price, state, expires in ms) of every award, in the order in which they were issued."""


@dataclass
class ModelAuction:
    """An auction as the oracle knows it."""

    id: int
    seats: int
    uniform: bool
    bids: Amounts
    minimum: int = MINIMUM

    def final_order(self) -> list[Ranked]:
        return bidding.final_order(Ranked(*bid, sequence) for sequence, bid in enumerate(self.bids, 1))


def seats_by_oracle(concert: Concert, auction: int) -> Seats:
    mine = (award for award in concert.awards if award.auction == auction)
    return [(each.seat, each.person, each.rank, each.price, each.state, each.expires) for each in mine]


def seats_by_product(auction: int) -> Seats:
    return [
        (award.seat.number, award.person_id, award.rank, award.price, award.state, to_ms(award.expires_at))
        for award in awards_of(auction)
    ]


def line_by_oracle(concert: Concert, auction: ModelAuction) -> list[tuple[int, int]]:
    """(person, position) of everybody who waits, next first."""
    waiting = concert.waiting_line(auction)
    return [(ranked.person, position) for position, ranked in enumerate(waiting, 1)]


def line_by_product(auction: int) -> list[tuple[int, int]]:
    db.session.rollback()
    next_ones = next_in_line(db.session(), auction, 1_000)
    return [(row.person_id, position(auction, row.person_id) or 0) for row in next_ones]


def compare(concert: Concert, auctions: list[ModelAuction], seed: int) -> None:
    for auction in auctions:
        assert seats_by_product(auction.id) == seats_by_oracle(concert, auction.id), f"seed {seed}"
        assert line_by_product(auction.id) == line_by_oracle(concert, auction), f"seed {seed}"
        assert dict(story_of(auction.id)) == {award.id: award.state for award in awards_of(auction.id)}, f"seed {seed}"


def random_bids(dice: random.Random, people: list[int]) -> list[tuple[int, int]]:
    """Lawful bids of random people: each at most three, every one above the last."""
    bidders = dice.sample(people, dice.randint(0, len(people)))
    bids = [(person, MINIMUM + STEP * dice.randint(0, 12)) for person in bidders]
    for person in bidders:
        last = next(amount for bidder, amount in bids if bidder == person)
        for _ in range(dice.randint(0, 2)):
            last += STEP * dice.randint(1, 3)
            place = dice.randint(1 + max(n for n, bid in enumerate(bids) if bid[0] == person), len(bids))
            bids.insert(place, (person, last))
    return bids


def add_auctions(dice: random.Random, people: list[int], concert: Concert) -> list[ModelAuction]:
    """One or two auctions of a new concert, in the database and in the oracle."""
    auctions = []
    concert_id = add_concert(cancel_until=DEADLINE)
    for _ in range(dice.choice((1, 1, 2))):
        bids, seats, uniform = random_bids(dice, people), dice.randint(1, 12), dice.random() < 0.5
        pricing = "uniform" if uniform else "pay_as_bid"
        auction_id = add_ended_auction(bids, concert=concert_id, seats=seats, pricing=pricing)
        auctions.append(ModelAuction(auction_id, seats, uniform, bids))
    concert.auctions = auctions
    return auctions


def set_blocked(concert: Concert, person: int, *, blocked: bool) -> None:
    (concert.blocked.add if blocked else concert.blocked.discard)(person)
    change_person(person, blocked_at=END if blocked else None)


def take_step(dice: random.Random, people: list[int], concert: Concert, now: datetime) -> None:
    """One random event, for the product and for the oracle."""
    event = dice.choice(("buy", "buy", "decline", "cancel", "cancel", "block", "time", "leave"))
    if event == "block":
        set_blocked(concert, dice.choice(people), blocked=dice.random() < 0.5)
    elif event == "leave":
        leave_a_line(dice, people, concert, now)
    elif event == "time" or not concert.awards:
        awards.lapse_all_expired(now)
        concert.lapse_expired(to_ms(now))
    else:
        make_move(concert, dice.choice(range(len(concert.awards))), event, now)


def leave_a_line(dice: random.Random, people: list[int], concert: Concert, now: datetime) -> None:
    """Anybody leaves, mostly somebody who waits; product and oracle refuse it for the same reason or both do it."""
    auction = dice.choice(concert.auctions)
    waiting = [ranked.person for ranked in concert.waiting_line(auction)]
    person = dice.choice(waiting if waiting and dice.random() < 0.7 else people)
    done = leave(auction.id, person, now)
    assert (done.refused or None) == concert.leave(auction, person, to_ms(now))
    assert (done.left_at is None) is bool(done.refused)


def make_move(concert: Concert, number: int, move: str, now: datetime) -> None:
    """The holder buys, declines or cancels; product and oracle refuse it for the same reason or both do it."""
    auction, person = concert.awards[number].auction, concert.awards[number].person
    award_id = next(each.id for each in awards_of(auction) if each.person_id == person)
    refusal = None
    try:
        getattr(awards, move)(award_id, person, now)
    except NotAllowed as error:
        refusal = error.reason
    assert refusal == concert.refusal(number, person, move, to_ms(now))
    state = MOVES[move][1]
    if refusal is None and concert.awards[number].state != state:
        concert.move(number, state, to_ms(now))


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(24)


def test_random_concerts_follow_the_rules(people: list[int]) -> None:
    first = int(os.environ.get("CASHTICKET_MODEL_SEED", "1"))
    for seed in range(first, first + CONCERTS):
        dice, concert, now = random.Random(seed), Concert(to_ms(DEADLINE)), END
        for person in dice.sample(people, 3):
            set_blocked(concert, person, blocked=True)
        auctions = add_auctions(dice, people, concert)
        for number, auction in enumerate(auctions, 1):
            assert isinstance(settled(auction.id, auction.bids, now), Settled)
            concert.settle(auction, to_ms(now))
            compare(concert, auctions[:number], seed)
            now += HOUR * dice.randint(0, 30)
        for _ in range(STEPS):
            now += HOUR * dice.choice((0, 0, 1, 2, 6))
            take_step(dice, people, concert, now)
            compare(concert, auctions, seed)
        for person in list(concert.blocked):
            set_blocked(concert, person, blocked=False)
        awards.lapse_all_expired(END + 30 * DAY)

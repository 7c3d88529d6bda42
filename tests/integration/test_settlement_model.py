"""Random concerts against a small model of the rules: after every step both must say the same of every seat.

The model knows nothing of the product's law: it searches where the law sorts, and keeps plain lists.
"""

import os
import random
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket.models import Person
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.settlement.awards import NotAllowed
from cashticket.settlement.settle import Settled
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people
from tests.staging.settlement import Amounts, add_ended_auction, awards_of, settled, story_of

CONCERTS = int(os.environ.get("CASHTICKET_MODEL_CONCERTS", "20"))
DEADLINE = END + 4 * DAY
MINIMUM, STEP = 100_000, 10_000
LIVE = ("offered", "bought")


@dataclass
class Ticket:
    auction: int
    seat: int
    person: int
    price: int
    expires: datetime
    state: str = "offered"


@dataclass
class Sale:
    seats: int
    uniform: bool
    bids: Amounts


@dataclass
class Model:
    """A concert with its sales, as the rule book tells it."""

    sales: dict[int, Sale] = field(default_factory=dict)
    settled: list[int] = field(default_factory=list)
    tickets: list[Ticket] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)

    def standing(self, auction: int) -> list[tuple[int, int]]:
        """(person, amount), best first: found one by one, the first of the highest."""
        last: list[tuple[int, int]] = []
        for person, amount in self.sales[auction].bids:
            last = [(other, theirs) for other, theirs in last if other != person] + [(person, amount)]
        found = []
        while last:
            best = last[0]
            for candidate in last:
                if candidate[1] > best[1]:
                    best = candidate
            last.remove(best)
            found.append(best)
        return found

    def barred(self, person: int) -> bool:
        return person in self.blocked or any(t.person == person and t.state in LIVE for t in self.tickets)

    def settle(self, auction: int, now: datetime) -> None:
        self.pass_time(now)
        sale = self.sales[auction]
        winners = [(person, amount) for person, amount in self.standing(auction) if not self.barred(person)]
        winners = winners[: sale.seats]
        lowest = min((amount for _, amount in winners), default=0) if len(winners) == sale.seats else MINIMUM
        self.settled.append(auction)
        for seat, (person, amount) in enumerate(winners, 1):
            price = lowest if sale.uniform else amount
            self.tickets.append(Ticket(auction, seat, person, price, min(now + 24 * HOUR, DEADLINE)))

    def pass_time(self, now: datetime) -> None:
        due = [ticket for ticket in self.tickets if ticket.state == "offered" and ticket.expires <= now]
        for ticket in due:
            ticket.state = "lapsed"
        for auction in sorted({ticket.auction for ticket in due}):
            self.offer(auction, now)

    def leave(self, ticket: Ticket, state: str, now: datetime) -> None:
        ticket.state = state
        self.pass_time(now)
        self.offer(ticket.auction, now)

    def offer(self, auction: int, now: datetime) -> None:
        for seat in range(1, self.sales[auction].seats + 1):
            history = [ticket for ticket in self.tickets if (ticket.auction, ticket.seat) == (auction, seat)]
            if not history or any(ticket.state in LIVE for ticket in history) or now >= DEADLINE:
                continue
            had_one = {ticket.person for ticket in self.tickets if ticket.auction == auction}
            for person, amount in self.standing(auction):
                if person not in had_one and not self.barred(person):
                    self.tickets.append(Ticket(auction, seat, person, amount, min(now + 12 * HOUR, DEADLINE)))
                    break

    def says(self, auction: int) -> set[tuple[int, int, int, str, datetime]]:
        return {
            (ticket.seat, ticket.person, ticket.price, ticket.state, ticket.expires)
            for ticket in self.tickets
            if ticket.auction == auction
        }


def system_says(auction: int) -> set[tuple[int, int, int, str, datetime]]:
    return {(a.seat.number, a.person_id, a.price, a.state, a.expires_at) for a in awards_of(auction)}


def random_bids(chance: random.Random, people: list[int]) -> list[tuple[int, int]]:
    """Lawful bids of random people: each at most three, every one above the last."""
    bidders = chance.sample(people, chance.randint(0, len(people)))
    bids = [(person, MINIMUM + STEP * chance.randint(0, 12)) for person in bidders]
    for person in bidders:
        last = next(amount for bidder, amount in bids if bidder == person)
        for _ in range(chance.randint(0, 2)):
            last += STEP * chance.randint(1, 3)
            place = chance.randint(1 + max(n for n, bid in enumerate(bids) if bid[0] == person), len(bids))
            bids.insert(place, (person, last))
    return bids


def add_sales(chance: random.Random, people: list[int], model: Model) -> None:
    concert = add_concert(cancel_until=DEADLINE)
    for _ in range(chance.choice((1, 1, 2))):
        bids, seats, uniform = random_bids(chance, people), chance.randint(1, 12), chance.random() < 0.5
        pricing = "uniform" if uniform else "pay_as_bid"
        model.sales[add_ended_auction(bids, concert=concert, seats=seats, pricing=pricing)] = Sale(seats, uniform, bids)


def set_blocked(model: Model, person: int, *, blocked: bool) -> None:
    (model.blocked.add if blocked else model.blocked.discard)(person)
    at = END if blocked else None
    in_one_unit(lambda session: session.execute(update(Person).where(Person.id == person).values(blocked_at=at)))


def step(chance: random.Random, people: list[int], model: Model, now: datetime) -> None:
    """One random thing that happens, to the system and to the model."""
    happening = chance.choice(("buy", "buy", "decline", "cancel", "cancel", "block", "time"))
    if happening == "block":
        set_blocked(model, chance.choice(people), blocked=chance.random() < 0.5)
        return
    if happening == "time" or not model.tickets:
        awards.lapse_all_expired(now)
        model.pass_time(now)
        return
    ticket = chance.choice(model.tickets)
    award = next(a for a in awards_of(ticket.auction) if a.person_id == ticket.person)
    before, after = {
        "buy": ("offered", "bought"),
        "decline": ("offered", "declined"),
        "cancel": ("bought", "cancelled"),
    }[happening]
    in_time = now < (ticket.expires if before == "offered" else DEADLINE)
    allowed = ticket.state == before and in_time and not (happening == "buy" and ticket.person in model.blocked)
    try:
        getattr(awards, happening)(award.id, ticket.person, now)
        assert allowed or ticket.state == after
    except NotAllowed:
        assert not allowed and ticket.state != after
    if allowed and happening == "buy":
        ticket.state = "bought"
    elif allowed:
        model.leave(ticket, after, now)


def compare(model: Model, seed: int) -> None:
    for auction in model.settled:
        assert system_says(auction) == model.says(auction), f"seed {seed}"
        assert dict(story_of(auction)) == {award.id: award.state for award in awards_of(auction)}, f"seed {seed}"


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(24)


def test_random_concerts_follow_the_rules(people: list[int]) -> None:
    first = int(os.environ.get("CASHTICKET_MODEL_SEED", "1"))
    for seed in range(first, first + CONCERTS):
        chance, model, now = random.Random(seed), Model(), END
        for person in chance.sample(people, 3):
            set_blocked(model, person, blocked=True)
        add_sales(chance, people, model)
        for auction, sale in model.sales.items():
            assert isinstance(settled(auction, sale.bids, now), Settled)
            model.settle(auction, now)
            compare(model, seed)
            now += HOUR * chance.randint(0, 30)
        for _ in range(25):
            now += HOUR * chance.choice((0, 0, 1, 2, 6))
            step(chance, people, model, now)
            compare(model, seed)
        for person in list(model.blocked):
            set_blocked(model, person, blocked=False)
        awards.lapse_all_expired(END + 30 * DAY)

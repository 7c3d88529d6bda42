"""Random acts on a random concert, done by model and product: both allow and refuse the same, and in the end every
seat, award, event, price, rank and line is the same."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from cashticket.accounts import blocking
from tests.staging.rows import change_person
from tests.storm.random_auctions import product
from tests.storm.random_auctions.drawing import HOUR
from tests.storm.random_auctions.model import LIVE, MOVES, Auction, Award, Concert

MOMENT = timedelta(milliseconds=1)
ACTS = {
    "settle": 16,
    "buy": 20,
    "decline": 12,
    "cancel": 14,
    "wait": 16,
    "lapse": 8,
    "block": 3,
    "lift_block": 4,
    "close": 1,
    "void": 2,
    "leave": 6,
    "pause": 3,
    "resume": 5,
}
"""Random acts, and how often of 110."""


@dataclass
class Crowd:
    """People who bid in some concerts. `barred` are blocked and closed accounts, `closed` those that are closed,
    `holders` have a seat in a concert that is over."""

    people: list[int]
    barred: set[int] = field(default_factory=set)
    closed: set[int] = field(default_factory=set)
    holders: set[int] = field(default_factory=set)


class Player:
    """Plays one concert. `tally` counts what came about."""

    def __init__(self, dice: random.Random, concert: Concert, crowd: Crowd, tally: Counter[str]) -> None:
        self.dice, self.concert, self.crowd, self.tally = dice, concert, crowd, tally
        self.now = min(auction.ends for auction in concert.auctions)
        self.bidders = sorted({person for auction in concert.auctions for person, _ in auction.bids})
        self.lifted: set[int] = set()

    def play(self) -> None:
        """Some acts in any order, then the settlements that are left, and then the time after the deadline."""
        for _ in range(self.dice.randint(4, 24) * len(self.concert.auctions)):
            self.act(self.dice.choices(list(ACTS), list(ACTS.values()))[0])
        for auction in sorted(self.concert.auctions, key=lambda each: (each.ends, each.id)):
            self.settle_one(auction)
        self.compare()
        self.now = max(self.now, self.concert.deadline)
        self.act("lapse")
        self.compare()
        self.crowd.holders.update(award.person for award in self.concert.awards if award.state in LIVE)

    def act(self, name: str) -> None:
        known = len(self.concert.awards)
        if name in MOVES:
            self.move(name)
        else:
            getattr(self, name)()
        self.count_new(self.concert.awards[known:])

    # Acts

    def settle(self) -> None:
        """Any auction in any order, mostly one that is not settled yet."""
        auctions = [each for each in self.concert.auctions if each.state == "open" or self.dice.random() < 0.1]
        if auctions:
            self.settle_one(self.dice.choice(auctions))

    def settle_one(self, auction: Auction) -> None:
        self.now = max(self.now, auction.ends)
        before = auction.state
        allowed, reason = self.concert.settle(auction, self.now), product.settled(auction, self.now)
        assert allowed is (reason == ""), f"settling auction {auction.id}: {reason or 'done'}"
        self.tally[f"settled: {reason or before}"] += 1
        if allowed and before == "open":
            self.tally["settled after the deadline"] += self.now >= self.concert.deadline
            barred = self.concert.barred.intersection(auction.passed_over)
            self.tally["passed over with a barred account"] += len(barred)
            self.tally["passed over with a ticket"] += len(auction.passed_over) - len(barred)

    def move(self, act: str) -> None:
        """By the holder of an award in the right state, often a barred one; sometimes in any state or by others."""
        awards = [each for each in self.concert.awards if each.state == MOVES[act][0]]
        barred = [each for each in awards if each.person in self.concert.barred]
        if barred and self.dice.random() < 0.3:
            awards = barred
        if not awards or self.dice.random() < 0.1:
            awards = self.concert.awards
        if not awards:
            return
        award = self.dice.choice(awards)
        person = self.dice.choice(self.bidders) if self.dice.random() < 0.05 else award.person
        before, events = award.state, len(self.concert.events)
        allowed = self.concert.move(award, act, person, self.now)
        reason = product.moved(award.auction, award.person, act, person, self.now)
        assert allowed is (reason == ""), (
            f"{act} of seat {award.seat} of auction {award.auction.id}: {reason or 'done'}"
        )
        self.tally[f"{act}: {reason or before}"] += 1
        if award.state != before:
            self.tally["lapsed by another act"] += "lapsed" in [state for _, _, state in self.concert.events[events:]]
            self.tally[f"{act} with a barred account"] += person in self.concert.barred

    def wait(self) -> None:
        """Let some hours pass, or go to the end of a right or to the deadline, or to the millisecond before."""
        ends = [each.expires for each in self.concert.awards if each.state == "offered"]
        if self.dice.random() < 0.1:
            ends = [self.concert.deadline]
        ends = [end - early for end in ends for early in (MOMENT, MOMENT * 0) if end - early > self.now]
        if ends and self.dice.random() < 0.5:
            self.now = self.dice.choice(ends)
        else:
            self.now += HOUR * self.dice.choice((1, 2, 6))

    def lapse(self) -> None:
        auction = self.dice.choice(self.concert.auctions)
        self.concert.lapse(self.now)
        self.concert.hand_over(auction, self.now)
        product.handed_over(auction, self.now)

    def leave(self) -> None:
        """Mostly somebody who waits."""
        auction = self.dice.choice(self.concert.auctions)
        people = [bid[0] for bid in self.concert.line(auction)]
        if not people or self.dice.random() < 0.3:
            people = self.bidders
        if people:
            person = self.dice.choice(people)
            allowed = self.concert.leave(auction, person, self.now)
            reason = product.left(auction, person, self.now)
            assert allowed is (reason == ""), f"leaving auction {auction.id}: {reason or 'done'}"
            self.tally[f"leave: {reason or 'done'}"] += 1

    def pause(self) -> None:
        self.pause_or_resume(True)

    def resume(self) -> None:
        self.pause_or_resume(False)

    def pause_or_resume(self, pausing: bool) -> None:
        """Mostly a line that is not as it is to be."""
        auctions = [each for each in self.concert.auctions if each.state == "settled" and each.paused is not pausing]
        if not auctions or self.dice.random() < 0.1:
            auctions = self.concert.auctions
        auction = self.dice.choice(auctions)
        known, is_repeated = len(self.concert.awards), auction.paused is pausing
        expected = "no line" if auction.state != "settled" else "repeated" if is_repeated else ""
        self.concert.pause(auction, pausing, self.now)
        answer = product.paused(auction, pausing, self.now)
        assert answer == expected, f"{'pausing' if pausing else 'resuming'} the line of auction {auction.id}: {answer}"
        self.tally[f"{'pause' if pausing else 'resume'}: {answer or 'done'}"] += 1
        self.tally["offered when the line went on"] += not pausing and len(self.concert.awards) > known

    def block(self) -> None:
        """Often somebody with a seat."""
        holders = [award.person for award in self.concert.awards if award.state in LIVE]
        if self.bidders:
            person = self.dice.choice(holders if holders and self.dice.random() < 0.6 else self.bidders)
            self.concert.barred.add(person)
            blocking.block(person)
            self.tally["blocked"] += 1

    def lift_block(self) -> None:
        blocked = sorted(self.concert.barred - self.crowd.closed)
        if blocked:
            person = self.dice.choice([each for each in self.bidders if each in blocked] or blocked)
            self.concert.barred.remove(person)
            self.lifted.add(person)
            change_person(person, blocked_at=None)

    def close(self) -> None:
        """Somebody leaves whose bids are all settled and who has no seat (rule 4)."""
        bound = self.crowd.closed | self.crowd.holders
        bound |= {person for auction in self.concert.auctions if auction.state == "open" for person, _ in auction.bids}
        bound |= {award.person for award in self.concert.awards if award.state in LIVE}
        free = [person for person in self.bidders if person not in bound]
        if free:
            person = self.dice.choice(free)
            self.concert.barred.add(person)
            self.crowd.closed.add(person)
            assert product.closed(person), f"closing account {person}: it holds an award"
            self.tally["closed"] += 1

    def void(self) -> None:
        auction = self.dice.choice(self.concert.auctions)
        self.tally[f"voided: {auction.state}"] += 1
        repeated = auction.state == "voided"
        self.concert.void(auction, self.now)
        assert product.voided(auction, self.now) is repeated

    # What came about

    def count_new(self, awards: list[Award]) -> None:
        """Count what is special about seats that were handed over just now."""
        first_of = {(each.auction, each.seat): each for each in reversed(self.concert.awards)}
        offers = [each for each in awards if first_of[each.auction, each.seat] is not each]
        together = Counter(offer.auction for offer in offers)
        self.tally["several seats offered at once"] += max(together.values(), default=0) > 1
        for offer in offers:
            self.tally["offered under uniform pricing"] += offer.auction.uniform
            self.tally["offered after a block was lifted"] += offer.person in self.lifted
            others = [each for each in self.concert.awards if each.person == offer.person and each is not offer]
            self.tally.update(f"offered after a seat elsewhere was {each.state}" for each in others)

    def compare(self) -> None:
        """Fail where the tables hold something else than the model."""
        differ("awards", product.awards_of(self.concert), awards_by_model(self.concert))
        differ("events", product.events_of(self.concert), events_by_model(self.concert))
        differ(
            "states",
            list(product.states_of(self.concert)),
            [(each.state, each.paused) for each in self.concert.auctions],
        )
        for auction in self.concert.auctions:
            if auction.state == "settled":
                ranks = [(*bid, bid[0] in auction.passed_over) for bid in auction.order()]
                differ("ranks", product.ranks_of(auction), ranks)
                differ("line", product.line_of(auction), [bid[0] for bid in self.concert.line(auction)])


def awards_by_model(concert: Concert) -> list[tuple[object, ...]]:
    """As `product.awards_of` reads them."""
    rows = []
    last: dict[tuple[int, int], int] = {}
    for award in concert.awards:
        auction, seat = award.auction.id, award.seat
        rank = 1 + [bid[0] for bid in award.auction.order()].index(award.person)
        held = (award.person, award.price, award.expires, award.state, rank, last.get((auction, seat)))
        rows.append((auction, seat, *held))
        last[auction, seat] = award.person
    return sorted(rows, key=lambda row: row[0])


def events_by_model(concert: Concert) -> list[tuple[object, ...]]:
    """As `product.events_of` reads them."""
    rows = [(award.auction.id, at, award.seat, award.person, state) for at, award, state in concert.events]
    return sorted(rows, key=lambda row: row[:3])


def differ(what: str, theirs: list[Any], ours: list[Any]) -> None:
    """Fail with the first difference, if there is one."""
    if theirs != ours:
        pairs = enumerate(zip([*theirs, None], [*ours, None], strict=False), 1)
        number, (first, second) = next((number, pair) for number, pair in pairs if pair[0] != pair[1])
        raise AssertionError(f"{what}, number {number}: {first}, by the model {second}")

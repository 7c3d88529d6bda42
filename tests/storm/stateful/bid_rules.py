"""Steps of the state machine: bids of every kind, and the passing of time."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from cashticket.ledger.operator_acts import record_alone
from cashticket.models.operator_acts import Act, auction_subject
from lab.evidence import BidRow
from lab.oracle.bidding import CHANCES
from tests.storm.stateful import strategies
from tests.storm.stateful.accounting import remembered
from tests.storm.stateful.machine import Machine, awarded, unfinished
from tests.storm.stateful.model import ModelAuction
from tests.storm.stateful.strategies import HOUR


class BidRules(Machine):
    """Bids, repeats, and the clock."""

    def ask(self, auction: ModelAuction, person: int, amount: int, request: str, *, sure: bool = True) -> None:
        """Bid as a door does: a stranger is introduced and tries again. `sure`: the amount is said once more."""
        for _ in range(2):
            before = (self.stores.copy(auction.id), remembered(auction)) if self.can_be_copied(auction) else None
            kind, expected = auction.bid(person, amount, request, self.now, sure=sure)
            actual, answer = self.stores.bid(auction.id, person, amount, request, sure=sure)
            assert actual == kind, f"the product says {actual} {answer}, the model {kind} {expected}"
            if kind != "stranger":
                break
            self.stores.introduce(auction.id, person)
            auction.permissions[person] = person not in self.concert.blocked
        if kind == "accepted" and before:
            self.replicas[auction.id].append(before)
        self.tally[kind if kind != "refused" else str(expected)] += 1
        if kind == "accepted" and isinstance(expected, BidRow) and expected.displaced:
            self.tally["displaced and alerted" if expected.alert else "displaced without a chance left"] += 1
        check_answer(kind, expected, answer, auction, person)
        if (auction, person, amount, request) not in self.requests:
            self.requests.append((auction, person, amount, request))

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS, who=strategies.NUMBERS, steps=strategies.STEPS, sure=strategies.SURE)
    def bid(self, auction: int, who: int, steps: int, sure: bool = True) -> None:
        """Bid a few steps above one's own last bid."""
        at, person = self.auction(auction), self.person(who)
        own = at.own(person)
        amount = (at.minimum - at.step if own is None else own) + steps * at.step
        self.ask(at, person, amount, self.request(), sure=sure)

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS, who=strategies.NUMBERS, steps=st.integers(0, 1))
    def bid_for_a_seat(self, auction: int, who: int, steps: int) -> None:
        """Bid the cut-off or just above it."""
        at = self.auction(auction)
        order = sorted((self.best_of(at, person) for person in self.stores.people), reverse=True)
        amount = max(at.minimum, order[min(at.seats, len(order)) - 1]) + steps * at.step
        self.ask(at, self.person(who), amount, self.request())

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS, who=strategies.NUMBERS, amount=strategies.ODD_AMOUNTS, sure=strategies.SURE)
    def bid_oddly(self, auction: int, who: int, amount: Callable[[ModelAuction, int], int], sure: bool) -> None:
        at, person = self.auction(auction), self.person(who)
        self.ask(at, person, amount(at, self.best_of(at, person)), self.request(), sure=sure)

    @precondition(lambda self: bool(self.requests))
    @rule(
        which=st.integers(0, 30),
        more=st.sampled_from([0, 0, 1]),
        other=st.sampled_from([0, 0, 0, 1]),
    )
    def send_again(self, which: int, more: int, other: int) -> None:
        """Send a request again, also with another amount or by somebody else."""
        auction, person, amount, request = self.requests[which % len(self.requests)]
        people = self.stores.people
        other_person = people[(people.index(person) + other) % len(people)]
        self.ask(auction, other_person, amount + more * auction.step, request)

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS, who=strategies.NUMBERS)
    def withdraw(self, auction: int, who: int) -> None:
        """An operator takes somebody out of the order."""
        at, person = self.auction(auction), self.person(who)
        before = (self.stores.copy(at.id), remembered(at)) if self.can_be_copied(at) else None
        # A withdrawal without an act is one that nobody has made.
        record_alone("operator", Act.AUCTION_WITHDRAW, auction_subject(at.id), "a made-up person", {"person": person})
        kind, expected = at.withdraw(person, self.now)
        actual, answer = self.stores.withdraw(at.id, person)
        assert actual == kind, f"the product says {actual} {answer}, the model {kind} {expected}"
        if isinstance(expected, BidRow):
            assert BidRow(*(getattr(answer, name) for name in BidRow.__slots__)) == expected
            if before:
                self.replicas[at.id].append(before)
        self.tally[f"{kind} by an operator"] += 1

    # Time

    @rule(ms=st.sampled_from([1, 700, 9_000, 30_000, -1, -4_000]))
    def pass_time(self, ms: int) -> None:
        """Clocks may jump back; an auction's clock never does."""
        self.set_clock(self.now + ms)

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS, beside=st.sampled_from([-1, 0, 0, 1, 2_000]))
    def come_to_the_end(self, auction: int, beside: int) -> None:
        self.set_clock(max(self.now, self.auction(auction).ends + beside))

    @precondition(awarded)
    @rule(which=strategies.NUMBERS, beside=st.sampled_from([-1, 0, HOUR]))
    def come_to_a_deadline(self, which: int, beside: int) -> None:
        award = self.concert.awards[which % len(self.concert.awards)]
        self.set_clock(max(self.now, award.expires + beside))


def check_answer(kind: str, expected: Any, answer: Any, auction: ModelAuction, person: int) -> None:
    """Compare every field of the product's answer with the model's."""
    if kind == "refused":
        left = None if expected == "blocked" else CHANCES - auction.used(person)
        assert (answer.reason.value, answer.chances_left) == (expected, left)
    elif kind == "paused":
        assert answer == expected
    elif kind in ("accepted", "replayed"):
        actual = (
            answer.sequence,
            answer.nth,
            answer.amount,
            answer.rank,
            answer.cutoff,
            answer.at_ms,
            answer.ends_at_ms,
        )
        by_model = (
            expected.sequence,
            expected.nth,
            expected.amount,
            expected.rank,
            expected.cutoff,
            expected.at_ms,
            expected.ends_at_ms,
        )
        assert actual == by_model
        assert (answer.winning, answer.chances_left) == (expected.rank <= auction.seats, CHANCES - expected.nth)

"""Seats: who wins and at what price, what may become of an award, and who is offered a freed seat (rules 12 to 17)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lab.oracle.bidding import Ranked
from lab.oracle.times_to_buy import OFFER_MS, PURCHASE_MS, end_of_right

LIVE = ("offered", "bought")
FREED = ("declined", "lapsed", "cancelled", "revoked")
"""The states of an award that leave its seat to the next in line."""
MOVES = {"buy": ("offered", "bought"), "decline": ("offered", "declined"), "cancel": ("bought", "cancelled")}
"""What a holder may do: the state of the award before and after it."""

NEXT_STATES = {
    None: {"offered"},
    "offered": {"bought", "declined", "lapsed", "revoked", "voided"},
    "bought": {"cancelled", "revoked", "voided"},
}
"""State of an award (None: not issued) → the states that may follow."""


def winners(order: Iterable[Ranked], seats: int, passed_over: Collection[int]) -> list[Ranked]:
    """The best `seats` who are not passed over; the first gets seat 1."""
    return line(order, passed_over)[:seats]


def prices(winning: list[Ranked], seats: int, minimum: int, *, uniform: bool) -> list[int]:
    """What each winner pays: the own bid, or all the lowest winning bid (the minimum if seats stay unsold)."""
    lowest = min(ranked.amount for ranked in winning) if len(winning) == seats else minimum
    return [lowest if uniform else ranked.amount for ranked in winning]


def line(order: Iterable[Ranked], out_of_line: Collection[int]) -> list[Ranked]:
    """Who waits for a seat, next first."""
    return [ranked for ranked in order if ranked.person not in out_of_line]


class Auction(Protocol):
    """What the rules need to know of an auction that is over."""

    id: int
    seats: int
    minimum: int
    uniform: bool

    def final_order(self) -> list[Ranked]: ...


@dataclass
class Award:
    """A right to a seat. `previous` is the number of the award whose seat it took over."""

    auction: int
    seat: int
    person: int
    rank: int
    price: int
    offered: int
    expires: int
    previous: int | None = None
    state: str = "offered"


@dataclass
class Concert:
    """The seats of one concert's auctions. An award is named by its place in `awards`.

    `events` are (award, state) by auction id, `notices` (auction id, person, kind). No offer outlasts `deadline`.
    """

    deadline: int
    auctions: Sequence[Auction] = field(default_factory=list)
    awards: list[Award] = field(default_factory=list)
    events: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    notices: list[tuple[int, int, str]] = field(default_factory=list)
    blocked: set[int] = field(default_factory=set)
    left: set[tuple[int, int]] = field(default_factory=set)
    """Who left which line for good: (auction id, person)."""

    def auction(self, auction_id: int) -> Auction:
        return next(auction for auction in self.auctions if auction.id == auction_id)

    def is_barred(self, person: int) -> bool:
        """Whether the person is blocked or has a live award for this concert: passed over at settlement and in line."""
        return person in self.blocked or any(each.person == person and each.state in LIVE for each in self.awards)

    def settle(self, auction: Auction, now: int) -> None:
        """Award the seats of an auction that is over."""
        self.lapse_expired(now)
        order = auction.final_order()
        passed_over = {ranked.person for ranked in order if self.is_barred(ranked.person)}
        winning = winners(order, auction.seats, passed_over)
        expires = min(end_of_right(now, PURCHASE_MS), self.deadline)
        to_pay = prices(winning, auction.seats, auction.minimum, uniform=auction.uniform)
        for seat, (ranked, price) in enumerate(zip(winning, to_pay, strict=True), 1):
            rank = 1 + order.index(ranked)
            self._issue(Award(auction.id, seat, ranked.person, rank, price, now, expires), "won")
        for ranked in order:
            if ranked not in winning:
                kind = "passed_over" if ranked.person in passed_over else "not_won"
                self.notices.append((auction.id, ranked.person, kind))

    def refusal(self, number: int, person: int, move: str, now: int) -> str | None:
        """Why `person` may not make this move now; None: allowed, or done already."""
        award, (before, after) = self.awards[number], MOVES[move]
        if person != award.person:
            return "not found"
        if award.state == after:
            return None
        reasons = {
            "not_bought" if award.state == "offered" else award.state: award.state != before,
            "expired": before == "offered" and now >= award.expires,
            "blocked": move == "buy" and person in self.blocked,
            "too_late": move == "cancel" and now >= self.deadline,
        }
        return next((reason for reason, applies in reasons.items() if applies), None)

    def move(self, number: int, state: str, now: int) -> None:
        """The holder buys, declines or cancels; a freed seat is offered to the next in line."""
        auction = self.auction(self.awards[number].auction)
        self.notices.append((auction.id, self.awards[number].person, state))
        if state == "bought":
            self._change(number, state)
            return
        before = [self.waiting_line(each) for each in self.auctions]
        self.lapse_expired(now)
        self._change(number, state)
        self.offer_free_seats(auction, now)
        self._offer_to_returned(before, {auction.id}, now)

    def leave(self, auction: Auction, person: int, now: int) -> str | None:
        """The person leaves the line of a settled auction for good. Why that is refused; None: done, now or before."""
        self.lapse_expired(now)
        states = [each.state for each in self.awards if (each.auction, each.person) == (auction.id, person)]
        if states:
            return states[0] if states[0] in LIVE else "had_one"
        waiting = {ranked.person for ranked in self.waiting_line(auction)}
        if person not in waiting and (auction.id, person) not in self.left:
            return "not_waiting"
        self.left.add((auction.id, person))
        return None

    def lapse_expired(self, now: int) -> None:
        """Lapse every expired offer and offer the freed seats."""
        before = [self.waiting_line(each) for each in self.auctions]
        expired = [number for number, award in enumerate(self.awards) if is_expired(award, now)]
        for number in sorted(expired, key=lambda each: (self.awards[each].auction, self.awards[each].seat)):
            self._change(number, "lapsed")
            self.notices.append((self.awards[number].auction, self.awards[number].person, "lapsed"))
        affected = {self.awards[number].auction for number in expired}
        for auction in self.auctions:
            if auction.id in affected:
                self.offer_free_seats(auction, now)
        self._offer_to_returned(before, affected, now)

    def offer_free_seats(self, auction: Auction, now: int) -> None:
        """Offer every seat that was awarded and is held by nobody to the next in line, at that person's own bid."""
        order = auction.final_order()
        for seat in range(1, auction.seats + 1):
            past = [
                number for number, each in enumerate(self.awards) if (each.auction, each.seat) == (auction.id, seat)
            ]
            if not past or self.awards[past[-1]].state in LIVE or now >= self.deadline:
                continue
            for ranked in self.waiting_line(auction)[:1]:
                rank, expires = 1 + order.index(ranked), min(end_of_right(now, OFFER_MS), self.deadline)
                offer = Award(auction.id, seat, ranked.person, rank, ranked.amount, now, expires, previous=past[-1])
                self._issue(offer, "offered")

    def waiting_line(self, auction: Auction) -> list[Ranked]:
        """Who waits for a seat of a settled auction, next first: whoever never had one here, has not left, and is not
        barred."""
        out = {award.person for award in self.awards if award.auction == auction.id}
        out |= {person for auction_id, person in self.left if auction_id == auction.id}
        return [ranked for ranked in line(auction.final_order(), out) if not self.is_barred(ranked.person)]

    def _offer_to_returned(self, before: list[list[Ranked]], beyond: set[int], now: int) -> None:
        """Offer seats that stayed free in the auctions whose lines were otherwise, but for those `beyond`."""
        for auction, waiting in zip(self.auctions, before, strict=True):
            if auction.id not in beyond and self.waiting_line(auction) != waiting:
                self.offer_free_seats(auction, now)

    def _issue(self, award: Award, kind: str) -> None:
        self.awards.append(award)
        self._note(len(self.awards) - 1)
        self.notices.append((award.auction, award.person, kind))

    def _change(self, number: int, state: str) -> None:
        self.awards[number].state = state
        self._note(number)

    def _note(self, number: int) -> None:
        award = self.awards[number]
        self.events.setdefault(award.auction, []).append((number, award.state))


def is_expired(award: Award, now: int) -> bool:
    return award.state == "offered" and award.expires <= now

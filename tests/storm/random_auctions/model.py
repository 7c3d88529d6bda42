"""The rules after the end, from docs/rules.md alone (rules 12 to 18, "In the small"), by brute force; imports no code
of ours. Where the rules leave room: seats of several auctions that lapse together are offered auction by auction, by
id, and a seat that nobody wanted is offered again at the next hand-over of its auction, or when its line changes."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

SEOUL, LIVE = timedelta(hours=9), ("offered", "bought")
MOVES = {"buy": ("offered", "bought"), "decline": ("offered", "declined"), "cancel": ("bought", "cancelled")}


def after_quiet_hours(at: datetime) -> datetime:
    return max(at, (at + SEOUL).replace(hour=8, minute=0, second=0, microsecond=0) - SEOUL)


@dataclass(eq=False)
class Auction:
    seats: int
    minimum: int
    uniform: bool
    ends: datetime
    hours: tuple[int, int]  # of a purchase, and of an offer
    bids: list[tuple[int, int]]  # (person, won), as they were accepted
    id: int = 0
    state: str = "open"
    passed_over: list[int] = field(default_factory=list)  # at settlement
    left: set[int] = field(default_factory=set)  # the line, for good
    paused: bool = False  # its line

    def order(self) -> list[tuple[int, int, int]]:
        newest = {person: (person, won, sequence) for sequence, (person, won) in enumerate(self.bids, 1)}
        return sorted(newest.values(), key=lambda bid: (-bid[1], bid[2]))


@dataclass(eq=False)
class Award:
    auction: Auction
    seat: int
    person: int
    price: int
    expires: datetime
    state: str = ""


@dataclass
class Concert:
    deadline: datetime
    auctions: list[Auction]
    barred: set[int]  # blocked and closed accounts
    awards: list[Award] = field(default_factory=list)
    events: list[tuple[datetime, Award, str]] = field(default_factory=list)

    def line(self, auction: Auction) -> list[tuple[int, int, int]]:
        had = {each.person for each in self.awards if each.auction is auction or each.state in LIVE}
        out = had | self.barred | auction.left
        return [bid for bid in auction.order() if bid[0] not in out]

    def settle(self, auction: Auction, now: datetime) -> bool:
        earlier = [each for each in self.auctions if (each.ends, each.id) < (auction.ends, auction.id)]
        if auction.state != "open" or "open" in [each.state for each in earlier]:
            return auction.state == "settled"
        self.lapse(now)
        line, auction.state = self.line(auction), "settled"
        auction.passed_over = [bid[0] for bid in auction.order() if bid not in line]
        lowest = line[auction.seats - 1][1] if len(line) >= auction.seats else auction.minimum
        for seat, (person, won, _) in enumerate(line[: auction.seats], 1):
            self.give(auction, seat, person, lowest if auction.uniform else won, now, auction.hours[0])
        return True

    def move(self, award: Award, act: str, person: int, now: datetime) -> bool:
        before, after = MOVES[act]
        too_late = now >= (self.deadline if act == "cancel" else award.expires)
        if award.state != before or person != award.person or too_late or (act == "buy" and person in self.barred):
            return award.state == after and person == award.person
        if act != "buy":
            self.lapse(now)
        (self.change if act == "buy" else self.free)(after, now, award)
        return True

    def lapse(self, now: datetime) -> None:
        self.free("lapsed", now, *[each for each in self.awards if each.state == "offered" and each.expires <= now])

    def free(self, state: str, now: datetime, *awards: Award) -> None:
        before, freed = {each.id: self.line(each) for each in self.auctions}, {each.auction for each in awards}
        self.change(state, now, *awards)
        for auction in sorted(self.auctions, key=lambda each: (each not in freed, each.id)):
            if auction in freed or self.line(auction) != before[auction.id]:
                self.hand_over(auction, now)

    def hand_over(self, auction: Auction, now: datetime) -> None:
        last = {each.seat: each.state for each in self.awards if each.auction is auction}
        free = sorted(seat for seat in last if last[seat] not in LIVE)
        if auction.state == "settled" and not auction.paused and now < self.deadline:
            for seat, (person, won, _) in zip(free, self.line(auction), strict=False):
                self.give(auction, seat, person, won, now, auction.hours[1])

    def leave(self, auction: Auction, person: int, now: datetime) -> bool:
        self.lapse(now)
        if auction.state == "settled" and person in [bid[0] for bid in self.line(auction)]:
            auction.left.add(person)
        return auction.state == "settled" and person in auction.left

    def pause(self, auction: Auction, paused: bool, now: datetime) -> None:
        if auction.state == "settled":
            self.lapse(now)
            was_paused, auction.paused = auction.paused, paused
            if was_paused:
                self.hand_over(auction, now)

    def void(self, auction: Auction, now: datetime) -> None:
        auction.state = "voided"
        self.free("voided", now, *[each for each in self.awards if each.auction is auction and each.state in LIVE])

    def give(self, auction: Auction, seat: int, person: int, price: int, now: datetime, hours: int) -> None:
        expires = min(after_quiet_hours(after_quiet_hours(now) + timedelta(hours=hours)), self.deadline)
        self.awards.append(Award(auction, seat, person, price, expires))
        self.change("offered", now, self.awards[-1])

    def change(self, state: str, now: datetime, *awards: Award) -> None:
        for award in awards:
            award.state = state
            self.events.append((now, award, state))

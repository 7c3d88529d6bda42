"""Scenarios of bids alone, sent as JSON by people who are signed in: one crowded auction, or many, or a quiet one."""

import json
from dataclasses import dataclass
from pathlib import Path

from cashticket.auction.values import CHANCES, Permission
from cashticket.wiring import current_engine
from lab.load import raw
from lab.load.bid_answers import Bid
from lab.load.crowd import MINIMUM, STEP, Crowd, Offer, open_auction
from lab.load.site import Site
from lab.load.turns import GUESTS, Load, Turns, clients_for

STRIDE = 7_919
"""A prime: successive bids land far from each other, and no two of one round on the same amount."""


@dataclass(frozen=True, slots=True)
class Bidding:
    """In how many auctions of which terms people bid, in turns, and what they bid.

    `spread` 0: each bid is above all before it. Otherwise the first bids are spread over so many steps of price, and
    with each further chance a person bids so many steps more.
    """

    offer: Offer
    auctions: int = 1
    spread: int = 0

    def people(self, bids: int) -> int:
        """How many people make so many bids with their three chances: as many in each auction."""
        return -(-bids // (CHANCES * self.auctions)) * self.auctions

    def amount(self, row: int, people: int) -> int:
        """Won of the bid number `row`, when `people` bid in turns."""
        if not self.spread:
            return MINIMUM + STEP * row
        return MINIMUM + STEP * (row // people * self.spread + row * STRIDE % self.spread)


class BidTurns(Turns):
    """Drives one running system with bids."""

    script = "bids.js"

    def __init__(self, site: Site, bidding: Bidding) -> None:
        super().__init__(site)
        self._bidding = bidding
        self._crowd = Crowd(site.app)

    def prepare(self, rate: int, seconds: int, folder: Path) -> Load:
        bidding = self._bidding
        with self._site.app.app_context():
            guests = self._crowd.bidders(bidding.people(rate * seconds + rate) * CHANCES)
            engine = current_engine()
            auctions = [open_auction(engine, bidding.offer) for _ in range(bidding.auctions)]
            for number, guest in enumerate(guests):
                engine.introduce(auctions[number % len(auctions)], guest.person, Permission.OK, 1, 1)
        (folder / GUESTS).write_text(json.dumps([[guest.cookie, guest.token] for guest in guests]))
        people = [guest.person for guest in guests]
        plan = {"auctions": auctions, "rate": rate, "clients": clients_for(rate)}
        plan |= {"minimum": MINIMUM, "step": STEP, "spread": bidding.spread, "stride": STRIDE}

        def bid_of(answer: raw.Answer) -> Bid:
            place = answer.row % len(people)
            amount = bidding.amount(answer.row, len(people))
            return Bid(auctions[place % len(auctions)], people[place], amount, f"row-{answer.row}")

        return Load(plan, seconds, auctions, bid_of)

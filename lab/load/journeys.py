"""Scenarios of visits: people watch an auction, look around, or sign in and bid by the forms."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cashticket.auction.values import Permission
from cashticket.extensions import db
from cashticket.models import Auction
from cashticket.wiring import current_engine
from lab.load import raw
from lab.load.bid_answers import Bid
from lab.load.crowd import MINIMUM, PASSWORD, STEP, Offer, add_people_with_password, open_auction
from lab.load.site import Site
from lab.load.turns import GUESTS, Load, Turns, clients_for

POLL_SECONDS = 2
SOCKETS_OPENED_A_SECOND = 100
RAMP_SECONDS_MIN = 3
STANDING_BIDS = 40
"""Bids that stand before people who only look come, so that the pages have something to show."""
JOURNEY_SECONDS = 2
"""How long a visit of several steps may take while the client has others ready."""


@dataclass(frozen=True, slots=True)
class Visits:
    """How many people watch all the time, and how many pages and bidders come a second."""

    watchers: int = 0
    pages: float = 0.0
    bids: float = 0.0

    def plan(self, *, pushes: bool) -> dict[str, Any]:
        """The numbers of a plan for journeys.js: a minute, because k6 takes whole numbers only."""
        polls = 0.0 if pushes else self.watchers / POLL_SECONDS
        ramp = ramp_seconds(self.watchers) if pushes and self.watchers else 0
        rates = {"polls": polls, "pages": self.pages, "bids": self.bids}
        clients = {name: clients_for(rate) for name, rate in rates.items()}
        # One client goes through all steps of such a visit.
        clients["bids"] = clients_for(self.bids * JOURNEY_SECONDS)
        numbers = {name: _a_minute(rate) for name, rate in rates.items()}
        return {**numbers, "clients": clients, "sockets": self.watchers if pushes else 0, "ramp": ramp}


def ramp_seconds(sockets: int) -> int:
    """How long opening so many sockets takes before a rate counts."""
    return max(RAMP_SECONDS_MIN, -(-sockets // SOCKETS_OPENED_A_SECOND))


def mixed(people: int) -> Visits:
    """Of so many people 90 % watch, 8 % look around, a page each 5 s, and 2 % are at bidding, which takes them 20 s."""
    return Visits(watchers=round(people * 0.9), pages=people * 0.08 / 5, bids=people * 0.02 / 20)


def browsing(pages: int) -> Visits:
    """So many pages a second, to people who are not signed in."""
    return Visits(pages=pages)


class JourneyTurns(Turns):
    """Drives one running system with visits; `visits_of` says of which kind a rate consists."""

    script = "journeys.js"

    def __init__(self, site: Site, visits_of: Callable[[int], Visits]) -> None:
        super().__init__(site)
        self._visits_of = visits_of
        self._shown: int | None = None

    def prepare(self, rate: int, seconds: int, folder: Path) -> Load:
        visits = self._visits_of(rate)
        plan = visits.plan(pushes=self._site.system.pushes)
        bidders = _arrivals(plan["bids"], seconds)
        with self._site.app.app_context():
            people = add_people_with_password(bidders)
            auction = self._auction(is_bid_on=bool(bidders))
            concert = db.session.get_one(Auction, auction).concert_id
        (folder / GUESTS).write_text(json.dumps([email for _, email in people]))
        plan |= {"auction": auction, "concert": concert, "password": PASSWORD, "minimum": MINIMUM, "step": STEP}

        def bid_of(answer: raw.Answer) -> Bid:
            request_id, _, _ = answer.body.partition(" ")
            return Bid(auction, people[answer.row][0], MINIMUM + STEP * answer.row, request_id)

        facts = {"bid_rate": visits.bids, "cost_units": rate * seconds}
        judged = [auction] if bidders else []
        return Load(plan, plan["ramp"] + seconds, judged, bid_of, facts)

    def _auction(self, *, is_bid_on: bool) -> int:
        """An auction of its own for a turn with bids; otherwise the one that all turns look at."""
        engine = current_engine()
        if is_bid_on:
            return open_auction(engine, Offer())
        if self._shown is None:
            self._shown = open_auction(engine, Offer())
            for row, (person, _) in enumerate(add_people_with_password(STANDING_BIDS)):
                engine.introduce(self._shown, person, Permission.OK, 1, 1)
                amount = MINIMUM + STEP * row
                engine.place_bid(self._shown, person, 1, amount, f"standing-{row}", sure=amount)
        return self._shown


def _a_minute(rate: float) -> int:
    return max(1, round(rate * 60)) if rate else 0


def _arrivals(a_minute: int, seconds: int) -> int:
    """How many people of this rate come at most while it is held."""
    return a_minute * seconds // 60 + 2 if a_minute else 0

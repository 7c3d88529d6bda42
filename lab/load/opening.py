"""Scenario of the opening: a storm of sign-ins, beside people who signed in before and want to look and bid."""

import json
from pathlib import Path
from typing import Any

from cashticket.auction.values import CHANCES, Permission
from cashticket.wiring import current_engine
from lab.load import raw
from lab.load.bid_answers import Bid
from lab.load.crowd import MINIMUM, PASSWORD, STEP, Crowd, Offer, add_people_with_password, open_auction
from lab.load.kinds import CROWD
from lab.load.site import Site
from lab.load.turns import GUESTS, Load, Turns, clients_for

LOOKS_A_SECOND, BIDS_A_SECOND = 10, 5
"""What people who signed in before do."""
RISE_SHARE = 6
"""The arrivals rise for a sixth of the turn."""
TRIES_MAX = 3
"""Sign-ins after which somebody who was turned away each time gives up."""
VISIT_SECONDS = 8
"""How long somebody may be on the way while the client has others ready: all tries, and the steps after them."""


NOTE = (
    "Judged are the pages and bids of people who are signed in (“crowd”: since before, “inside”: just now) and "
    "pages of those who are not (“look”). The time that sign-ins queue chokes no rate. Sign-ins that were turned "
    "away with the seconds to wait are refusals, no errors, and stand as “turned-away”."
)
"""What a report says of how this scenario is judged."""


class OpeningTurns(Turns):
    """Drives one running system with arrivals; a rate is how many people come a second once all of them come."""

    script = "opening.js"

    def __init__(self, site: Site) -> None:
        super().__init__(site)
        self._crowd = Crowd(site.app)

    def prepare(self, rate: int, seconds: int, folder: Path) -> Load:
        bids = (BIDS_A_SECOND + 1) * seconds
        with self._site.app.app_context():
            engine = current_engine()
            auction = open_auction(engine, Offer())
            inside = self._crowd.bidders(max(bids, CHANCES))
            for guest in inside:
                engine.introduce(auction, guest.person, Permission.OK, 1, 1)
            coming = add_people_with_password(rate * seconds + rate)
        guests = {"coming": [email for _, email in coming], "inside": [[each.cookie, each.token] for each in inside]}
        (folder / GUESTS).write_text(json.dumps(guests))
        # Amounts of their own for those who come, so that no two people bid the same.
        plan = plan_of(rate, seconds) | {"auction": auction, "first_row": bids}
        plan |= {"minimum": MINIMUM, "step": STEP, "password": PASSWORD}

        def bid_of(answer: raw.Answer) -> Bid:
            if answer.journey == CROWD:
                person = inside[answer.row % len(inside)].person
                return Bid(auction, person, MINIMUM + STEP * answer.row, f"row-{answer.row}")
            request_id, _, _ = answer.body.partition(" ")
            return Bid(auction, coming[answer.row][0], MINIMUM + STEP * (bids + answer.row), request_id)

        facts = {"bid_rate": float(BIDS_A_SECOND), "cost_units": rate * seconds}
        return Load(plan, seconds, [auction], bid_of, facts)


def plan_of(rate: int, seconds: int) -> dict[str, Any]:
    """The numbers of a plan for opening.js that do not depend on the auction."""
    return {
        "arrivals": rate,
        "rise": max(1, seconds // RISE_SHARE),
        "clients": clients_for(rate * VISIT_SECONDS),
        "looks": LOOKS_A_SECOND,
        "look_clients": clients_for(LOOKS_A_SECOND),
        "bids": BIDS_A_SECOND,
        "bid_clients": clients_for(BIDS_A_SECOND),
        "tries": TRIES_MAX,
    }

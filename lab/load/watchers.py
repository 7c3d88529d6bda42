"""Scenario of watchers: everybody watches one auction with a full board, and a few bids a second move it."""

import json
from pathlib import Path
from typing import Any

from cashticket.auction.values import CHANCES, Permission
from cashticket.extensions import db
from cashticket.models import RecordedBid
from cashticket.wiring import current_engine
from lab.load import raw
from lab.load.bid_answers import Bid
from lab.load.crowd import MINIMUM, STEP, Crowd, Offer, open_auction
from lab.load.journeys import POLL_SECONDS, ramp_seconds
from lab.load.site import Site
from lab.load.standing import add_standing_bids
from lab.load.turns import GUESTS, Load, Turns, clients_for

BIDS_A_SECOND = 2
TAIL_SECONDS = 3
"""How long people watch after the last bid: longer than news may take."""
SPARE_STANDING_BIDS = 20
"""How many more bids than seats stand before, so that each further bid raises the cut-off."""


NOTE = (
    "Whoever holds a socket is judged by the age of each frame when it comes, whoever asks every two seconds by "
    "the wait for the answer alone. How old what people see is stands as “news”: from the moment at which the "
    "store accepted a bid to the moment at which a watcher had a board with it, measured alike in all systems; it"
    " chokes no rate. A bid that a watcher never saw is missing, one seen after more than 2.5 s is late, a board "
    "older than the one before it is out of order; each is an error."
)
"""What a report says of how this scenario is judged."""


class WatcherTurns(Turns):
    """Drives one running system with watchers; a rate is how many of them there are."""

    script = "watchers.js"

    def __init__(self, site: Site, offer: Offer) -> None:
        super().__init__(site)
        self._offer = offer
        self._crowd = Crowd(site.app)

    def prepare(self, rate: int, seconds: int, folder: Path) -> Load:
        bids, standing = BIDS_A_SECOND * seconds + 2, self._offer.seats + SPARE_STANDING_BIDS
        with self._site.app.app_context():
            engine = current_engine()
            # A person a bid: a raise would leave the cut-off where it is.
            guests = self._crowd.bidders(bids * CHANCES)
            auction = open_auction(engine, self._offer)
            before = add_standing_bids(engine, auction, standing)
            for guest in guests:
                engine.introduce(auction, guest.person, Permission.OK, 1, 1)
        (folder / GUESTS).write_text(json.dumps([[guest.cookie, guest.token] for guest in guests]))
        plan = plan_of(rate, pushes=self._site.system.pushes)
        plan |= {"auction": auction, "minimum": MINIMUM, "step": STEP, "first_row": standing}

        def bid_of(answer: raw.Answer) -> Bid:
            amount = MINIMUM + STEP * (standing + answer.row)
            return Bid(auction, guests[answer.row].person, amount, f"row-{answer.row}")

        facts = {
            "bid_rate": float(BIDS_A_SECOND),
            "cost_units": rate * seconds,
            "watchers": rate,
            "counts_frames": True,
        }
        return Load(plan, plan["ramp"] + seconds + TAIL_SECONDS, [auction], bid_of, facts, before)

    def _judge(self, load: Load, answers: list[raw.Answer]) -> dict[str, Any]:
        facts = super()._judge(load, answers)
        (auction,), standing = load.auctions, len(load.before)
        with self._site.app.app_context():
            rows = db.select(RecordedBid.cutoff, RecordedBid.at_ms).where(RecordedBid.auction_id == auction)
            found = db.session.execute(rows.where(RecordedBid.sequence > standing).order_by(RecordedBid.sequence)).all()
        changes = [list(row) for row in found]
        return facts | {"ledger_bids": facts["ledger_bids"] - standing, "changes": changes}


def plan_of(watchers: int, *, pushes: bool) -> dict[str, Any]:
    """The numbers of a plan for watchers.js that do not depend on the auction."""
    return {
        "watchers": watchers,
        "pushes": pushes,
        "ramp": ramp_seconds(watchers if pushes else 0),
        "tail": TAIL_SECONDS,
        "poll_ms": POLL_SECONDS * 1000,
        "bids": BIDS_A_SECOND,
        "clients": clients_for(BIDS_A_SECOND),
    }

"""Bids that stand before a turn begins, so that its boards are full; the checkers get them like all other bids."""

import time
from dataclasses import asdict

from cashticket.auction.values import Accepted, Permission
from cashticket.engine.interface import Engine
from lab.history import OK, Operation
from lab.load.bid_answers import Bid
from lab.load.crowd import MINIMUM, STEP
from lab.signed_in import add_people

REQUEST_ID = "standing-{}"


def add_standing_bids(engine: Engine, auction: int, count: int) -> list[Operation]:
    """Place so many bids, a person each, every one a step above the one before. Needs the application's context."""
    return [_place(engine, auction, person, row) for row, person in enumerate(add_people(count))]


def _place(engine: Engine, auction: int, person: int, row: int) -> Operation:
    bid = Bid(auction, person, MINIMUM + STEP * row, REQUEST_ID.format(row))
    engine.introduce(auction, person, Permission.OK, 1, 1)
    invoked = time.time_ns()
    answer = engine.place_bid(auction, person, 1, bid.amount, bid.request_id, sure=bid.amount)
    assert isinstance(answer, Accepted), f"standing bid {row} was not accepted: {answer}"
    document = asdict(answer)
    return Operation("lab", "bid", asdict(bid) | {"sure": bid.amount}, invoked, OK, document, time.time_ns())

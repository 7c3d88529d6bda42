"""Fixtures of the doors: a server on a real port, and auctions in which people may bid or have bid."""

from collections.abc import Iterator

import pytest
from flask import Flask

from cashticket.auction.values import Accepted, Permission
from cashticket.extensions import db
from cashticket.models import Auction, Person
from cashticket.wiring import current_engine
from tests.staging.auctions import HOUR_MS, open_auction
from tests.staging.mails import Mailbox
from tests.web.live_server import LiveServer, serving


@pytest.fixture
def server(app: Flask) -> Iterator[LiveServer]:
    with serving(app) as running:
        yield running


@pytest.fixture
def live_auction(app: Flask, people: dict[str, Person]) -> Auction:
    """A running auction of one seat, with everybody introduced."""
    auction_id = open_auction(seats=1, people=[person.id for person in people.values()])
    row = db.session.get_one(Auction, auction_id)
    # A test may end the session that the row came from.
    db.session.expunge_all()
    return row


@pytest.fixture
def contested_auction(people: dict[str, Person]) -> int:
    """Open for half an hour more, with one seat: alice bid, then bob bid more. The ledger has none of it yet."""
    auction_id = open_auction(ends_in_ms=HOUR_MS // 2, seats=1, step=10_000)
    engine = current_engine()
    for name, amount in (("alice", 110_000), ("bob", 120_000)):
        engine.introduce(auction_id, people[name].id, Permission.OK, 1, 1)
        assert isinstance(engine.place_bid(auction_id, people[name].id, 1, amount, f"request-{amount}"), Accepted)
    return auction_id


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)

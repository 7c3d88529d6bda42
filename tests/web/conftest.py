"""What tests of the live pages share: a server on a real port, and an auction that everybody may bid in."""

from collections.abc import Iterator

import pytest
from flask import Flask

from cashticket.extensions import db
from cashticket.models import Auction, Person
from tests.staging.auctions import open_auction
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

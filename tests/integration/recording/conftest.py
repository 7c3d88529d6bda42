"""One open auction whose bids are recorded step by step."""

from collections.abc import Callable

import pytest
from flask import Flask

from cashticket.auction.values import Accepted
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.models import Auction, Person
from tests.staging.auctions import open_auction


@pytest.fixture
def engine(app: Flask) -> RedisEngine:
    engine: RedisEngine = app.extensions["engine"]
    return engine


@pytest.fixture
def auction(engine: RedisEngine, people: dict[str, Person]) -> Auction:
    """Two seats, open now; everybody is introduced."""
    auction_id = open_auction(people=[person.id for person in people.values()], soft_close_seconds=120)
    return db.session.get_one(Auction, auction_id)


@pytest.fixture
def bid(engine: RedisEngine, auction: Auction, people: dict[str, Person]) -> Callable[[str, int], Accepted]:
    """Bid as somebody and be accepted."""

    def place(name: str, amount: int) -> Accepted:
        answer = engine.place_bid(auction.id, people[name].id, 1, amount, f"{name}-{amount}")
        assert isinstance(answer, Accepted), answer
        return answer

    return place

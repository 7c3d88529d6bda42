"""Auctions in a live store that another release published: with fewer terms, or with more."""

from dataclasses import replace

import pytest

from cashticket import redis_keys
from cashticket.auction.terms import NO_CEILING
from cashticket.auction.values import Reason
from lab.servers.redis_server import RedisServer
from tests.fixtures.engines import StoreRig
from tests.staging.engine import ALICE, AUCTION, BOB, TERMS, accepted, bid, publish, refused


@pytest.fixture
def rig(store: RedisServer) -> StoreRig:
    """An auction without a ceiling, as this release publishes it."""
    rig = StoreRig(store)
    publish(rig.engine)
    return rig


def test_an_auction_that_was_published_without_ceilings_has_none(rig: StoreRig) -> None:
    assert rig.client.hdel(redis_keys.terms(AUCTION), "maximum") == 1
    assert rig.engine.read(AUCTION).terms == TERMS
    assert bid(rig.engine, BOB, NO_CEILING + 1) == refused(Reason.TOO_HIGH)
    assert accepted(rig.engine, ALICE, 2_000_000_000, sure=2_000_000_000).sequence == 1


def test_publishing_it_again_is_harmless_and_a_ceiling_is_another_term(rig: StoreRig) -> None:
    rig.client.hdel(redis_keys.terms(AUCTION), "maximum")
    assert rig.engine.open(TERMS) is False
    with pytest.raises(ValueError, match="frozen"):
        rig.engine.open(replace(TERMS, maximum=50_000))


def test_a_term_that_this_release_does_not_know_is_ignored(rig: StoreRig) -> None:
    rig.client.hset(redis_keys.terms(AUCTION), "hidden_reserve", "7")
    assert rig.engine.read(AUCTION).terms == TERMS
    assert rig.engine.open(TERMS) is False

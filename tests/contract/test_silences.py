"""Contract: time in which the live store was away without a pause is given back once (rule 19)."""

import random
from dataclasses import replace

import pytest

from cashticket.auction.outages import AWAY_MS, Outage, Silence
from cashticket.engine.interface import Closing, UnknownAuction
from cashticket.engine.pauses import AWAY, DISK_FULL, OPERATOR
from lab.servers.redis_server import RedisServer
from tests.fixtures.engines import MemoryRig, Rig, StoreRig
from tests.staging.engine import ALICE, AUCTION, CLOSES, OPENS, TERMS, accepted, publish

GONE = Silence(CLOSES - 5_000, CLOSES + 25_000)


def ends_at(rig: Rig) -> int:
    return rig.engine.read(AUCTION).ends_at_ms


def test_the_end_moves_by_the_length_of_the_silence(rig: Rig) -> None:
    publish(rig.engine)
    rig.news(AUCTION)
    assert rig.engine.give_back(AUCTION, GONE)
    board, status = rig.engine.read(AUCTION), rig.engine.statuses([AUCTION])[AUCTION]
    outage = Outage(1, GONE.began_ms, GONE.ended_ms, CLOSES, CLOSES + 30_000, AWAY)
    assert (board.ends_at_ms, board.outage, board.paused, status.outage) == (CLOSES + 30_000, outage, "", outage)
    assert rig.news(AUCTION) == [f"state 2 open {CLOSES + 30_000}"]
    accepted(rig.engine, ALICE, 10_000, now_ms=GONE.ended_ms)


def test_the_same_silence_is_given_back_once(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.give_back(AUCTION, GONE)
    assert not rig.engine.give_back(AUCTION, GONE)
    assert not rig.engine.give_back(AUCTION, Silence(GONE.began_ms - 1_000, GONE.ended_ms - 1))
    assert ends_at(rig) == CLOSES + 30_000


def test_a_silence_within_a_pause_is_given_back_by_resuming_alone(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, OPERATOR, now_ms=GONE.began_ms - 1_000)
    assert not rig.engine.give_back(AUCTION, GONE)
    rig.engine.resume(AUCTION, OPERATOR, now_ms=GONE.ended_ms + 1_000)
    assert not rig.engine.give_back(AUCTION, GONE)
    assert ends_at(rig) == CLOSES + 32_000


def test_a_silence_before_a_pause_is_added_to_it(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=GONE.ended_ms)
    assert rig.engine.give_back(AUCTION, GONE)
    rig.engine.resume(AUCTION, DISK_FULL, known_ms=GONE.began_ms, now_ms=GONE.ended_ms + 7_000)
    assert ends_at(rig) == CLOSES + 37_000


def test_a_silence_before_the_opening_or_after_the_end_moves_nothing(rig: Rig) -> None:
    publish(rig.engine)
    assert not rig.engine.give_back(AUCTION, Silence(OPENS - 60_000, OPENS))
    assert not rig.engine.give_back(AUCTION, Silence(CLOSES, CLOSES + 60_000))
    assert ends_at(rig) == CLOSES


def test_a_silence_that_began_before_the_opening_counts_from_there(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.give_back(AUCTION, Silence(OPENS - 60_000, OPENS + 8_000))
    assert ends_at(rig) == CLOSES + 8_000


def test_the_end_moves_no_further_than_the_concert_allows(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.give_back(AUCTION, GONE, deadline_ms=CLOSES + 10_000)
    assert ends_at(rig) == CLOSES + 10_000


def test_nothing_moves_once_bidding_is_over(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.close(AUCTION, now_ms=CLOSES)
    assert not rig.engine.give_back(AUCTION, GONE)


def test_an_unknown_auction_is_named(rig: Rig) -> None:
    with pytest.raises(UnknownAuction):
        rig.engine.give_back(404, GONE)


# Closing


@pytest.mark.parametrize(("known_ms", "closed"), [(CLOSES - 1, False), (CLOSES, True), (CLOSES + 9_000, True)])
def test_an_end_that_came_while_nobody_knows_of_the_store_stays_open(rig: Rig, known_ms: int, closed: bool) -> None:
    publish(rig.engine)
    answer = rig.engine.close(AUCTION, now_ms=CLOSES + 10_000, known_ms=known_ms)
    assert answer == Closing(closed, CLOSES, 0)


def test_a_store_that_was_known_a_moment_ago_closes(rig: Rig) -> None:
    publish(rig.engine)
    known_ms = CLOSES + 1_000 - AWAY_MS
    assert rig.engine.close(AUCTION, now_ms=CLOSES + 1_000, known_ms=known_ms).closed


# Both engines


def test_both_engines_give_back_the_same(store: RedisServer) -> None:
    memory, redis = MemoryRig().engine, StoreRig(store).engine
    chance = random.Random(19)
    for auction_id in range(1, 101):
        terms = replace(TERMS, auction_id=auction_id)
        moments = sorted(chance.randrange(OPENS - 5_000, CLOSES + 60_000) for _ in range(6))
        silences = [Silence(*sorted(chance.sample(moments, 2))) for _ in range(4)]
        paused, resumed = sorted(chance.sample(moments, 2))
        boards = []
        for engine in (memory, redis):
            engine.open(terms)
            engine.give_back(auction_id, silences[0])
            engine.pause(auction_id, OPERATOR, now_ms=paused)
            engine.give_back(auction_id, silences[1])
            engine.resume(auction_id, OPERATOR, now_ms=resumed)
            for silence in silences[2:]:
                engine.give_back(auction_id, silence, CLOSES + 100_000, CLOSES + 1_000)
            boards.append(engine.read(auction_id, now_ms=OPENS))
        assert (boards[0].ends_at_ms, boards[0].outage) == (boards[1].ends_at_ms, boards[1].outage), auction_id

"""Contract: time in which an auction takes no bids is given back when it takes them again (rule 19)."""

import random

import pytest

from cashticket.auction.outages import GIVEN_BACK_MAX_MS, Outage
from cashticket.auction.values import Entry, Reason
from cashticket.engine.interface import Closing, Restoration
from cashticket.engine.pauses import CLOCK, DISK_FULL, OPERATOR, RESTARTED, RESTORING, UNSOUND
from lab.servers.redis_server import RedisServer
from tests.fixtures.engines import MemoryRig, Rig, StoreRig
from tests.staging.engine import ALICE, AUCTION, CLOSES, OPENS, TERMS, accepted, bid, publish, refused

STOPPED = OPENS + 60_000
LATEST = CLOSES + TERMS.soft_close_cap_ms + GIVEN_BACK_MAX_MS


def ends_at(rig: Rig) -> int:
    return rig.engine.read(AUCTION).ends_at_ms


def test_the_end_moves_by_the_length_of_the_pause(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=STOPPED)
    assert rig.engine.read(AUCTION).stopped_ms == STOPPED
    assert rig.engine.resume(AUCTION, DISK_FULL, now_ms=STOPPED + 70_000)
    outage = Outage(1, STOPPED, STOPPED + 70_000, CLOSES, CLOSES + 70_000, DISK_FULL)
    board, status = rig.engine.read(AUCTION), rig.engine.statuses([AUCTION])[AUCTION]
    assert (board.ends_at_ms, board.outage, board.stopped_ms, board.paused) == (CLOSES + 70_000, outage, None, "")
    assert (status.ends_at_ms, status.outage) == (CLOSES + 70_000, outage)


def test_the_move_is_published(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=STOPPED)
    rig.news(AUCTION)
    rig.engine.resume(AUCTION, DISK_FULL, now_ms=STOPPED + 70_000)
    assert rig.news(AUCTION) == [f"state 3 open {CLOSES + 70_000}"]


def test_bids_are_taken_until_the_moved_end(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=CLOSES - 1)
    assert rig.engine.close(AUCTION, CLOSES + 100) == Closing(False, CLOSES, 0)
    rig.engine.resume(AUCTION, DISK_FULL, now_ms=CLOSES + 999)
    assert accepted(rig.engine, ALICE, 10_000, now_ms=CLOSES + 999).ends_at_ms == CLOSES + 120_999
    assert not rig.engine.close(AUCTION, CLOSES + 1_000).closed


def test_without_a_bid_it_closes_at_the_moved_end(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=CLOSES - 1)
    rig.engine.resume(AUCTION, DISK_FULL, now_ms=CLOSES + 999)
    assert bid(rig.engine, ALICE, 10_000, now_ms=CLOSES + 1_000) == refused(Reason.CLOSED)
    assert rig.engine.close(AUCTION, CLOSES + 1_000) == Closing(True, CLOSES + 1_000, 0)


def test_a_pause_that_changes_its_reason_counts_from_its_beginning(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=STOPPED)
    rig.engine.pause(AUCTION, UNSOUND, instead_of=DISK_FULL, now_ms=STOPPED + 50_000)
    rig.engine.resume(AUCTION, UNSOUND, now_ms=STOPPED + 70_000)
    assert ends_at(rig) == CLOSES + 70_000


def test_a_second_outage_is_counted_and_added(rig: Rig) -> None:
    publish(rig.engine)
    for stopped in (STOPPED, STOPPED + 100_000):
        rig.engine.pause(AUCTION, OPERATOR, now_ms=stopped)
        rig.engine.resume(AUCTION, OPERATOR, now_ms=stopped + 10_000)
    board = rig.engine.read(AUCTION)
    assert board.ends_at_ms == CLOSES + 20_000
    assert board.outage and board.outage.number == 2


@pytest.mark.parametrize("stopped", [CLOSES, CLOSES + 5])
def test_an_end_that_had_come_before_the_pause_stays(rig: Rig, stopped: int) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=stopped)
    rig.engine.resume(AUCTION, DISK_FULL, now_ms=stopped + 60_000)
    assert rig.engine.read(AUCTION).outage is None
    assert rig.engine.close(AUCTION, stopped + 60_000).closed


def test_a_pause_before_the_opening_moves_nothing(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=OPENS - 60_000)
    rig.engine.resume(AUCTION, DISK_FULL, now_ms=OPENS)
    assert (ends_at(rig), rig.engine.read(AUCTION).outage) == (CLOSES, None)


def test_the_end_moves_at_most_two_hours_past_the_latest_soft_close(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=CLOSES - 1)
    rig.engine.resume(AUCTION, DISK_FULL, now_ms=LATEST + 5)
    assert ends_at(rig) == LATEST


def test_the_end_never_moves_past_the_deadline_of_the_concert(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, DISK_FULL, now_ms=STOPPED)
    rig.engine.resume(AUCTION, DISK_FULL, deadline_ms=CLOSES + 5_000, now_ms=STOPPED + 60_000)
    assert ends_at(rig) == CLOSES + 5_000


# A store that was away notices it when it is back


def test_after_a_restart_time_counts_from_the_last_moment_at_which_orders_were_taken(rig: Rig) -> None:
    publish(rig.engine)
    rig.check_elsewhere(AUCTION)
    rig.engine.resume(AUCTION, RESTARTED, known_ms=STOPPED, now_ms=STOPPED + 70_000)
    outage = rig.engine.read(AUCTION).outage
    assert outage == Outage(1, STOPPED, STOPPED + 70_000, CLOSES, CLOSES + 70_000, RESTARTED)


def test_the_last_bid_shows_that_orders_were_taken(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000, now_ms=STOPPED + 20_000)
    rig.check_elsewhere(AUCTION)
    rig.engine.resume(AUCTION, RESTARTED, known_ms=STOPPED, now_ms=STOPPED + 70_000)
    assert ends_at(rig) == CLOSES + 50_000


def test_nothing_is_given_back_where_nobody_knows_since_when(rig: Rig) -> None:
    publish(rig.engine)
    rig.check_elsewhere(AUCTION)
    rig.engine.resume(AUCTION, RESTARTED, now_ms=STOPPED)
    assert (ends_at(rig), rig.engine.read(AUCTION).outage) == (CLOSES, None)


def test_a_pause_that_was_set_when_the_store_was_back_counts_from_before(rig: Rig) -> None:
    publish(rig.engine)
    rig.check_elsewhere(AUCTION)
    rig.engine.pause(AUCTION, UNSOUND, instead_of=RESTARTED, now_ms=STOPPED + 60_000)
    rig.engine.resume(AUCTION, UNSOUND, known_ms=STOPPED, now_ms=STOPPED + 70_000)
    assert ends_at(rig) == CLOSES + 70_000


def test_after_a_step_of_the_clock_the_moment_of_the_pause_does_not_count(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, CLOCK, now_ms=STOPPED)
    rig.engine.resume(AUCTION, CLOCK, known_ms=STOPPED + 599_000, now_ms=STOPPED + 600_000)
    assert ends_at(rig) == CLOSES + 1_000


# Together with an operator's extension


def test_an_extension_during_a_pause_is_not_added_to(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, OPERATOR, now_ms=STOPPED)
    rig.engine.extend(AUCTION, CLOSES + 90_000)
    rig.engine.resume(AUCTION, OPERATOR, now_ms=STOPPED + 70_000)
    assert (ends_at(rig), rig.engine.read(AUCTION).outage) == (CLOSES + 90_000, None)


def test_an_extension_shorter_than_the_pause_is_made_up(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, OPERATOR, now_ms=STOPPED)
    for later in (10_000, 30_000):
        rig.engine.extend(AUCTION, CLOSES + later)
    rig.engine.resume(AUCTION, OPERATOR, now_ms=STOPPED + 70_000)
    outage = rig.engine.read(AUCTION).outage
    assert outage == Outage(1, STOPPED, STOPPED + 70_000, CLOSES + 30_000, CLOSES + 70_000, OPERATOR)


def test_an_extension_may_shorten_how_far_a_soft_close_goes(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.extend(AUCTION, CLOSES + 60_000, soft_close_cap_ms=1_000)
    assert accepted(rig.engine, ALICE, 10_000, now_ms=CLOSES + 59_999).ends_at_ms == CLOSES + 61_000
    assert rig.engine.read(AUCTION).terms.soft_close_cap_ms == 1_000


# Restoring


def test_a_store_that_forgot_a_move_of_the_end_gets_it_back(rig: Rig) -> None:
    publish(rig.engine)
    rig.check_elsewhere(AUCTION)
    rig.engine.resume(AUCTION, RESTARTED, known_ms=STOPPED, recorded_end_ms=CLOSES + 50_000, now_ms=STOPPED + 10_000)
    outage = rig.engine.read(AUCTION).outage
    assert outage == Outage(1, STOPPED, STOPPED + 10_000, CLOSES + 50_000, CLOSES + 60_000, RESTARTED)


def test_a_restored_auction_goes_on_counting(rig: Rig) -> None:
    first = Entry(1, ALICE, 1, 10_000, OPENS, "r", CLOSES, 1, 10_000, None, False)
    earlier = Outage(3, OPENS, OPENS + 10, CLOSES - 10, CLOSES, OPERATOR)
    rig.engine.restore(
        Restoration(TERMS, [first], 1, CLOSES, version=9, paused=RESTORING, stopped_ms=STOPPED, outage=earlier)
    )
    assert rig.engine.statuses([AUCTION])[AUCTION].outage == earlier
    rig.engine.resume(AUCTION, RESTORING, now_ms=STOPPED + 5_000)
    assert rig.engine.read(AUCTION).outage == Outage(4, STOPPED, STOPPED + 5_000, CLOSES, CLOSES + 5_000, RESTORING)


def test_a_status_has_the_announced_end(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.extend(AUCTION, CLOSES + 60_000)
    assert rig.engine.statuses([AUCTION])[AUCTION].closes_at_ms == CLOSES + 60_000


@pytest.mark.parametrize("seed", range(3))
def test_both_engines_move_the_end_alike(store: RedisServer, seed: int) -> None:
    dice = random.Random(seed)
    rigs: tuple[Rig, Rig] = (MemoryRig(), StoreRig(store))
    for rig in rigs:
        publish(rig.engine)
    now, outages = OPENS - 100_000, set()
    for number in range(150):
        now += dice.randrange(0, 60_000)
        reason, step = dice.choice([OPERATOR, CLOCK]), dice.randrange(5)
        known, deadline = dice.choice([None, now - dice.randrange(0, 90_000)]), dice.choice([None, None, LATEST - 9])
        answers = []
        for rig in rigs:
            engine, paused = rig.engine, rig.engine.read(AUCTION, now).paused
            if step == 0:
                engine.extend(AUCTION, CLOSES + number * 1_000)
            elif step == 1:
                rig.check_elsewhere(AUCTION)
            elif step == 2:
                engine.pause(AUCTION, reason, paused, now_ms=now)
            else:
                engine.resume(AUCTION, paused, "", known, deadline, now_ms=now)
            answers.append((engine.read(AUCTION, now), engine.statuses([AUCTION])[AUCTION].outage))
        assert answers[0] == answers[1], f"seed {seed}, call {number}, step {step}"
        outages.add(answers[0][1])
    assert len(outages) > 5

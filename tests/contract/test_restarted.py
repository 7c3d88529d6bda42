"""Contract: when another process of the store answers than the one that was checked, no bids are taken."""

import pytest

from cashticket.auction.values import Entry, Reason, State
from cashticket.engine.interface import Closing, Paused, Restoration
from cashticket.engine.news import StateChanged, parse_news
from cashticket.engine.pauses import OPERATOR, RESTARTED, UNSOUND
from tests.fixtures.engines import ELSEWHERE, Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CLOSES, OPENS, TERMS, accepted, bid, publish, refused


@pytest.fixture
def restarted(rig: Rig) -> Rig:
    """An auction with one bid, last found sound on another process."""
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000, "r")
    rig.news(AUCTION)
    rig.check_elsewhere(AUCTION)
    return rig


def test_a_bid_raises_paused_and_changes_nothing(restarted: Rig) -> None:
    before = restarted.engine.read(AUCTION, OPENS)
    with pytest.raises(Paused) as raised:
        bid(restarted.engine, BOB, 10_000)
    assert raised.value.reason == RESTARTED
    assert restarted.engine.read(AUCTION, OPENS) == before and before.paused == RESTARTED
    assert restarted.engine.place(AUCTION, BOB).chances_left == 3


def test_a_request_accepted_before_still_gets_its_answer(restarted: Rig) -> None:
    assert accepted(restarted.engine, ALICE, 10_000, "r").replayed
    assert bid(restarted.engine, ALICE, 11_000, "r") == refused(Reason.REQUEST_REUSED, 2)


def test_bidding_resumes_and_publishes_it_once_the_auction_is_found_sound(restarted: Rig) -> None:
    here = restarted.engine.of(AUCTION).condition().of(AUCTION).identity
    assert restarted.engine.resume(AUCTION, RESTARTED, here)
    assert accepted(restarted.engine, BOB, 10_000).sequence == 2
    news = parse_news(restarted.news(AUCTION)[0])
    assert isinstance(news, StateChanged) and (news.state, news.ends_at_ms) == (State.OPEN, CLOSES)
    assert not restarted.engine.resume(AUCTION, RESTARTED, here)


def test_the_version_passes_those_that_were_shown_before_the_store_went_back_to_a_copy(rig: Rig) -> None:
    publish(rig.engine)
    for round_number in range(3):
        accepted(rig.engine, ALICE, 10_000 * (round_number + 1), now_ms=OPENS + round_number * 1_000)
        rig.check_elsewhere(AUCTION)
        assert rig.engine.resume(AUCTION, RESTARTED, now_ms=OPENS + round_number * 1_000)
        for _ in range(200 if round_number == 0 else 5):
            rig.engine.pause(AUCTION, OPERATOR)
            rig.engine.resume(AUCTION, OPERATOR)
    shown = rig.engine.read(AUCTION, OPENS).version
    rig.lose(AUCTION)
    publish(rig.engine)
    rig.check_elsewhere(AUCTION)
    assert rig.engine.resume(AUCTION, RESTARTED, now_ms=OPENS + 60_000)
    assert rig.engine.read(AUCTION, OPENS).version > shown


def test_a_resumption_on_the_same_process_counts_one_version(rig: Rig) -> None:
    publish(rig.engine)
    assert rig.engine.pause(AUCTION, OPERATOR) and rig.engine.resume(AUCTION, OPERATOR)
    assert rig.engine.read(AUCTION, OPENS).version == 3


def test_a_check_on_another_process_does_not_count(restarted: Rig) -> None:
    assert restarted.engine.resume(AUCTION, RESTARTED, ELSEWHERE)
    with pytest.raises(Paused, match=RESTARTED):
        bid(restarted.engine, BOB, 10_000)


def test_a_fault_or_an_operator_may_keep_the_auction_paused(restarted: Rig) -> None:
    assert restarted.engine.pause(AUCTION, UNSOUND, instead_of=RESTARTED)
    assert restarted.engine.pause(AUCTION, OPERATOR, instead_of=UNSOUND)
    assert restarted.engine.read(AUCTION, OPENS).paused == OPERATOR
    assert not restarted.engine.resume(AUCTION, RESTARTED)
    assert restarted.engine.resume(AUCTION, OPERATOR)
    assert accepted(restarted.engine, BOB, 10_000).sequence == 2


def test_a_pause_set_before_stays_the_reason(rig: Rig) -> None:
    publish(rig.engine)
    rig.engine.pause(AUCTION, OPERATOR)
    rig.check_elsewhere(AUCTION)
    assert rig.engine.read(AUCTION, OPENS).paused == OPERATOR


def test_an_end_that_comes_during_the_pause_closes_nothing_and_may_be_moved(restarted: Rig) -> None:
    assert restarted.engine.close(AUCTION, CLOSES) == Closing(False, CLOSES, 1)
    assert restarted.engine.extend(AUCTION, CLOSES + 1) == Closing(False, CLOSES + 1, 1)
    restarted.engine.resume(AUCTION, RESTARTED)
    assert restarted.engine.close(AUCTION, CLOSES + 1) == Closing(True, CLOSES + 1, 1)


def test_an_auction_that_is_over_is_not_paused_by_a_restart(restarted: Rig) -> None:
    restarted.engine.finish(AUCTION, State.VOIDED)
    assert restarted.engine.read(AUCTION, CLOSES).paused == ""
    assert not restarted.engine.resume(AUCTION, RESTARTED)


def test_a_restored_auction_counts_as_checked_on_the_process_that_took_it(rig: Rig) -> None:
    first = Entry(1, ALICE, 1, 10_000, OPENS, "r", CLOSES, 1, 10_000, None, False)
    rig.engine.restore(Restoration(TERMS, [first], 1, CLOSES, version=9))
    assert rig.engine.read(AUCTION, OPENS).paused == ""
    rig.check_elsewhere(AUCTION)
    assert rig.engine.read(AUCTION, OPENS).paused == RESTARTED

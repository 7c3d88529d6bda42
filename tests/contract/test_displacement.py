"""Contract: who is displaced, who gets an alert, and when a bid moves the end (rules 9 and 11)."""

from cashticket.auction.values import Entry, RankedBid, Reason
from cashticket.engine.news import BidAccepted, Opened, parse_news
from tests.fixtures.engines import Rig
from tests.staging.engine import ALICE, AUCTION, BOB, CAROL, CLOSES, MALLORY, OPENS, accepted, bid, publish, refused


def last_entry(rig: Rig) -> Entry:
    entry = rig.engine.peek(AUCTION, 100)[-1]
    assert isinstance(entry, Entry)
    return entry


def test_a_bid_into_a_full_top_pushes_out_exactly_the_last_winner(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    accepted(rig.engine, BOB, 12_000)
    assert last_entry(rig).displaced is None, "the top was not full yet"
    accepted(rig.engine, CAROL, 11_000)
    assert (last_entry(rig).displaced, last_entry(rig).alert) == (ALICE, True)


def test_raising_a_winning_bid_displaces_nobody(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 12_000)
    accepted(rig.engine, BOB, 11_000)
    accepted(rig.engine, CAROL, 10_000)
    accepted(rig.engine, BOB, 13_000)
    assert (last_entry(rig).displaced, last_entry(rig).rank) == (None, 1)


def test_a_raise_of_the_last_winner_raises_the_cutoff_to_whoever_is_last_then(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    accepted(rig.engine, BOB, 12_000)
    cutoffs = [accepted(rig.engine, ALICE, amount).cutoff for amount in (11_000, 13_000)]
    assert cutoffs == [11_000, 12_000], "first alice herself, then bob"
    assert rig.engine.read(AUCTION, OPENS).last_winner == RankedBid(BOB, 12_000, 2)
    accepted(rig.engine, CAROL, 12_000)
    assert last_entry(rig).displaced is None, "an equal bid comes later"
    accepted(rig.engine, CAROL, 14_000)
    assert (last_entry(rig).displaced, last_entry(rig).alert, last_entry(rig).cutoff) == (BOB, True, 13_000)


def test_a_bid_outside_the_top_displaces_nobody(rig: Rig) -> None:
    publish(rig.engine)
    for person, amount in ((ALICE, 12_000), (BOB, 11_000), (CAROL, 10_000)):
        accepted(rig.engine, person, amount)
    assert last_entry(rig).displaced is None


def test_a_bid_that_returns_to_the_top_displaces_somebody(rig: Rig) -> None:
    publish(rig.engine, seats=1)
    accepted(rig.engine, ALICE, 10_000)
    accepted(rig.engine, BOB, 11_000)
    accepted(rig.engine, ALICE, 12_000)
    assert (last_entry(rig).displaced, last_entry(rig).alert) == (BOB, True)


def test_a_displaced_person_without_chances_gets_no_alert(rig: Rig) -> None:
    publish(rig.engine, seats=1)
    for amount in (10_000, 11_000, 12_000):
        accepted(rig.engine, ALICE, amount)
    rig.news(AUCTION)
    accepted(rig.engine, BOB, 13_000)
    assert (last_entry(rig).displaced, last_entry(rig).alert) == (ALICE, False)
    assert [parse_news(text) for text in rig.news(AUCTION)] == [BidAccepted(5, last_entry(rig))]


def test_a_bid_is_published_with_its_entry_in_the_list(rig: Rig) -> None:
    publish(rig.engine, seats=1)
    accepted(rig.engine, ALICE, 10_000)
    accepted(rig.engine, BOB, 11_000)
    first, second = rig.engine.peek(AUCTION, 2)
    assert isinstance(first, Entry) and isinstance(second, Entry)
    assert (first.displaced, second.displaced, second.alert) == (None, ALICE, True)
    heard = [parse_news(text) for text in rig.news(AUCTION)]
    assert heard == [Opened(1), BidAccepted(2, first), BidAccepted(3, second)]


def test_a_bid_that_changes_who_wins_in_the_last_moments_moves_the_end(rig: Rig) -> None:
    publish(rig.engine)
    answer = accepted(rig.engine, ALICE, 10_000, now_ms=CLOSES - 1)
    assert answer.ends_at_ms == CLOSES - 1 + 120_000
    assert rig.engine.read(AUCTION, CLOSES).ends_at_ms == answer.ends_at_ms
    assert rig.engine.read(AUCTION, CLOSES).terms.closes_at_ms == CLOSES, "the announced end stays"


def test_a_bid_before_the_last_moments_moves_nothing(rig: Rig) -> None:
    publish(rig.engine)
    assert accepted(rig.engine, ALICE, 10_000, now_ms=CLOSES - 120_000).ends_at_ms == CLOSES
    assert accepted(rig.engine, BOB, 10_000, now_ms=CLOSES - 119_999).ends_at_ms == CLOSES + 1


def test_a_late_bid_that_changes_no_winner_moves_nothing(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 12_000)
    accepted(rig.engine, BOB, 11_000)
    assert accepted(rig.engine, CAROL, 10_000, now_ms=CLOSES - 2).ends_at_ms == CLOSES
    assert accepted(rig.engine, BOB, 13_000, now_ms=CLOSES - 1).ends_at_ms == CLOSES, "same winners, other places"


def test_the_soft_close_never_passes_its_cap(rig: Rig) -> None:
    publish(rig.engine, seats=1, soft_close_cap_ms=130_000)
    first = accepted(rig.engine, ALICE, 10_000, now_ms=CLOSES - 1)
    second = accepted(rig.engine, BOB, 11_000, now_ms=first.ends_at_ms - 1)
    assert second.ends_at_ms == CLOSES + 130_000
    third = accepted(rig.engine, CAROL, 12_000, now_ms=second.ends_at_ms - 1)
    assert third.ends_at_ms == CLOSES + 130_000
    assert bid(rig.engine, MALLORY, 13_000, now_ms=third.ends_at_ms) == refused(Reason.CLOSED)


def test_a_soft_close_of_zero_is_off(rig: Rig) -> None:
    publish(rig.engine, soft_close_ms=0)
    assert accepted(rig.engine, ALICE, 10_000, now_ms=CLOSES - 1).ends_at_ms == CLOSES


def test_the_entry_holds_what_the_answer_held(rig: Rig) -> None:
    publish(rig.engine)
    accepted(rig.engine, ALICE, 10_000)
    answer = accepted(rig.engine, BOB, 11_000, "A-z_09", now_ms=OPENS + 7)
    assert last_entry(rig) == Entry(
        sequence=answer.sequence,
        person=BOB,
        nth=answer.nth,
        amount=answer.amount,
        at_ms=answer.at_ms,
        request_id="A-z_09",
        ends_at_ms=answer.ends_at_ms,
        rank=answer.rank,
        cutoff=answer.cutoff,
        displaced=None,
        alert=False,
    )

"""Settlement: who wins what, at what price, until when; once; and what stops it."""

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.extensions import db
from cashticket.models import Auction, Notification, OutboxMessage, Quarantined, RecordedBid
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.settlement.readiness import NotReady
from cashticket.settlement.settle import Settled, settle
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import (
    add_ended_auction,
    award_of,
    awards_of,
    holders,
    order_of,
    position,
    settled,
    story_of,
    tell_everybody,
)


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(6)


def notices_of(auction_id: int) -> dict[int, tuple[str, dict[str, object]]]:
    """The newest notice of each person about the auction, once everybody was told: its kind and facts."""
    tell_everybody(auction_id)
    rows = db.session.scalars(
        select(Notification).where(Notification.auction_id == auction_id).order_by(Notification.id)
    )
    return {row.person_id: (row.kind, row.facts) for row in rows}


def test_best_bids_win_the_seats_in_order(people: list[int]) -> None:
    alice, bob, carol, *_ = people
    bids = [(bob, 120_000), (carol, 110_000), (alice, 130_000)]
    auction = add_ended_auction(bids)
    answer = settled(auction, bids)
    assert isinstance(answer, Settled) and not answer.repeated
    assert holders(auction) == {1: alice, 2: bob}
    assert [(award.price, award.rank, award.state) for award in awards_of(auction)] == [
        (130_000, 1, "offered"),
        (120_000, 2, "offered"),
    ]
    assert story_of(auction) == [(award, "offered") for award in answer.award_ids]
    stored = db.session.get_one(Auction, auction)
    assert (stored.state, stored.final_sequence, stored.settled_at) == ("settled", 3, END)


def test_equal_amounts_are_won_by_the_earlier_bid(people: list[int]) -> None:
    alice, bob, carol, *_ = people
    bids = [(carol, 120_000), (alice, 110_000), (bob, 120_000), (alice, 120_000)]
    auction = add_ended_auction(bids)
    settled(auction, bids)
    assert holders(auction) == {1: carol, 2: bob}


def test_only_the_newest_bid_of_a_person_wins(people: list[int]) -> None:
    alice, bob, *_ = people
    bids = [(alice, 100_000), (alice, 150_000), (bob, 120_000), (alice, 170_000)]
    auction = add_ended_auction(bids)
    settled(auction, bids)
    assert [(award.person_id, award.price) for award in awards_of(auction)] == [(alice, 170_000), (bob, 120_000)]


def test_fewer_bidders_than_seats_all_win_and_the_rest_stays_unsold(people: list[int]) -> None:
    alice, bob, *_ = people
    bids = [(alice, 100_000), (bob, 110_000)]
    auction = add_ended_auction(bids, seats=5)
    settled(auction, bids)
    assert holders(auction) == {1: bob, 2: alice}


def test_an_auction_without_bids_is_settled_with_no_awards(app: Flask) -> None:
    auction = add_ended_auction()
    assert settled(auction, []) == Settled(auction, ())
    assert db.session.get_one(Auction, auction).state == "settled"


@pytest.mark.parametrize(("seats", "price"), [(2, 120_000), (3, 110_000), (4, 100_000)])
def test_uniform_price_is_the_lowest_awarded_bid_or_the_minimum(people: list[int], seats: int, price: int) -> None:
    bids = [(people[0], 130_000), (people[1], 120_000), (people[2], 110_000)]
    auction = add_ended_auction(bids, seats=seats, pricing="uniform")
    settled(auction, bids)
    assert {award.price for award in awards_of(auction)} == {price}


def test_winners_have_the_purchase_window_to_buy(people: list[int]) -> None:
    bids = [(people[0], 100_000)]
    auction = add_ended_auction(bids)
    settled(auction, bids)
    assert awards_of(auction)[0].expires_at == END + 24 * HOUR


def test_purchase_window_ends_with_the_cancellation_deadline(people: list[int]) -> None:
    bids = [(people[0], 100_000)]
    auction = add_ended_auction(bids, concert=add_concert(cancel_until=END + 3 * HOUR))
    settled(auction, bids)
    assert awards_of(auction)[0].expires_at == END + 3 * HOUR


@pytest.mark.parametrize("mark", ["blocked_at", "closed_at"])
def test_blocked_and_closed_accounts_are_passed_over(people: list[int], mark: str) -> None:
    alice, bob, carol, *_ = people
    change_person(alice, **{mark: END})
    bids = [(alice, 130_000), (bob, 120_000), (carol, 110_000)]
    auction = add_ended_auction(bids)
    settled(auction, bids)
    assert holders(auction) == {1: bob, 2: carol}
    assert [award.rank for award in awards_of(auction)] == [2, 3]


def test_uniform_price_ignores_bids_that_were_passed_over(people: list[int]) -> None:
    alice, bob, carol, *_ = people
    change_person(bob, blocked_at=END)
    bids = [(alice, 130_000), (bob, 120_000), (carol, 110_000)]
    auction = add_ended_auction(bids, pricing="uniform")
    settled(auction, bids)
    assert {award.price for award in awards_of(auction)} == {110_000}


def test_holder_of_a_ticket_is_passed_over_in_the_next_auction_of_the_concert(people: list[int]) -> None:
    alice, bob, *_ = people
    concert, bids = add_concert(), [(alice, 130_000), (bob, 120_000)]
    first = add_ended_auction(bids, concert=concert, seats=1)
    second = add_ended_auction(bids, concert=concert, seats=1, ends_at=END + HOUR)
    settled(first, bids)
    settled(second, bids, END + HOUR)
    assert (holders(first), holders(second)) == ({1: alice}, {1: bob})
    assert notices_of(second)[alice] == ("passed_over", {"rank": 1, "amount": 130_000, "why": "holds_ticket"})


def test_holder_of_a_ticket_for_another_concert_may_win(people: list[int]) -> None:
    alice = people[0]
    first, second = (add_ended_auction([(alice, 100_000)]) for _ in range(2))
    for auction in (first, second):
        settled(auction, [(alice, 100_000)])
        assert holders(auction) == {1: alice}


def test_auctions_of_one_concert_settle_in_the_order_they_ended(people: list[int]) -> None:
    alice = people[0]
    concert, bids = add_concert(), [(alice, 100_000)]
    later = add_ended_auction(bids, concert=concert, ends_at=END + HOUR)
    same_end = [add_ended_auction(bids, concert=concert), add_ended_auction(bids, concert=concert)]
    for auction in (later, same_end[1]):
        answer = settled(auction, bids, END + HOUR)
        assert isinstance(answer, NotReady) and answer.reason == "earlier_auction"
    for auction in (*same_end, later):
        assert isinstance(settled(auction, bids, END + HOUR), Settled)
    assert [len(awards_of(auction)) for auction in (*same_end, later)] == [1, 0, 0]


def test_everybody_is_told_the_outcome(people: list[int]) -> None:
    alice, bob, carol, mallory, *_ = people
    change_person(mallory, blocked_at=END)
    bids = [(mallory, 140_000), (alice, 130_000), (bob, 120_000), (carol, 110_000)]
    auction = add_ended_auction(bids, seats=1)
    answer = settled(auction, bids)
    outcome = notices_of(auction)
    assert outcome[alice][0] == "won"
    assert outcome[alice][1] == {
        "award_id": awards_of(auction)[0].id,
        "seat": "VIP-1",
        "seat_number": 1,
        "price": 130_000,
        "rank": 2,
        "expires_at": "2031-05-02T12:00:00.000Z",
    }
    assert outcome[bob] == ("not_won", {"rank": 3, "amount": 120_000, "position": 1})
    assert outcome[carol] == ("not_won", {"rank": 4, "amount": 110_000, "position": 2})
    assert outcome[mallory] == ("passed_over", {"rank": 1, "amount": 140_000, "why": "account"})
    assert isinstance(answer, Settled)
    assert len(db.session.scalars(select(OutboxMessage)).all()) == 4
    assert [position(auction, person) for person in (alice, bob, carol, mallory)] == [None, 1, 2, None]


def test_settling_again_changes_nothing(people: list[int]) -> None:
    bids = [(people[0], 120_000), (people[1], 110_000), (people[2], 100_000)]
    auction = add_ended_auction(bids)
    first = settled(auction, bids)
    awards.buy(award_of(auction, people[0]).id, people[0], END + HOUR)
    awards.decline(award_of(auction, people[1]).id, people[1], END + HOUR)
    before = story_of(auction), holders(auction), notices_of(auction)
    again = settled(auction, bids, END + DAY)
    assert isinstance(first, Settled) and isinstance(again, Settled) and again.repeated
    assert again.award_ids == first.award_ids
    assert (story_of(auction), holders(auction), notices_of(auction)) == before


# What stops it


def assert_stopped(auction: int, answer: Settled | NotReady, reason: str) -> None:
    assert isinstance(answer, NotReady) and answer.reason == reason, answer
    db.session.rollback()
    assert db.session.get_one(Auction, auction).state == "open"
    assert not awards_of(auction) and not notices_of(auction)


def test_settlement_waits_until_every_bid_is_recorded(people: list[int]) -> None:
    bids = [(people[0], 120_000), (people[1], 110_000)]
    auction = add_ended_auction(bids)
    assert_stopped(auction, settle(auction, order_of(bids), 3, END), "not_recorded")


def test_settlement_stops_when_the_two_orders_differ(people: list[int], caplog: pytest.LogCaptureFixture) -> None:
    bids = [(people[0], 120_000), (people[1], 110_000)]
    auction = add_ended_auction(bids)
    assert_stopped(auction, settle(auction, order_of(bids)[::-1], 2, END), "order_differs")
    assert [record.levelname for record in caplog.records if "order_differs" in record.message] == ["ERROR"]


def test_settlement_stops_when_the_live_store_ranks_somebody_more(people: list[int]) -> None:
    bids = [(people[0], 120_000), (people[1], 110_000)]
    auction = add_ended_auction(bids)
    more = [*bids, (people[2], 100_000)]
    assert_stopped(auction, settle(auction, order_of(more), 2, END), "order_differs")


def test_settlement_stops_when_a_row_of_the_ledger_is_missing(people: list[int]) -> None:
    alice, bob, *_ = people
    bids = [(alice, 100_000), (bob, 110_000), (alice, 120_000)]
    auction = add_ended_auction(bids)
    first = (RecordedBid.auction_id == auction, RecordedBid.sequence == 1)
    in_one_unit(lambda session: session.delete(session.scalars(select(RecordedBid).where(*first)).one()))
    assert_stopped(auction, settled(auction, bids), "incomplete")


def test_settlement_waits_for_a_bid_that_was_set_aside(people: list[int]) -> None:
    bids = [(people[0], 120_000), (people[1], 110_000)]
    auction = add_ended_auction(bids)

    def set_aside(session):  # type: ignore[no-untyped-def]
        session.execute(update(Auction).where(Auction.id == auction).values(recorded_sequence=3))
        session.add(Quarantined(auction_id=auction, sequence=3, raw="{", reason="unreadable"))

    in_one_unit(set_aside)
    assert_stopped(auction, settle(auction, order_of(bids), 3, END), "quarantined")


def test_an_unreadable_entry_beyond_a_complete_ledger_is_surplus(people: list[int]) -> None:
    bids = [(people[0], 120_000)]
    auction = add_ended_auction(bids)
    in_one_unit(lambda session: session.add(Quarantined(auction_id=auction, raw="{", reason="unreadable")))
    assert isinstance(settled(auction, bids), Settled)
    entry = db.session.scalars(select(Quarantined)).one()
    assert entry.resolved_at == END and entry.resolution is not None and entry.resolution.startswith("surplus")


def test_a_voided_auction_is_never_settled(people: list[int]) -> None:
    auction = add_ended_auction([(people[0], 120_000)])
    in_one_unit(lambda session: session.execute(update(Auction).values(state="voided")))
    answer = settled(auction, [(people[0], 120_000)])
    assert isinstance(answer, NotReady) and answer.reason == "voided"
    assert not awards_of(auction)


def test_an_unknown_auction_is_named(app: Flask) -> None:
    answer = settle(4711, [], 0, END)
    assert isinstance(answer, NotReady) and answer.reason == "unknown_auction"

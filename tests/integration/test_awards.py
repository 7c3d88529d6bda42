"""What holders do with their awards, and what time does: buy, decline, cancel, lapse."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.extensions import db
from cashticket.models import Auction, Award, Notification, OutboxMessage
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.settlement.awards import AwardNotFound, NotAllowed
from tests.staging.rows import DAY, END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_ended_auction, award_of, awards_of, holders, settled, story_of

CANCEL_UNTIL = END + 9 * DAY

Move = Callable[[int, int, datetime], awards.Decided]


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(4)


@pytest.fixture
def auction(people: list[int]) -> int:
    """Settled at END: alice has seat 1 for 130 000, bob seat 2 for 120 000; carol, then mallory wait in line."""
    bids = [(person, 130_000 - 10_000 * place) for place, person in enumerate(people)]
    auction_id = add_ended_auction(bids, concert=add_concert(cancel_until=CANCEL_UNTIL, title="Spring Night"))
    settled(auction_id, bids)
    return auction_id


def refused(move: Move, award_id: int, person: int, now: datetime) -> str:
    """The reason of a refusal, which has changed nothing."""
    before = [(award.id, award.state, award.decided_at) for award in awards_of(award_auction(award_id))]
    with pytest.raises(NotAllowed) as refusal:
        move(award_id, person, now)
    assert [(award.id, award.state, award.decided_at) for award in awards_of(award_auction(award_id))] == before
    return refusal.value.reason


def award_auction(award_id: int) -> int:
    return db.session.get_one(Award, award_id).auction_id


def test_a_winner_buys(auction: int, people: list[int]) -> None:
    award = awards.buy(award_of(auction, people[0]).id, people[0], END + HOUR).award
    assert (award.state, award.decided_at, award.price) == ("bought", END + HOUR, 130_000)
    assert (award.seat.label, award.auction.concert.title) == ("VIP-1", "Spring Night")
    assert award_of(auction, people[0]).state == "bought"
    assert story_of(auction)[-1] == (award.id, "bought")


def test_buying_ends_with_the_window(auction: int, people: list[int]) -> None:
    alice, bob, *_ = people
    assert refused(awards.buy, award_of(auction, alice).id, alice, END + 24 * HOUR) == "expired"
    awards.buy(award_of(auction, bob).id, bob, END + 24 * HOUR - HOUR / 3_600_000)


def test_a_declined_seat_is_offered_to_the_next_in_line_at_their_own_bid(auction: int, people: list[int]) -> None:
    alice, bob, carol, _ = people
    declined = awards.decline(award_of(auction, alice).id, alice, END + HOUR).award
    offered = award_of(auction, carol)
    assert holders(auction) == {1: carol, 2: bob}
    assert (offered.price, offered.rank, offered.previous_id) == (110_000, 3, declined.id)
    assert (offered.offered_at, offered.expires_at) == (END + HOUR, END + 13 * HOUR)
    assert story_of(auction)[-2:] == [(declined.id, "declined"), (offered.id, "offered")]
    notice = db.session.scalars(select(Notification).where(Notification.kind == "offered")).one()
    assert (notice.person_id, notice.facts["seat"], notice.facts["price"]) == (carol, "VIP-1", 110_000)


def test_a_cancelled_seat_moves_and_nobody_elses_seat_changes(auction: int, people: list[int]) -> None:
    alice, bob, carol, mallory = people
    for person in (alice, bob):
        awards.buy(award_of(auction, person).id, person, END + HOUR)
    awards.cancel(award_of(auction, alice).id, alice, END + DAY)
    awards.cancel(award_of(auction, bob).id, bob, END + DAY)
    assert holders(auction) == {1: carol, 2: mallory}
    assert [award.state for award in awards_of(auction)] == ["cancelled", "cancelled", "offered", "offered"]


def test_cancelling_ends_with_the_concerts_deadline(auction: int, people: list[int]) -> None:
    alice, bob, *_ = people
    for person in (alice, bob):
        awards.buy(award_of(auction, person).id, person, END + HOUR)
    assert refused(awards.cancel, award_of(auction, alice).id, alice, CANCEL_UNTIL) == "too_late"
    awards.cancel(award_of(auction, bob).id, bob, CANCEL_UNTIL - HOUR)


def test_a_decision_puts_the_mails_of_the_hand_over_that_it_caused_into_the_outbox(
    auction: int, people: list[int]
) -> None:
    alice, bob, carol, mallory = people
    awards.buy(award_of(auction, bob).id, bob, END + HOUR)
    before = len(mails())
    # Alice's offer expired in between, so this cancellation also lapses it and hands both seats over.
    assert awards.cancel(award_of(auction, bob).id, bob, END + DAY).has_mail
    caused = mails()[before:]
    assert sorted(caused) == [("cancelled", bob), ("lapsed", alice), ("offered", carol), ("offered", mallory)]
    assert not awards.cancel(award_of(auction, bob).id, bob, END + DAY).has_mail and mails()[before:] == caused


def mails() -> list[tuple[str, int]]:
    """Kind and reader of every mail in the outbox, oldest first."""
    db.session.rollback()
    rows = db.session.execute(
        select(OutboxMessage.kind, Notification.person_id)
        .join(Notification, Notification.id == OutboxMessage.reference)
        .order_by(OutboxMessage.id)
    )
    return [(kind, person) for kind, person in rows]


@pytest.mark.parametrize("name", ["buy", "decline", "cancel"])
def test_doing_the_same_again_is_harmless(auction: int, people: list[int], name: str) -> None:
    alice, move = people[0], getattr(awards, name)
    award_id = award_of(auction, alice).id
    if name == "cancel":
        awards.buy(award_id, alice, END + HOUR)
    first = move(award_id, alice, END + 2 * HOUR).award
    before = story_of(auction), holders(auction)
    again = move(award_id, alice, END + 30 * DAY).award
    assert (again.id, again.state, again.decided_at) == (first.id, first.state, END + 2 * HOUR)
    assert (story_of(auction), holders(auction)) == before


def test_moves_out_of_turn_are_refused_with_the_reason(auction: int, people: list[int]) -> None:
    alice, bob, *_ = people
    his, hers, now = award_of(auction, bob).id, award_of(auction, alice).id, END + HOUR
    assert refused(awards.cancel, his, bob, now) == "not_bought"
    awards.decline(his, bob, now)
    assert [refused(move, his, bob, now) for move in (awards.buy, awards.cancel)] == ["declined", "declined"]
    awards.buy(hers, alice, now)
    assert refused(awards.decline, hers, alice, now) == "bought"
    awards.cancel(hers, alice, now)
    assert [refused(move, hers, alice, now) for move in (awards.buy, awards.decline)] == ["cancelled", "cancelled"]


@pytest.mark.parametrize("move", [awards.buy, awards.decline, awards.cancel])
def test_other_peoples_awards_are_not_found(auction: int, people: list[int], move: Move) -> None:
    alice, mallory = people[0], people[3]
    for award_id in (award_of(auction, alice).id, 4711):
        with pytest.raises(AwardNotFound):
            move(award_id, mallory, END + HOUR)
    assert award_of(auction, alice).state == "offered"


def test_a_blocked_person_cannot_buy(auction: int, people: list[int]) -> None:
    alice = people[0]
    change_person(alice, blocked_at=END)
    assert refused(awards.buy, award_of(auction, alice).id, alice, END + HOUR) == "blocked"


def test_awards_of_a_voided_auction_are_not_offered_on(auction: int, people: list[int]) -> None:
    in_one_unit(lambda session: session.execute(update(Auction).values(state="voided")))
    awards.decline(award_of(auction, people[0]).id, people[0], END + HOUR)
    assert holders(auction) == {2: people[1]}


# Time


def test_nothing_lapses_before_its_time(auction: int) -> None:
    assert awards.lapse_all_expired(END + 24 * HOUR - HOUR / 3_600_000) == []
    assert {award.state for award in awards_of(auction)} == {"offered"}


def test_lapsed_seats_are_offered_to_as_many_different_people(auction: int, people: list[int]) -> None:
    alice, bob, carol, mallory = people
    assert awards.lapse_all_expired(END + 24 * HOUR) == [auction]
    assert holders(auction) == {1: carol, 2: mallory}
    assert {award.state for award in awards_of(auction) if award.person_id in (alice, bob)} == {"lapsed"}
    kinds = [(row.kind, row.person_id) for row in db.session.scalars(select(Notification).order_by(Notification.id))]
    assert kinds[-4:] == [("lapsed", alice), ("lapsed", bob), ("offered", carol), ("offered", mallory)]
    assert awards.lapse_all_expired(END + 24 * HOUR) == []


def test_a_bought_seat_never_lapses(auction: int, people: list[int]) -> None:
    alice, bob, carol, _ = people
    awards.buy(award_of(auction, alice).id, alice, END + HOUR)
    awards.lapse_all_expired(END + 3 * DAY)
    assert holders(auction) == {1: alice, 2: carol}
    assert award_of(auction, bob).state == "lapsed"


def test_due_awards_of_several_concerts_lapse_at_once(people: list[int]) -> None:
    alice, bob, *_ = people
    bids = [(alice, 120_000), (bob, 110_000)]
    both = [add_ended_auction(bids, seats=1) for _ in range(2)]
    for auction_id in both:
        settled(auction_id, bids)
    assert awards.lapse_all_expired(END + DAY) == both
    assert [holders(auction_id) for auction_id in both] == [{1: bob}, {1: bob}]

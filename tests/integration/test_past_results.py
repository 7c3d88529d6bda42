"""What is read of settled auctions of an artist and at a venue, on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, update

from cashticket.auction.past_results import PastResults
from cashticket.auction.values import Pricing, State
from cashticket.extensions import db
from cashticket.ledger import past_results
from cashticket.ledger.past_results import PastOfConcert, past_of
from cashticket.models import Award
from cashticket.models.units import in_one_unit
from tests.staging.final_ranks import add_results, move_seat, void_auction
from tests.staging.rows import END, add_concert, add_people
from tests.staging.settlement import Amounts, add_ended_auction, add_settled_auction

ARTIST, VENUE = "Seoul Quartet", "올림픽홀"
NOTHING = PastOfConcert(None, None)


@pytest.fixture
def crowd(app: Flask) -> list[int]:
    return add_people(6)


def bids(crowd: list[int], *amounts: int) -> Amounts:
    return list(zip(crowd, amounts, strict=False))


def add_past(bids: Amounts, artist: str = ARTIST, venue: str = VENUE, **fields: Any) -> int:
    """The id of an auction that was settled with these bids, by the product."""
    return add_settled_auction(bids, concert=add_concert(artist=artist, venue=venue), **fields)


def test_three_auctions_are_told_with_range_and_medians(crowd: list[int]) -> None:
    add_past(bids(crowd, 100_000, 200_000, 150_000), seats=3)
    add_past(bids(crowd, 110_000, 120_000, 130_000, 140_000), seats=2)
    assert past_of(ARTIST, VENUE) == NOTHING
    add_past(bids(crowd, 500_000), seats=2)
    # Winners: 200, 150, 100 · 140, 130 · 500 thousand; cut-offs: 100 · 130 · the minimum, 100.
    told = PastResults(auctions=3, lowest=100_000, highest=500_000, amount=150_000, cutoff=100_000)
    assert past_of(ARTIST, VENUE) == PastOfConcert(told, told)


def test_artist_and_venue_are_counted_apart(crowd: list[int]) -> None:
    for number in range(3):
        add_past(bids(crowd, 100_000 + number * 10_000), venue=f"Hall {number}")
    add_past(bids(crowd, 900_000), artist="Somebody Else")
    told = PastResults(3, 100_000, 120_000, 110_000, 100_000)
    assert past_of(ARTIST, VENUE) == PastOfConcert(told, None)
    assert past_of("Nobody", "Hall 1") == NOTHING


def test_under_uniform_pricing_the_one_price_counts(crowd: list[int]) -> None:
    for _ in range(3):
        add_past(bids(crowd, 100_000, 200_000, 300_000), seats=2, pricing=Pricing.UNIFORM)
    assert past_of(ARTIST, "").artist == PastResults(3, 200_000, 200_000, 200_000, 200_000)


@pytest.mark.parametrize("name", ["seoul quartet", "SEOUL QUARTET", "  Seoul Quartet "])
def test_capitals_and_spaces_around_make_no_other_name(crowd: list[int], name: str) -> None:
    for _ in range(3):
        add_past(bids(crowd, 100_000))
    told = past_of(name, "").artist
    assert told is not None and told.auctions == 3


@pytest.mark.parametrize("name", ["Seoul Quarte", "Séoul Quartet", "Seoul%", "Seoul_Quartet", "", "' OR ''='"])
def test_any_other_name_is_another_name(crowd: list[int], name: str) -> None:
    for _ in range(3):
        add_past(bids(crowd, 100_000))
    assert past_of(name, name) == NOTHING


def test_what_is_not_settled_or_was_voided_or_won_by_nobody_does_not_count(crowd: list[int]) -> None:
    for _ in range(2):
        add_past(bids(crowd, 100_000))
    concert = add_concert(artist=ARTIST, venue=VENUE)
    add_ended_auction(bids(crowd, 100_000), concert=concert)
    add_past(())
    voided = add_past(bids(crowd, 100_000))
    told = past_of(ARTIST, VENUE).artist
    assert told is not None and told.auctions == 3
    void_auction(voided)
    db.session.remove()
    assert past_of(ARTIST, VENUE) == NOTHING


def test_who_is_passed_over_is_no_winner(app: Flask, crowd: list[int]) -> None:
    alice, bob, carol, dave, erin, _ = crowd
    for _ in range(3):
        concert = add_concert(artist=ARTIST, venue=VENUE)
        # Alice holds a ticket for this concert from its first auction.
        add_settled_auction([(alice, 100_000)], concert=concert, seats=1)
        add_settled_auction(
            [(alice, 900_000), (bob, 500_000), (carol, 300_000), (dave, 200_000), (erin, 100_000)],
            concert=concert,
            seats=3,
        )
    told = past_of(ARTIST, VENUE).artist
    # Of each second auction 500, 300 and 200 thousand are the winning amounts; its third bid was 300,000.
    assert told is not None and (told.auctions, told.lowest, told.highest) == (6, 100_000, 500_000)
    assert (told.amount, told.cutoff) == (200_000, 200_000)


def test_a_seat_that_was_handed_over_counts_with_its_first_winner(app: Flask) -> None:
    concert = add_concert(artist=ARTIST, venue=VENUE)
    auctions = [add_results(6, seats=3, concert=concert) for _ in range(3)]
    before = past_of(ARTIST, VENUE)
    assert before.artist == PastResults(3, 998_000, 1_000_000, 999_000, 998_000)
    move_seat(auctions[0], 2, 4)
    move_seat(auctions[0], 3, 5)
    db.session.remove()
    assert past_of(ARTIST, VENUE) == before


def test_an_auction_without_its_first_awards_is_left_out(app: Flask) -> None:
    auctions = [add_results(6, seats=3, concert=add_concert(artist=ARTIST, venue=VENUE)) for _ in range(4)]
    lost = update(Award).where(Award.auction_id == auctions[0]).values(previous_id=Award.id)
    in_one_unit(lambda session: session.execute(lost, execution_options={"synchronize_session": False}))
    told = past_of(ARTIST, VENUE).artist
    assert told is not None and told.auctions == 3


def test_the_newest_twenty_count(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_results, "NEWEST", 3)
    for number in (3, 0, 4, 1, 2):
        concert = add_concert(artist=ARTIST, venue=VENUE)
        add_results(6, seats=number + 1, concert=concert, ends_at=END + timedelta(days=number))
    # The last three had 3, 4 and 5 seats; each rank less is 1,000 won less.
    told = PastResults(3, lowest=996_000, highest=1_000_000, amount=998_500, cutoff=997_000)
    assert past_of(ARTIST, VENUE) == PastOfConcert(told, told)


def test_the_question_takes_three_statements(app: Flask) -> None:
    for _ in range(4):
        add_results(5, seats=2, concert=add_concert(artist=ARTIST, venue=VENUE), state=State.SETTLED)
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH", "(SELECT")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        told = past_of(ARTIST, VENUE)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert told.artist is not None and told.artist.auctions == 4
    assert len(seen) == 3 and not any("bids" in statement for statement in seen)


def test_what_the_cache_keeps_is_what_was_read(app: Flask) -> None:
    past = PastOfConcert(PastResults(3, 1, 2, 3, 4), None)
    assert past_results.from_text(past_results.to_text(past)) == past

"""Final ranks: stored in windows that do not count before the claim, and never other than the recorded bids say."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.accounts import blocking
from cashticket.auction.aliases import alias
from cashticket.extensions import db
from cashticket.ledger import order
from cashticket.models import Auction, FinalRank, RecordedBid
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import drawing, ranking, settle
from cashticket.settlement.line import next_in_line
from cashticket.settlement.outcomes import outcome_of
from cashticket.settlement.readiness import NotReady
from cashticket.settlement.settle import Settled
from cashticket.work.check.final_ranks import rank_faults
from tests.staging.rows import END, add_people, change_person
from tests.staging.settlement import add_ended_auction, holders, order_of, position, settled


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (order, drawing):
        monkeypatch.setattr(module, "WINDOW_ROWS", 3)


@pytest.fixture
def people(app: Flask) -> list[int]:
    return add_people(8)


def falling(people: list[int]) -> list[tuple[int, int]]:
    """One bid each, every next person 10,000 won lower."""
    return [(person, 1_000_000 - 10_000 * place) for place, person in enumerate(people)]


def rows(auction: int) -> list[tuple[int, int, int | None, bool, str | None]]:
    """(rank, person, place in the line, waiting, passed over) of everybody."""
    db.session.rollback()
    stored = db.session.scalars(select(FinalRank).where(FinalRank.auction_id == auction).order_by(FinalRank.rank))
    return [(row.rank, row.person_id, row.line_place, row.waiting, row.passed_over) for row in stored]


def test_everybody_has_a_row_with_rank_alias_and_place(people: list[int]) -> None:
    change_person(people[0], blocked_at=END)
    auction = add_ended_auction(falling(people))
    settled(auction, falling(people))
    expected = [
        (1, people[0], 1, False, "account"),
        (2, people[1], None, False, None),
        (3, people[2], None, False, None),
    ]
    expected += [(rank, people[rank - 1], rank - 2, True, None) for rank in range(4, 9)]
    assert rows(auction) == expected
    stored = db.session.get_one(FinalRank, (auction, 4))
    salt = db.session.get_one(Auction, auction).alias_salt
    assert (stored.amount, stored.sequence, stored.alias) == (970_000, 4, alias(salt, auction, people[3]))
    assert db.session.get_one(Auction, auction).ranked_at == END


def test_nothing_is_written_when_the_orders_differ_in_a_late_window(people: list[int]) -> None:
    bids = falling(people)
    auction = add_ended_auction(bids)
    other = order_of(bids)
    other[6], other[7] = other[7], other[6]
    answer = settle.settle(auction, iter(other), 8, END)
    assert isinstance(answer, NotReady) and answer.reason == "order_differs" and "rank 7" in answer.detail
    assert rows(auction) == []


@pytest.mark.parametrize("ranked", [6, 7])
def test_a_live_store_that_ranks_fewer_people_differs(people: list[int], ranked: int) -> None:
    auction = add_ended_auction(falling(people))
    answer = settle.settle(auction, order_of(falling(people))[:ranked], 8, END)
    assert isinstance(answer, NotReady) and answer.reason == "order_differs" and rows(auction) == []


def test_ranks_do_not_count_before_the_claim(people: list[int]) -> None:
    auction = add_ended_auction(falling(people))
    ranking.write_ranks(auction)
    row = db.session.get_one(Auction, auction)
    assert len(rows(auction)) == 8 and row.ranked_at is None
    assert outcome_of(row, people[5], utcnow()).kind == "no_bid" and position(auction, people[5]) is None


def test_rows_of_an_older_order_are_replaced(people: list[int]) -> None:
    """The first try ranks a bid that is put right before the second one; one more person is ranked by mistake."""
    auction = add_ended_auction(falling(people))
    first_bid = update(RecordedBid).where(RecordedBid.auction_id == auction, RecordedBid.sequence == 1)
    in_one_unit(lambda session: session.execute(first_bid.values(amount=100_000)))
    ranking.write_ranks(auction)
    assert rows(auction)[-1][1] == people[0]
    stranger = FinalRank(auction_id=auction, rank=9, person_id=add_people(1)[0], amount=1, sequence=9, alias="AAAAAA")
    in_one_unit(lambda session: session.add(stranger))
    in_one_unit(lambda session: session.execute(first_bid.values(amount=1_000_000)))
    assert isinstance(settled(auction, falling(people)), Settled)
    assert [(rank, person) for rank, person, *_ in rows(auction)] == list(enumerate(people, 1))


@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Iterator[list]:  # type: ignore[type-arg]
    """What is done between storing the ranks and claiming the auction."""
    acts: list = []  # type: ignore[type-arg]
    real = settle.write_ranks

    def write(auction_id: int) -> ranking.Ranking:
        answer = real(auction_id)
        for act in acts:
            act(auction_id)
        return answer

    monkeypatch.setattr(settle, "write_ranks", write)
    return acts


def test_a_row_that_changed_before_the_claim_stops_it(people: list[int], between: list) -> None:  # type: ignore[type-arg]
    def swap(auction_id: int) -> None:
        row = update(FinalRank).where(FinalRank.auction_id == auction_id, FinalRank.rank == 5)
        in_one_unit(lambda session: session.execute(row.values(amount=1)))

    between.append(swap)
    auction = add_ended_auction(falling(people))
    answer = settled(auction, falling(people))
    assert isinstance(answer, NotReady) and answer.reason == "not_ranked" and "rank 5" in answer.detail
    assert answer.is_ordinary and not holders(auction)
    between.clear()
    assert isinstance(settled(auction, falling(people)), Settled)


def test_a_winner_who_is_blocked_before_the_claim_makes_room(people: list[int], between: list) -> None:  # type: ignore[type-arg]
    between.append(lambda auction_id: blocking.block(people[1]))
    auction = add_ended_auction(falling(people))
    settled(auction, falling(people))
    assert holders(auction) == {1: people[0], 2: people[2]}
    assert rows(auction)[:4] == [
        (1, people[0], None, False, None),
        (2, people[1], 1, False, "account"),
        (3, people[2], None, False, None),
        (4, people[3], 2, True, None),
    ]


def test_whoever_is_no_longer_blocked_at_the_claim_wins(people: list[int], between: list) -> None:  # type: ignore[type-arg]
    change_person(people[0], blocked_at=END)
    between.append(lambda auction_id: change_person(people[0], blocked_at=None))
    auction = add_ended_auction(falling(people))
    settled(auction, falling(people))
    assert holders(auction) == {1: people[0], 2: people[1]}
    assert [(row[2], row[3]) for row in rows(auction)[:4]] == [(None, False), (None, False), (1, True), (2, True)]


def test_somebody_in_line_who_is_blocked_before_the_claim_does_not_wait(people: list[int], between: list) -> None:  # type: ignore[type-arg]
    between.append(lambda auction_id: blocking.block(people[6]))
    auction = add_ended_auction(falling(people))
    settled(auction, falling(people))
    assert rows(auction)[6] == (7, people[6], 5, False, "account")
    assert position(auction, people[7]) == 5


def test_blocking_and_closing_take_people_out_of_every_line(people: list[int]) -> None:
    auctions = [add_ended_auction(falling(people), seats=1, ends_at=END + timedelta(hours=each)) for each in (0, 1)]
    for auction in auctions:
        settled(auction, falling(people))
    blocking.block(people[2])
    for auction in auctions:
        assert [row.person_id for row in next_in_line(db.session(), auction, 3)] == [people[1], people[3], people[4]]
        db.session.rollback()
        assert outcome_of(db.session.get_one(Auction, auction), people[2], utcnow()).why == "account"
        assert position(auction, people[3]) == 2


@pytest.mark.parametrize(("change", "sentence"), [({"amount": 1}, "from rank 5"), ({"waiting": False}, "rank 5 waits")])
def test_the_check_sees_a_row_that_is_not_true(people: list[int], change: dict[str, object], sentence: str) -> None:
    auction = add_ended_auction(falling(people))
    settled(auction, falling(people))
    row = db.session.get_one(Auction, auction)
    assert list(rank_faults(row)) == []
    stored = update(FinalRank).where(FinalRank.auction_id == auction, FinalRank.rank == 5)
    in_one_unit(lambda session: session.execute(stored.values(**change)))
    [fault] = rank_faults(row)
    assert fault.invariant == "I16" and sentence in fault.sentence

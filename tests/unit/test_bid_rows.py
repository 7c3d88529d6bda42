"""A bid keeps every field on its way into the ledger and back, and every field has a column."""

from dataclasses import fields, replace

import pytest

from cashticket.auction.values import Bid, Entry
from cashticket.ledger.bid_rows import COLUMNS, accepted_of, bid_of, entry_from_text, entry_of, row_of, text_of
from cashticket.models import RecordedBid

ENTRY = Entry(
    sequence=7,
    person=2,
    nth=3,
    amount=120_000,
    at_ms=1_000,
    request_id="요청",
    ends_at_ms=9_000,
    rank=4,
    cutoff=110_000,
    displaced=5,
    alert=True,
)


def test_a_row_gives_back_the_entry_it_was_recorded_from() -> None:
    row = RecordedBid(**row_of(1, ENTRY))
    assert row.auction_id == 1 and (row.person_id, row.displaced_id) == (2, 5)
    assert entry_of(row) == ENTRY and bid_of(row) == bid_of(ENTRY)
    assert bid_of(ENTRY) == Bid(sequence=7, person=2, nth=3, amount=120_000, at_ms=1_000, request_id="요청")


def test_every_field_has_a_column_and_every_column_a_field() -> None:
    columns = {column.key for column in RecordedBid.__table__.columns} - {"id", "auction_id"}
    assert sorted(COLUMNS.values()) == sorted(columns)
    assert {field.name for field in fields(Bid)} <= COLUMNS.keys()


def test_a_recorded_bid_gives_the_answer_of_a_repeated_request() -> None:
    answer = accepted_of(RecordedBid(**row_of(1, ENTRY)), seats=3)
    assert answer.replayed and not answer.winning and answer.chances_left == 0
    assert (answer.sequence, answer.rank, answer.cutoff, answer.ends_at_ms) == (7, 4, 110_000, 9_000)


@pytest.mark.parametrize("entry", [ENTRY, replace(ENTRY, displaced=None, alert=False)])
def test_a_text_gives_back_the_entry_it_was_written_from(entry: Entry) -> None:
    assert entry_from_text(text_of(entry)) == entry


@pytest.mark.parametrize(
    "text",
    [
        "half an ent",
        "[" * 100_000,
        "[]",
        "{}",
        text_of(ENTRY).replace("120000", '"120000"'),
        text_of(ENTRY).replace("120000", "true"),
        text_of(ENTRY).replace('"요청"', "null"),
        text_of(ENTRY).replace('"displaced": 5', '"displaced": "5"'),
    ],
)
def test_a_text_that_lacks_something_gives_no_entry(text: str) -> None:
    assert entry_from_text(text) is None

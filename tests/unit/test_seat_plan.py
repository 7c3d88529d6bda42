"""Which seat a rank gets: ranks fill the rows from the front, and every seat belongs to exactly one rank."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashticket.auction.seat_plan import (
    ROW_SEATS_MAX,
    ROWS_MAX,
    SeatPlace,
    SeatRow,
    place_of,
    read_rows,
    rows_of,
    written_rows,
)

SIZES = st.lists(st.integers(1, 12), min_size=1, max_size=12)


@pytest.mark.parametrize(
    ("rank", "place"),
    [
        (1, SeatPlace(1, 1)),
        (40, SeatPlace(1, 40)),
        (41, SeatPlace(2, 1)),
        (47, SeatPlace(2, 7)),
        (2_000, SeatPlace(50, 40)),
        (2_001, None),
        (0, None),
        (-1, None),
    ],
)
def test_fifty_rows_of_forty_are_filled_from_the_front(rank: int, place: SeatPlace | None) -> None:
    assert place_of(rank, read_rows("50x40")) == place


def test_rows_of_different_lengths_are_filled_one_after_the_other() -> None:
    assert rows_of(read_rows("2, 3,1")) == (SeatRow(1, 1, 2), SeatRow(2, 3, 5), SeatRow(3, 6, 6))
    assert [place_of(rank, (2, 3, 1)) for rank in (2, 3, 5, 6)] == [
        SeatPlace(1, 2),
        SeatPlace(2, 1),
        SeatPlace(2, 3),
        SeatPlace(3, 1),
    ]


@given(SIZES)
def test_every_seat_belongs_to_one_rank_and_better_ranks_sit_further_in_front(sizes: list[int]) -> None:
    places = [place_of(rank, sizes) for rank in range(1, sum(sizes) + 1)]
    expected = [SeatPlace(row, number) for row, size in enumerate(sizes, 1) for number in range(1, size + 1)]
    assert places == expected and place_of(sum(sizes) + 1, sizes) is None


@given(SIZES)
def test_rows_are_read_as_they_were_written(sizes: list[int]) -> None:
    assert read_rows(written_rows(sizes)) == tuple(sizes)


@pytest.mark.parametrize(
    ("text", "short"), [("20,20,20", "3x20"), ("1x5, 1x5", "2x5"), ("3x20,15", "3x20,15"), ("7", "7")]
)
def test_rows_are_written_shortly(text: str, short: str) -> None:
    assert written_rows(read_rows(text)) == short


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is no row"),
        ("20,", "is no row"),
        ("5*40", "is no row"),
        ("0", "is no row"),
        ("0x5", "is no row"),
        ("-3", "is no row"),
        ("1e2", "is no row"),
        ("٣", "is no row"),
        ("1000", "is no row"),
        (f"{ROW_SEATS_MAX + 1}", "at most 200 seats"),
        (f"{ROWS_MAX}x1,1", "at most 200 rows"),
        ("999x200", "at most 200 rows"),
    ],
)
def test_what_is_no_block_is_refused_with_the_fault(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read_rows(text)

"""The rows of a block of seats, and which seat a rank gets: ranks fill the rows from the front, each from its seat 1.

Rows are announced as a text, from the front: `20,22,24` is three rows of so many seats, `5x40` five rows of 40.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

ROWS_MAX = 200
"""Rows of a block."""

ROW_SEATS_MAX = 200
"""Seats of a row."""

TEXT_MAX = 200
"""Characters of the text that announces the rows."""

PART = re.compile(r"(?:([1-9][0-9]{0,2})x)?([1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True)
class SeatRow:
    """Row `number` of a block, 1 at the front; it goes to the ranks `first` to `last`."""

    number: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class SeatPlace:
    """A seat of a block: the row, 1 at the front, and the number within the row, from 1."""

    row: int
    number: int


def read_rows(text: str) -> tuple[int, ...]:
    """The seats of each row, from the front. Raises ValueError, naming the fault."""
    sizes: list[int] = []
    for part in text.replace(" ", "").split(","):
        written = PART.fullmatch(part)
        if not written:
            raise ValueError(
                f"{part[:40]!r} is no row; write 20,22,24 for the seats of each row, or 5x40 for five of 40"
            )
        count, size = int(written[1] or 1), int(written[2])
        if size > ROW_SEATS_MAX:
            raise ValueError(f"a row has at most {ROW_SEATS_MAX} seats, not {size}")
        if len(sizes) + count > ROWS_MAX:
            raise ValueError(f"a block has at most {ROWS_MAX} rows")
        sizes += [size] * count
    return tuple(sizes)


def written_rows(sizes: Iterable[int]) -> str:
    """The shortest text that `read_rows` reads as these sizes."""
    runs = [(len(list(run)), size) for size, run in groupby(sizes)]
    return ",".join(f"{count}x{size}" if count > 1 else str(size) for count, size in runs)


def rows_of(sizes: Sequence[int]) -> tuple[SeatRow, ...]:
    """The rows of these sizes with the ranks that get their seats."""
    return tuple(
        SeatRow(number, last - size + 1, last)
        for number, (size, last) in enumerate(zip(sizes, accumulate(sizes), strict=True), 1)
    )


def place_of(rank: int, sizes: Sequence[int]) -> SeatPlace | None:
    """The seat of a rank among the winners, which is also the number of the seat; None for a rank without one."""
    for row in rows_of(sizes):
        if row.first <= rank <= row.last:
            return SeatPlace(row.number, rank - row.first + 1)
    return None

"""Draws the plan of a block of seats as an SVG: the front above, a line for each row, the best seat filled.

In a small block every seat has its rank; in a larger one each line has its row at its left and its ranks at its right,
as far as there is room. The drawing grows with the rows and not with their seats: a row is one dashed line. It has no
script, style, font or link, and nothing that an organiser typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from markupsafe import escape

from cashticket.auction.seat_plan import SeatRow, rows_of

WIDTH = 280
TOP, BOTTOM = 28, 4
LABEL = 12
"""The size of the letters. A screen of 280 pixels shows a drawing of some 250."""

LEFT, RIGHT = 44, 92
"""The room for the labels of rows and of their ranks."""

NUMBERED_ROWS_MAX, NUMBERED_ROW_MAX = 20, 10
"""Where every seat has its rank: blocks of so many rows, and so many seats in the longest."""

TALL_ROWS, ROW_STEP_MIN = 40, 6.0


@dataclass(frozen=True, slots=True)
class Colours:
    """One set of colours: of letters, of seats and the line around them, of the best seat and its number."""

    ink: str
    seat: str
    edge: str
    best: str
    on_best: str


LIGHT = Colours(ink="#14171f", seat="#e9ecfb", edge="#6f7cd6", best="#2438c9", on_best="#ffffff")
DARK = Colours(ink="#eceef4", seat="#2a3050", edge="#8793e0", best="#b3beff", on_best="#0d1130")


@dataclass(frozen=True, slots=True)
class PlanWords:
    """The words of a plan in one language. `row` has {number} for the number of a row."""

    title: str
    description: str
    front: str
    row: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Where seats stand, in units of the drawing: the step from seat to seat and from row to row, and the side of a
    seat."""

    step: float
    row_step: float
    side: float
    height: int
    is_numbered: bool


def layout_of(sizes: Sequence[int]) -> Layout:
    """The layout of a block with rows of these sizes."""
    longest = max(sizes)
    is_numbered = longest <= NUMBERED_ROW_MAX and len(sizes) <= NUMBERED_ROWS_MAX
    step = min(_largest_step(len(sizes), is_numbered), (WIDTH - LEFT - (0 if is_numbered else RIGHT)) / longest)
    row_step = max(step, ROW_STEP_MIN)
    return Layout(step, row_step, step * 0.84, round(TOP + row_step * len(sizes) + BOTTOM), is_numbered)


def _largest_step(rows: int, is_numbered: bool) -> float:
    """The longest step that keeps a block of many short rows from becoming a tower."""
    if is_numbered:
        return 26.0
    return 14.0 if rows <= TALL_ROWS else ROW_STEP_MIN


def draw_plan(sizes: Sequence[int], words: PlanWords, colours: Colours) -> str:
    """The plan as SVG text. The same arguments always give the same text."""
    layout, rows = layout_of(sizes), rows_of(sizes)
    seats = (_numbered if layout.is_numbered else _lines)(rows, layout, colours)
    labels = "".join(
        _text(LEFT - 6, _base(row, layout), "end", words.row.replace("{number}", str(row.number)))
        for row in _spread(rows, layout)
    )
    width = layout.step * max(sizes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {layout.height}" width="{WIDTH}" '
        f'height="{layout.height}" role="img" aria-labelledby="title about"><title id="title">'
        f'{escape(words.title)}</title><desc id="about">{escape(words.description)}</desc>'
        f'<path d="M{LEFT} 18h{max(width, 60):.1f}" stroke="{colours.edge}" stroke-width="2"/>'
        f'<g font-family="sans-serif" font-size="{LABEL}" fill="{colours.ink}">'
        f"{_text(LEFT, 12, 'start', words.front)}{labels}{seats}</g></svg>"
    )


def _numbered(rows: Sequence[SeatRow], layout: Layout, colours: Colours) -> str:
    """A square with its rank for each seat."""
    letters, half = min(LABEL, layout.side * 0.55), layout.side / 2
    squares, ranks = [], []
    for row in rows:
        for number, rank in enumerate(range(row.first, row.last + 1)):
            x, fill = LEFT + layout.step * number, colours.best if rank == 1 else colours.seat
            squares.append(
                f'<rect x="{x:.1f}" y="{_top(row, layout):.1f}" width="{layout.side:.1f}" '
                f'height="{layout.side:.1f}" rx="3" fill="{fill}"/>'
            )
            colour = colours.on_best if rank == 1 else ""
            ranks.append(_text(x + half, _top(row, layout) + half + letters * 0.35, "middle", str(rank), colour))
    return f'<g stroke="{colours.edge}">{"".join(squares)}</g><g font-size="{letters:.1f}">{"".join(ranks)}</g>'


def _lines(rows: Sequence[SeatRow], layout: Layout, colours: Colours) -> str:
    """A dashed line for each row, a dash for each seat, with the ranks of the rows beside them."""
    gap = layout.step - layout.side
    lines = "".join(
        f'<path d="M{LEFT} {_top(row, layout) + layout.side / 2:.1f}'
        f'h{layout.step * (row.last - row.first + 1) - gap:.2f}"/>'
        for row in rows
    )
    ranks = "".join(_text(WIDTH - 2, _base(row, layout), "end", _ranks(row)) for row in _spread(rows, layout))
    return (
        f'<g stroke="{colours.edge}" stroke-width="{layout.side:.2f}" '
        f'stroke-dasharray="{layout.side:.2f} {gap:.2f}">{lines}</g>{ranks}'
        f'<rect x="{LEFT}" y="{TOP}" width="{layout.side:.2f}" height="{layout.side:.2f}" fill="{colours.best}"/>'
    )


def _ranks(row: SeatRow) -> str:
    return f"{row.first:,}–{row.last:,}" if row.last > row.first else f"{row.first:,}"


def _spread(rows: Sequence[SeatRow], layout: Layout) -> list[SeatRow]:
    """The rows whose labels have room above each other: the first, each one that stands far enough below, the last."""
    every = max(1, ceil((LABEL + 2) / layout.row_step))
    chosen = list(rows[::every])
    if len(chosen) > 1 and rows[-1].number - chosen[-1].number < every:
        chosen.pop()
    return [*chosen, rows[-1]] if rows[-1].number - chosen[-1].number >= every else chosen


def _top(row: SeatRow, layout: Layout) -> float:
    return TOP + layout.row_step * (row.number - 1)


def _base(row: SeatRow, layout: Layout) -> float:
    """The baseline of a label beside a row."""
    return _top(row, layout) + layout.side / 2 + LABEL * 0.35


def _text(x: float, y: float, anchor: str, text: str, colour: str = "") -> str:
    fill = f' fill="{colour}"' if colour else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{fill}>{escape(text)}</text>'

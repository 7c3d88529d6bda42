"""Where seats are, as people read it, and the plan of a block with its words. Filters of every template."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from flask import Blueprint
from flask_babel import gettext as _

from cashticket.auction.seat_plan import SeatPlace, SeatRow, place_of, read_rows, rows_of
from cashticket.blueprints.wording.formats import grouped, language
from cashticket.catalogue.plan_art import DARK, LEFT, LIGHT, TOP, WIDTH, PlanWords, draw_plan, layout_of
from cashticket.models import Auction

blueprint = Blueprint("seat_wording", __name__)

NAMED_ROWS = 4
"""Rows that a sentence names one by one; of more it names the first two and the last."""


@dataclass(frozen=True, slots=True)
class SeatPlan:
    """The plan of an auction as a page shows it: its addresses for light and dark screens, its size, a sentence that
    says the same, and what plan.js needs to find a seat and to name it (`own`, with {rank}, {row} and {number})."""

    light: str
    dark: str
    width: int
    height: int
    sentence: str
    rows: str
    geometry: str
    own: str


@dataclass(frozen=True, slots=True)
class DrawnPlan:
    """The SVG of a plan; another drawing of the same rows has another `version`."""

    svg: str
    version: str


@blueprint.app_template_filter()
def place_words(place: SeatPlace | None) -> str:
    """A seat by row and number; "" for None."""
    return str(_("row %(row)s, number %(number)s", row=place.row, number=place.number)) if place else ""


@blueprint.app_template_filter()
def seat_place(auction: Auction, rank: int | None) -> str:
    """The seat of a rank, or of the seat with this number, in words; "" where no rows were announced."""
    return place_words(place_of(rank, read_rows(auction.rows))) if auction.rows and rank else ""


@blueprint.app_template_filter()
def seat_plan(auction: Auction) -> SeatPlan | None:
    """The plan of an auction; None where no rows were announced."""
    if not auction.rows:
        return None
    sizes = read_rows(auction.rows)
    layout = layout_of(sizes)
    light, dark = (_address(auction, ground) for ground in ("light", "dark"))
    geometry = f"{LEFT} {TOP} {layout.step:.3f} {layout.row_step:.3f} {layout.side:.3f}"
    return SeatPlan(light, dark, WIDTH, layout.height, rows_sentence(sizes), auction.rows, geometry, _own())


def _own() -> str:
    place = _("row %(row)s, number %(number)s", row="{row}", number="{number}")
    return str(_("Rank %(rank)s gets %(place)s.", rank="{rank}", place=place))


def _address(auction: Auction, ground: str) -> str:
    version = drawn_plan(auction.rows or "", language(), ground).version
    return f"/auctions/{auction.id}/plan.svg?lang={language()}&ground={ground}&v={version}"


@lru_cache(maxsize=256)
def drawn_plan(rows: str, in_language: str, ground: str) -> DrawnPlan:
    """The plan of a block on a `light` or `dark` ground; `in_language` is that of this request."""
    sizes = read_rows(rows)
    words = PlanWords(
        title=_("Seat plan"),
        description=rows_sentence(sizes),
        front=_("Stage side"),
        row=_("Row %(number)s", number="{number}"),
    )
    svg = draw_plan(sizes, words, DARK if ground == "dark" else LIGHT)
    return DrawnPlan(svg, sha256(svg.encode()).hexdigest()[:12])


def rows_sentence(sizes: Sequence[int]) -> str:
    """Which ranks sit in which row, in a sentence that is short for any block."""
    rows = rows_of(sizes)
    if len(rows) <= NAMED_ROWS:
        sentence = ", ".join(map(_row_words, rows))
    else:
        first, second, last = (_row_words(row) for row in (rows[0], rows[1], rows[-1]))
        sentence = f"{first}, {second}, … {last}"
    return f"{sentence[0].upper()}{sentence[1:]}."


def _row_words(row: SeatRow) -> str:
    if row.first == row.last:
        return str(_("rank %(rank)s in row %(row)s", rank=grouped(row.first), row=row.number))
    ranks = {"first": grouped(row.first), "last": grouped(row.last)}
    return str(_("ranks %(first)s to %(last)s in row %(row)s", row=row.number, **ranks))

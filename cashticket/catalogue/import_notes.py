"""What a row of an imported file says and an import does not take, in sentences: nobody shall believe it was stored."""

from datetime import datetime
from typing import Any

from cashticket.catalogue.concerts import default_deadline
from cashticket.catalogue.import_rows import ImportRow
from cashticket.catalogue.plans import Plan
from cashticket.catalogue.publishing import soft_close_cap
from cashticket.locale import SEOUL
from cashticket.models import Auction, Concert
from cashticket.typed.text import one_line

FACTS = ("title_en", "artist_en", "venue_en", "genre", "city", "age_limit", "description", "cancel_until")
TERMS = {
    "soft_close": "soft_close_seconds",
    "soft_close_cap": "soft_close_cap_seconds",
    **{name: name for name in ("purchase_hours", "offer_hours", "identity", "view", "benefits", "face_price", "rows")},
}
"""Column → field, of the terms by which an auction is not recognised."""

SHOWN_MAX = 40


def unlike_concert(row: ImportRow, concert: Concert, stem: str | None, organiser_id: int | None) -> list[str]:
    """What the row says otherwise than the concert that is there. `stem` and `organiser_id` are those that it names."""
    of_row = {name: row.concert[name] for name in FACTS if row.concert[name] is not None}
    if of_row["cancel_until"] == default_deadline(concert.starts_at):
        # It stands for a cell that is empty.
        del of_row["cancel_until"]
    notes = [_note(row, name, value, getattr(concert, name), "concert") for name, value in of_row.items()]
    if row.organiser and organiser_id != concert.organiser_id:
        notes.append(f"{row.where}: organiser: is not taken; the concert keeps the one that it has")
    if stem and stem != concert.poster:
        has = "the one that it has" if concert.poster else "the drawn one"
        notes.append(f"{row.where}: poster: is not taken; the concert keeps {has}")
    return list(filter(None, notes))


def unlike_auction(row: ImportRow, plan: Plan, auction: Auction) -> list[str]:
    """What the row says otherwise than the auction that is there: its terms are frozen."""
    assert row.terms is not None
    of_row = {column: getattr(plan, field) for column, field in TERMS.items() if field in row.terms.fields}
    if "soft_close_cap" in of_row:
        of_row["soft_close_cap"] = soft_close_cap(of_row["soft_close_cap"], auction.closes_at, auction.concert)
    notes = [_note(row, name, value, getattr(auction, TERMS[name]), "auction") for name, value in of_row.items()]
    notes.append(_note(row, "closes", row.terms.end(auction.opens_at), auction.closes_at, "auction"))
    return list(filter(None, notes))


def twice(row: ImportRow, first: str) -> str:
    """The row names an auction that another row, `first`, names too."""
    return f"{row.where}: has concert and terms of {first}, so both are one auction; give each a zone to publish two"


def past_concert(row: ImportRow) -> str:
    """The concert is over."""
    return f"{row.where}: starts: {_shown(row.concert['starts_at'])} lies in the past, so pages list it no more"


def past_opening(row: ImportRow, opens: datetime) -> str:
    """Bidding does not wait."""
    return f"{row.where}: opens: {_shown(opens)} lies in the past, so bidding begins at once"


def _note(row: ImportRow, name: str, value: Any, stored: Any, what: str) -> str | None:
    same = one_line(value) == one_line(stored or "") if isinstance(value, str) else value == stored
    if same:
        return None
    return f"{row.where}: {name}: {_shown(value)} is not taken; the {what} is there already with {_shown(stored)}"


def _shown(value: Any) -> str:
    if isinstance(value, datetime):
        return f"{value.astimezone(SEOUL):%Y-%m-%d %H:%M}"
    if isinstance(value, str):
        return repr(value if len(value) <= SHOWN_MAX else f"{value[:SHOWN_MAX]}…")
    return "none" if value is None else f"{value:,}"

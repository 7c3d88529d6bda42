"""What an organiser announces of the seats of an auction beyond their number. All of it may be left out.

Zone, view and benefits are texts of one line, the face price is what such a seat costs elsewhere, in won, and rows are
the seats of each row from the front (`auction.seat_plan`).
"""

from typing import Any

from cashticket.auction.seat_plan import TEXT_MAX, read_rows, written_rows
from cashticket.auction.values import AMOUNT_MAX
from cashticket.catalogue.concerts import NotPublishable, check_letters
from cashticket.models.auctions import SEAT_TEXT_MAX
from cashticket.typed.text import can_be_shown, number_text, one_line

TEXTS = tuple(SEAT_TEXT_MAX)
NAMES = (*TEXTS, "face_price", "rows")
"""The fields of a plan, and the columns of an auction, that are about its seats."""

FACE_PRICE_BOUNDS = (1, AMOUNT_MAX)
"""The lowest and the highest face price, in won."""


def clean_text(name: str, text: str | None) -> str | None:
    """The text called `name` on one line, None for an empty one. Raises NotPublishable."""
    cleaned = one_line(text or "")
    check_letters(name, cleaned)
    if len(cleaned) > SEAT_TEXT_MAX[name] or not can_be_shown(cleaned):
        longest = SEAT_TEXT_MAX[name]
        raise NotPublishable(f"The {name} must have at most {longest} characters, and no control characters.")
    return cleaned or None


def cleaned(facts: dict[str, Any]) -> dict[str, Any]:
    """Fields of a plan by their names, with the texts about its seats on one line. Raises NotPublishable."""
    lowest, highest = FACE_PRICE_BOUNDS
    if facts["face_price"] is not None and not lowest <= facts["face_price"] <= highest:
        raise NotPublishable(f"The face price must be {lowest:,} to {highest:,} won, not {facts['face_price']:,}.")
    texts = {name: clean_text(name, facts[name]) for name in TEXTS}
    return facts | texts | {"rows": clean_rows(facts["rows"], facts["seats"])}


def clean_rows(text: str | None, seats: int | None) -> str | None:
    """The rows of a block of so many seats, written shortly; None without rows. Raises NotPublishable."""
    if not one_line(text or ""):
        return None
    try:
        sizes = read_rows(number_text(text or "").lower().replace("×", "x"))
    except ValueError as error:
        raise NotPublishable(f"The rows are wrong: {error}.") from error
    if seats is not None and sum(sizes) != seats:
        raise NotPublishable(f"The rows have {sum(sizes):,} seats in all, not {seats:,}.")
    if len(short := written_rows(sizes)) > TEXT_MAX:
        raise NotPublishable(f"The rows must be written in at most {TEXT_MAX} characters.")
    return short

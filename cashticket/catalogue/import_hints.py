"""Prices of an imported file that look like slips of the keyboard. Nothing is refused for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from cashticket.catalogue.import_rows import ImportRow

PRICES = ("minimum", "step", "maximum", "face_price")
FAR = 10
"""How many times above or below the middle of its column a price is far from the others."""


@dataclass(frozen=True, slots=True)
class Hint:
    """What may be wrong with a row, as a sentence that names it."""

    row: ImportRow
    sentence: str


def hints_of(rows: Sequence[ImportRow]) -> list[Hint]:
    """Prices far from the others of the file, and steps above the minimum, in the order of the rows."""
    steps = [Hint(row, sentence) for row in rows if (sentence := _large_step(row))]
    hints = [hint for name in PRICES for hint in _far_prices(rows, name)] + steps
    return sorted(hints, key=lambda hint: hint.row.number)


def _far_prices(rows: Sequence[ImportRow], name: str) -> list[Hint]:
    prices = [(row, row.terms.fields[name]) for row in rows if row.terms and row.terms.fields.get(name)]
    if len(prices) < 2:
        return []
    middle = median(price for _, price in prices)
    hints = []
    for row, price in prices:
        # Of two nobody knows which one is wrong.
        others = middle if len(prices) > 2 else sum(each for _, each in prices) - price
        if price > others * FAR or price * FAR < others:
            far = "above" if price > others else "below"
            sentence = f"{price:,} is more than {FAR} times {far} the others of the file, {others:,.0f}"
            hints.append(Hint(row, f"{row.where}: {name}: {sentence}"))
    return hints


def _large_step(row: ImportRow) -> str:
    fields = row.terms.fields if row.terms else {}
    if not 0 < fields.get("minimum", 0) < fields.get("step", 0):
        return ""
    return f"{row.where}: step: {fields['step']:,} is larger than the minimum, {fields['minimum']:,}"

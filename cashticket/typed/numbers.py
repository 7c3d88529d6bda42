"""Whole numbers as people and spreadsheets write them. A mark that may mean two things is told, never guessed. Pure."""

import re

from cashticket.typed.spoken_amounts import read_amount
from cashticket.typed.text import number_text

DIGITS_MAX = 15
PLAIN = re.compile(r"[0-9]+")
# Marks between thousands: a comma, a blank as in French, an apostrophe as in Switzerland.
GROUPED = re.compile(r"[0-9]{1,3}(?:(?P<mark>[, '’])[0-9]{3})(?:(?P=mark)[0-9]{3})*")
NO_PARTS = re.compile(r"(?P<whole>[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+)\.0{1,2}")
"""Decimals of a whole number. Three zeros behind a dot may be thousands."""

# What stands around a number and belongs to it.
BEFORE, AFTER = re.compile("^(?:₩|krw|w) ?"), re.compile(" ?(?:원|krw|won|석|명|세|시간|초|hours?|seconds?|seats?)$")

FAULTS = {
    "decimal_comma": re.compile(r"[0-9][0-9 .]*,[0-9]{1,2}|[0-9]{4,},[0-9]{3}|[0-9]+(?:\.[0-9]{3})+,[0-9]*"),
    "dots": re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+"),
    "commas": re.compile(r"[0-9,]*,[0-9,]*(?:\.0{1,2})?"),
    "fraction": re.compile(r"[0-9,]*\.[0-9]+"),
    "scientific": re.compile(r"[0-9]+(?:\.[0-9]+)?e\+?[0-9]+"),
    "negative": re.compile(r"(?:-|\().*[0-9].*"),
}
"""What looks like a number and is none that can be taken, each kind by its first pattern that fits."""

SENTENCES = {
    "decimal_comma": "has a comma where decimals begin; write thousands as 150,000 or without a mark",
    "dots": "may mean thousands or decimals; write 150,000 or 150000",
    "commas": "has commas where no thousands end; write 150,000 or 150000",
    "fraction": "has a part of a whole; write a whole number",
    "scientific": "is shortened by a spreadsheet, so digits may be lost; format the cells as numbers and save again",
    "negative": "is below zero",
    "too_long": f"has more than {DIGITS_MAX} digits",
    "words": "is no whole number",
}
"""Code → the end of a sentence that begins with the text, for operators. Doors have their own words for people."""


class NoWholeNumber(ValueError):
    """The text is no whole number; `code` is a key of SENTENCES."""

    @property
    def code(self) -> str:
        return str(self.args[0])

    @property
    def sentence(self) -> str:
        return SENTENCES[self.code]


def whole_number(text: str, *, spoken: bool = False) -> int:
    """The number, at least 0, of `150,000`, `150000`, `150 000`, `150,000.00`, `₩150,000`, `150,000원` or `20석`; with
    `spoken` of `15만 5천` too. Raises NoWholeNumber."""
    plain = AFTER.sub("", BEFORE.sub("", number_text(text).lower()))
    if sum(sign.isdigit() for sign in plain) > DIGITS_MAX:
        raise NoWholeNumber("too_long")
    if PLAIN.fullmatch(plain) or GROUPED.fullmatch(plain):
        return int(re.sub("[, '’]", "", plain))
    if whole := NO_PARTS.fullmatch(plain):
        return int(whole["whole"].replace(",", ""))
    fault = next((code for code, pattern in FAULTS.items() if pattern.fullmatch(plain)), "words")
    amount = read_amount(plain) if spoken and fault in ("words", "fraction") else None
    if amount is None:
        raise NoWholeNumber(fault)
    return amount

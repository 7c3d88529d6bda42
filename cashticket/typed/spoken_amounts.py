"""Reads amounts of won as Koreans write them: 5만5천, 12만 원, 11.5만, 오만 오천 원, ₩150,000."""

import re
from fractions import Fraction

DIGITS = {word: str(digit) for digit, word in enumerate("영일이삼사오육칠팔구")} | {"공": "0", "륙": "6"}
PLACES = {"천": 1_000, "백": 100, "십": 10}
GROUPS = {"조": 10**12, "억": 10**8, "만": 10**4}
PART = re.compile(r"([0-9]{1,3}(?:,[0-9]{3})+|[0-9]+(?:\.[0-9]{1,4})?)?([천백십])?", re.ASCII)
GROUP = re.compile(r"((?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+(?:\.[0-9]{1,4})?|[천백십])*)([조억만])?", re.ASCII)
WIDE_MARKS = {"\uff0c": ",", "\uff0e": ".", "\uffe6": "₩"}
WIDE = str.maketrans({chr(0xFF10 + digit): str(digit) for digit in range(10)} | WIDE_MARKS)
TWO_DIGITS = re.compile(
    r"[영일이삼사오육칠팔구공륙]{2}|[영일이삼사오육칠팔구공륙][0-9]|[0-9][영일이삼사오육칠팔구공륙]", re.ASCII
)
BARE_POINT = re.compile(r"\.[0-9]+\Z", re.ASCII)
"""150.000 is meant for 150,000 and means 150: a point needs 만 or another unit behind it."""
LONE_DIGIT_MAX = 9
"""5만5 is said for 55,000 and means 50,005: such an amount is asked again."""


def read_amount(text: str) -> int | None:
    """Whole won, or None for what is no amount: units out of order, parts of a won, two readings."""
    plain = "".join(text.translate(WIDE).split()).removeprefix("₩")
    plain = plain.removesuffix("정").removesuffix("원")
    if not plain or TWO_DIGITS.search(plain) or BARE_POINT.search(plain):
        return None
    figures = "".join(DIGITS.get(character, character) for character in plain)
    total = _sum_of_groups(figures)
    return int(total) if total is not None and total.denominator == 1 else None


def _sum_of_groups(figures: str) -> Fraction | None:
    """The sum of what stands before 조, 억, 만 and at the end; None when these are out of order."""
    total, smallest, at = Fraction(0), 10**16, 0
    while at < len(figures):
        match = GROUP.match(figures, at)
        if match is None or not match[0]:
            return None
        unit = GROUPS[match[2]] if match[2] else 1
        number = _sum_of_places(match[1]) if match[1] else Fraction(1)
        if number is None or unit >= smallest or number * unit >= smallest:
            return None
        if total and unit == 1 and number <= LONE_DIGIT_MAX:
            return None
        total, smallest, at = total + number * unit, unit, match.end()
    return total


def _sum_of_places(group: str) -> Fraction | None:
    """The sum of what stands before 천, 백, 십 and at the end; None when these are out of order."""
    total, smallest, at = Fraction(0), 10**16, 0
    while at < len(group):
        match = PART.match(group, at)
        if match is None or not match[0]:
            return None
        place = PLACES[match[2]] if match[2] else 1
        number = Fraction(match[1].replace(",", "")) if match[1] else Fraction(1)
        if number * place >= smallest or (place == 1 and smallest in (1_000, 100) and number <= LONE_DIGIT_MAX):
            return None
        total, smallest, at = total + number * place, place, match.end()
    return total

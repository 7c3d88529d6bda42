"""Amounts of won in words, so that a zero too many is noticed: 십오만 원, one hundred fifty thousand won."""

from typing import Any

KOREAN_DIGITS = ("", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
KOREAN_PLACES = ("", "십", "백", "천")
KOREAN_GROUPS = ("", "만", "억", "조", "경")
# fmt: off
ENGLISH_BELOW_TWENTY = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
ENGLISH_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
# fmt: on
ENGLISH_GROUPS = ("", "thousand", "million", "billion", "trillion", "quadrillion")


def in_words(amount: int, language: str) -> str:
    """Whole won in words, in `language` (ko or en)."""
    return f"{english(amount)} won" if language == "en" else f"{korean(amount)} 원"


def vocabulary(language: str) -> dict[str, Any]:
    """The words from which words.js builds what `in_words` returns."""
    if language == "en":
        lists = {"small": ENGLISH_BELOW_TWENTY, "tens": ENGLISH_TENS, "groups": ENGLISH_GROUPS}
        return lists | {"hundred": "hundred", "won": "won"}
    lists = {"digits": KOREAN_DIGITS, "places": KOREAN_PLACES, "groups": KOREAN_GROUPS}
    return lists | {"bare": KOREAN_GROUPS.index("만"), "won": "원"}


def korean(amount: int) -> str:
    if amount == 0:
        return "영"
    groups = []
    for unit in KOREAN_GROUPS:
        amount, group = divmod(amount, 10_000)
        if group:
            # A single 만 is read without 일, but 일억 and above are read with it.
            groups.append(unit if group == 1 and unit == "만" else _korean_group(group) + unit)
    return " ".join(reversed(groups))


def _korean_group(group: int) -> str:
    digits = [int(digit) for digit in f"{group:04d}"]
    words = ""
    for place, digit in zip(reversed(KOREAN_PLACES), digits, strict=True):
        if digit:
            words += ("" if digit == 1 and place else KOREAN_DIGITS[digit]) + place
    return words


def english(amount: int) -> str:
    if amount == 0:
        return ENGLISH_BELOW_TWENTY[0]
    groups = []
    for unit in ENGLISH_GROUPS:
        amount, group = divmod(amount, 1_000)
        if group:
            groups.append(f"{_english_group(group)} {unit}".strip())
    return " ".join(reversed(groups))


def _english_group(group: int) -> str:
    hundreds, rest = divmod(group, 100)
    words = [ENGLISH_BELOW_TWENTY[hundreds], "hundred"] if hundreds else []
    if rest >= 20:
        tens, ones = divmod(rest, 10)
        words.append(ENGLISH_TENS[tens] + (f"-{ENGLISH_BELOW_TWENTY[ones]}" if ones else ""))
    elif rest:
        words.append(ENGLISH_BELOW_TWENTY[rest])
    return " ".join(words)

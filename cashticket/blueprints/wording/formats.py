"""How money and moments are written on pages, in the reader's language. Jinja filters of every template.

Money is whole won. Moments are milliseconds since 1970 UTC or aware datetimes, and always shown in Korean time,
because seats, shows and deadlines are there. Nothing here needs a request: sockets render with the same filters.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any

from babel.dates import format_datetime
from flask import Blueprint
from flask_babel import get_locale
from flask_babel import gettext as _

from cashticket.locale import SEOUL, iso, to_moment

blueprint = Blueprint("formats", __name__)

LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}
DATES = {"ko": "y년 M월 d일 (E)", "en": "E d MMM y"}
TIMES = {"minute": "HH:mm", "second": "HH:mm:ss", "millisecond": "HH:mm:ss.SSS"}

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


def language() -> str:
    """ko or en, whichever the page is written in."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "ko"


@blueprint.app_template_filter()
def won(amount: int) -> str:
    """150,000원, or ₩150,000 for readers of English."""
    return f"₩{amount:,}" if language() == "en" else f"{amount:,}원"


@blueprint.app_template_filter()
def amount_words(amount: int) -> str:
    """The amount read aloud, so that a zero too many is seen: 십오만 원."""
    return f"{_english(amount)} won" if language() == "en" else f"{_korean(amount)} 원"


@blueprint.app_template_global()
def number_words() -> dict[str, Any]:
    """What a script needs to read amounts as `amount_words` does, in the reader's language."""
    if language() == "en":
        lists = {"small": ENGLISH_BELOW_TWENTY, "tens": ENGLISH_TENS, "groups": ENGLISH_GROUPS}
        return lists | {"hundred": "hundred", "won": "won"}
    lists = {"digits": KOREAN_DIGITS, "places": KOREAN_PLACES, "groups": KOREAN_GROUPS}
    return lists | {"bare": KOREAN_GROUPS.index("만"), "won": "원"}


def _korean(amount: int) -> str:
    if amount == 0:
        return "영"
    groups = []
    for unit in KOREAN_GROUPS:
        amount, group = divmod(amount, 10_000)
        if group:
            # A single 만 is read without 일; 억 and above keep it.
            groups.append(unit if group == 1 and unit == "만" else _korean_group(group) + unit)
    return " ".join(reversed(groups))


def _korean_group(group: int) -> str:
    digits = [int(digit) for digit in f"{group:04d}"]
    words = ""
    for place, digit in zip(reversed(KOREAN_PLACES), digits, strict=True):
        if digit:
            words += ("" if digit == 1 and place else KOREAN_DIGITS[digit]) + place
    return words


def _english(amount: int) -> str:
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


@blueprint.app_template_filter()
def moment(at: datetime | int, precision: str = "minute") -> str:
    """Day, weekday and time: 2026년 11월 22일 (일) 19:00. `precision` is minute, second or millisecond."""
    return f"{date_with_weekday(at)} {time_of_day(at, precision)}"


@blueprint.app_template_filter()
def date_with_weekday(at: datetime | int) -> str:
    """2026년 11월 22일 (일), or Sun 22 Nov 2026."""
    return _written(at, DATES[language()], language())


@blueprint.app_template_filter()
def time_of_day(at: datetime | int, precision: str = "minute") -> str:
    """24-hour Korean time: 19:00, 19:00:05 or 19:00:05.123."""
    return _written(at, TIMES[precision], language())


blueprint.add_app_template_filter(iso)


@blueprint.app_template_filter()
def span(ms: int) -> str:
    """A stretch of time in its two largest units, such as 2시간 5분; never negative."""
    seconds = max(0, ms) // 1000
    parts = (
        (seconds // 86_400, _("%(days)d d", days=seconds // 86_400)),
        (seconds // 3_600 % 24, _("%(hours)d h", hours=seconds // 3_600 % 24)),
        (seconds // 60 % 60, _("%(minutes)d min", minutes=seconds // 60 % 60)),
        (seconds % 60, _("%(seconds)d s", seconds=seconds % 60)),
    )
    largest = next((place for place, (number, _text) in enumerate(parts) if number), len(parts) - 1)
    shown = [text for number, text in parts[largest : largest + 2] if number]
    return " ".join(shown or [str(parts[-1][1])])


@lru_cache(1024)
def _written(at: datetime | int, pattern: str, locale: str) -> str:
    # An end is written on the page of everybody who looks at it, and again for each of their sockets.
    return format_datetime(_aware(at), pattern, tzinfo=SEOUL, locale=locale)


def _aware(at: datetime | int) -> datetime:
    return to_moment(at) if isinstance(at, int) else at

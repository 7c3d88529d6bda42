"""The format of money, moments and spans on pages, in the reader's language. Jinja filters of every template.

Money is whole won. Moments are milliseconds since 1970 UTC or aware datetimes, always shown in Korean time. Nothing
here needs a request: sockets render with the same filters.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_datetime
from flask import Blueprint
from flask_babel import get_locale
from flask_babel import gettext as _
from markupsafe import Markup

from cashticket.blueprints.wording import numbers
from cashticket.locale import SEOUL, iso, to_moment

blueprint = Blueprint("formats", __name__)

LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}
DATES = {"ko": "y년 M월 d일 (E)", "en": "E d MMM y"}
SHORT_DATES = {"ko": "M월 d일 (E)", "en": "E d MMM"}
DAYS = {"ko": "M월 d일", "en": "d MMM"}
CLEAR_YEAR = timedelta(days=300)
"""How far away a day may be that is written without its year."""
NO_BREAK = "\N{NO-BREAK SPACE}"
TIMES = {"minute": "HH:mm", "second": "HH:mm:ss", "millisecond": "HH:mm:ss.SSS"}


def language() -> str:
    """The language of the page: ko or en."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else "ko"


@blueprint.app_template_filter()
def won(amount: int) -> str:
    """150,000원, or ₩150,000 in English."""
    return f"₩{amount:,}" if language() == "en" else f"{amount:,}원"


@blueprint.app_template_filter()
def grouped(number: int) -> str:
    """A whole number with its thousands apart: 148,000."""
    return f"{number:,}"


@blueprint.app_template_filter()
def amount_words(amount: int) -> str:
    """An amount of won in words: 십오만 원."""
    return numbers.in_words(amount, language())


@blueprint.app_template_global()
def number_words() -> dict[str, Any]:
    """The words from which a script builds what `amount_words` returns."""
    return numbers.vocabulary(language())


@blueprint.app_template_filter()
def moment(at: datetime | int, precision: str = "minute") -> str:
    """Day, weekday and time: 2026년 11월 22일 (일) 19:00. `precision` is minute, second or millisecond."""
    return f"{date_with_weekday(at)} {time_of_day(at, precision)}"


@blueprint.app_template_filter()
def planned(at: datetime | int, precision: str = "minute") -> Markup:
    """`moment` for people who plan by it: local_times.js writes the reader's own time beside it, where that differs."""
    return Markup('<time datetime="%s">%s</time>') % (iso(at), moment(at, precision))


@blueprint.app_template_filter()
def date_with_weekday(at: datetime | int) -> str:
    """2026년 11월 22일 (일), or Sun 22 Nov 2026."""
    return _written(at, DATES[language()], language())


@blueprint.app_template_global()
def date_pattern() -> str:
    """What `date_with_weekday` writes, as a pattern with y, M or MMM, d and E, for a script that writes dates."""
    return DATES[language()]


@blueprint.app_template_filter()
def near_moment(at: datetime | int) -> str:
    """Like `moment`, for narrow places: breaks nowhere but before the time, and leaves out a year that is clear."""
    near = abs(_aware(at) - datetime.now(UTC)) < CLEAR_YEAR
    date = _written(at, SHORT_DATES[language()], language()) if near else date_with_weekday(at)
    return f"{date.replace(' ', NO_BREAK)}{NO_BREAK if near else ' '}{time_of_day(at)}"


@blueprint.app_template_filter()
def day(at: datetime | int) -> str:
    """11월 22일, or 22 Nov."""
    return _written(at, DAYS[language()], language())


@blueprint.app_template_filter()
def time_of_day(at: datetime | int, precision: str = "minute") -> str:
    """24-hour Korean time: 19:00, 19:00:05 or 19:00:05.123."""
    return _written(at, TIMES[precision], language())


blueprint.add_app_template_filter(iso)


@blueprint.app_template_filter()
def span(ms: int) -> str:
    """A duration in its two largest units, such as 2시간 5분; never negative."""
    seconds = max(0, ms) // 1000
    parts = (
        (seconds // 86_400, _("%(days)d d", days=seconds // 86_400)),
        (seconds // 3_600 % 24, _("%(hours)d h", hours=seconds // 3_600 % 24)),
        (seconds // 60 % 60, _("%(minutes)d min", minutes=seconds // 60 % 60)),
        (seconds % 60, _("%(seconds)d s", seconds=seconds % 60)),
    )
    largest = next((index for index, (number, _text) in enumerate(parts) if number), len(parts) - 1)
    shown = [text for number, text in parts[largest : largest + 2] if number]
    return " ".join(shown or [str(parts[-1][1])])


@lru_cache(1024)
def _written(at: datetime | int, pattern: str, locale: str) -> str:
    # Every page and every socket of an auction formats the same end.
    return format_datetime(_aware(at), pattern, tzinfo=SEOUL, locale=locale)


def _aware(at: datetime | int) -> datetime:
    return to_moment(at) if isinstance(at, int) else at

"""Draws the poster of a concert without a picture: an SVG of 600 by 800 with title, artist, day and venue over shapes.

The shapes are random but always the same for the same concert. The SVG has no script, style, font or link; what the
organiser wrote is escaped text.
"""

from datetime import datetime

from markupsafe import escape

from cashticket.catalogue.poster_motifs import look_of
from cashticket.catalogue.poster_text import Setting, cut, set_into
from cashticket.locale import SEOUL
from cashticket.typed.text import can_be_shown

WIDTH, HEIGHT = 600, 800
MARGIN = 44
FONTS = (
    "Pretendard, 'Apple SD Gothic Neo', 'Malgun Gothic', 'Noto Sans KR', 'Noto Sans CJK KR', NanumGothic, sans-serif"
)
TITLE_SIZES = (72, 64, 56, 48, 42, 36, 32)
ARTIST_SIZES = (34, 30, 26, 22)
SMALL = 21
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")


def draw(concert_id: int, title: str, artist: str, venue: str, starts_at: datetime) -> str:
    """The poster as SVG text. The same arguments always give the same text."""
    shapes, colours = look_of(concert_id)
    width = WIDTH - 2 * MARGIN
    heading = set_into(_printable(title), width, 4, TITLE_SIZES)
    name = set_into(_printable(artist), width, 1, ARTIST_SIZES)
    place = cut(f"{_day(starts_at)}  {_printable(venue)}", width / SMALL)
    bottom = HEIGHT - MARGIN
    first = bottom - SMALL - 60 - _height(heading)
    label = escape(_printable(f"{title} – {artist}"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" aria-label="{label}">'
        f'<defs><linearGradient id="ground" x1="0" y1="0" x2="0.35" y2="1"><stop stop-color="{colours.mid}"/>'
        f'<stop offset="0.75" stop-color="{colours.deep}"/></linearGradient>'
        f'<linearGradient id="veil" x1="0" y1="0" x2="0" y2="1"><stop stop-color="{colours.deep}" stop-opacity="0"/>'
        f'<stop offset="0.45" stop-color="{colours.deep}" stop-opacity="0.88"/>'
        f'<stop offset="1" stop-color="{colours.deep}"/></linearGradient></defs>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#ground)"/>'
        f"{shapes}"
        f'<rect y="{first - 200}" width="{WIDTH}" height="{HEIGHT - first + 200}" fill="url(#veil)"/>'
        f'<g font-family="{FONTS}" fill="#ffffff">'
        f"{_lines(name, first - heading.size - 8, 600, colours.spark)}"
        f"{_lines(heading, first, 800, '#ffffff')}"
        f'<rect x="{MARGIN}" y="{bottom - SMALL - 22}" width="64" height="4" rx="2" fill="{colours.glow}"/>'
        f"{_lines(Setting((place,), SMALL), bottom, 500, '#ffffff')}</g></svg>"
    )


def _lines(setting: Setting, first: float, weight: int, colour: str) -> str:
    """The lines as SVG; `first` is the baseline of the first one."""
    return "".join(
        f'<text x="{MARGIN}" y="{first + number * _step(setting):.0f}" font-size="{setting.size}" '
        f'font-weight="{weight}" fill="{colour}">{escape(text_line)}</text>'
        for number, text_line in enumerate(setting.lines)
    )


def _step(setting: Setting) -> float:
    return setting.size * 1.18


def _height(setting: Setting) -> float:
    """The distance between the first and the last baseline."""
    return _step(setting) * (len(setting.lines) - 1)


def _day(starts_at: datetime) -> str:
    local = starts_at.astimezone(SEOUL)
    return f"{local:%Y.%m.%d} {WEEKDAYS[local.weekday()]} {local:%H:%M}"


def _printable(text: str) -> str:
    """The text without characters that XML does not allow. Rows may have some that commands would refuse."""
    return "".join(letter if can_be_shown(letter) else " " for letter in text)

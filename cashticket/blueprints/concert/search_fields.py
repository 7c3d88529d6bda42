"""What is searched for, as the address of the catalogue says it, and in words.

A field that is no such thing (a day that does not exist, an unknown order) is as if it were empty: the form then shows
it empty too.
"""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from flask import request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from cashticket.blueprints.wording.formats import grouped, language
from cashticket.catalogue.browsing import FILTER_LENGTH_MAX, QUERY_LENGTH_MAX, Choices, Search, Sort
from cashticket.typed.moments import YEARS
from cashticket.typed.text import shown_line


@dataclass(frozen=True, slots=True)
class Choosing:
    """A list of one field: `everything` is the choice that leaves nothing out, `chosen` is empty for it."""

    name: str
    label: str
    everything: str
    chosen: str
    texts: tuple[str, ...]


DAY_LENGTH = len("2027-04-10")
PAGE_DIGITS_MAX = 4


def asked_search() -> Search:
    """The search of this request."""
    sort = request.args.get("sort", "")
    return Search(
        words=_text("q", QUERY_LENGTH_MAX),
        genre=_text("genre", FILTER_LENGTH_MAX),
        city=_text("city", FILTER_LENGTH_MAX),
        first_day=_day("from"),
        last_day=_day("to"),
        sort=Sort(sort) if sort in set(Sort) else Sort.DATE,
        page=_page(),
    )


def address(search: Search, number: int) -> str:
    """The address of page `number` of this search."""
    query = _query(search, number)
    return url_for("concerts.catalogue") + (f"?{query}" if query else "")


def listing_address(search: Search) -> str:
    """The address at which the list of this search comes alone, as it is then."""
    query = _query(search, search.page)
    return url_for("concerts.listing") + f"?lang={language()}" + (f"&{query}" if query else "")


def _query(search: Search, number: int) -> str:
    fields = {
        "q": search.words,
        "genre": search.genre,
        "city": search.city,
        "from": search.first_day,
        "to": search.last_day,
        "sort": search.sort if search.sort is not Sort.DATE else "",
        "page": number if number > 1 else "",
    }
    return urlencode({name: str(value) for name, value in fields.items() if value})


def title(search: Search, count: int) -> str:
    """What the page says first: how much was found, for which words. Behind the last page nobody counted."""
    if search.page > 1 and not count:
        return str(_("Concerts"))
    result = ngettext("%(count)s concert found", "%(count)s concerts found", count, count=grouped(count))
    return f"{search.words} · {result}" if search.words else str(result)


def filters(search: Search, choices: Choices) -> dict[str, object]:
    """What the form offers beside words: lists with what each is called, its choices, and which one is chosen."""
    genres = Choosing("genre", _("Genre"), _("All genres"), search.genre, choices.genres)
    cities = Choosing("city", _("City"), _("All cities"), search.city, choices.cities)
    sorts = [
        (Sort.DATE, _("Soonest concert first")),
        (Sort.END, _("Soonest end of auction first")),
        (Sort.NEW, _("Newest first")),
    ]
    days = [("from", _("First day"), search.first_day), ("to", _("Last day"), search.last_day)]
    return {"choosings": [genres, cities], "days": days, "sorts": sorts}


def _text(name: str, length_max: int) -> str:
    """The field on one line, without what cannot be seen."""
    return shown_line(request.args.get(name, "")[: 4 * length_max])[:length_max].strip()


def _day(name: str) -> date | None:
    text = request.args.get(name, "")
    try:
        day = date.fromisoformat(text) if len(text) == DAY_LENGTH else None
    except ValueError:
        return None
    return day if day is not None and day.year in YEARS else None


def _page() -> int:
    text = request.args.get("page", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= PAGE_DIGITS_MAX and int(text) else 1

"""Pages as their templates make them: the pieces that each may hold, and the files that it loads."""

import re
from functools import cache

from tests.house.source import PRODUCT, templates

STATIC = PRODUCT / "static"
NAMED = re.compile(r"""["']([\w/]+\.html)["']""")
LINKED = re.compile(r"""static_file\(["']([^"']+)["']\)""")
REMARK = re.compile(r"\{#.*?#\}", re.DOTALL)
# Pieces that no page includes: Python puts them in, or htmx, a socket or a script does later.
EVERYWHERE = ("me/_header.html", "notifications/_latest.html", "notifications/_unread.html", "errors/_error.html")
PUT_IN = {
    "auctions/show.html": (
        *("auctions/_own_part.html", "auctions/_confirm.html", "auctions/_checking.html"),
        *("auctions/_bid_answer.html", "live/_alert.html"),
    ),
    "auctions/results.html": ("auctions/_outcome_with_account.html",),
    "concerts/home.html": ("concerts/_on_now.html",),
    "concerts/catalogue.html": ("concerts/_listing.html",),
    "concerts/show.html": ("concerts/_concert.html", "concerts/_auctions.html"),
    "signup/form.html": ("signup/_hint.html",),
}


def pages() -> list[str]:
    """The templates that are whole pages."""
    return [name for name, text in templates().items() if '{% extends "base.html" %}' in text]


@cache
def parts_of(page: str) -> frozenset[str]:
    """The templates that the page is made of: itself, the frame, and every piece that it may hold."""
    found: set[str] = set()
    waiting = [page, "base.html", *EVERYWHERE, *PUT_IN.get(page, ())]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [each for each in NAMED.findall(_plain(name)) if each in templates()]
    return frozenset(found)


def files_of(page: str) -> set[str]:
    """The static files that the page names, also those that it loads later, by their names below `static`."""
    return {file for part in parts_of(page) for file in LINKED.findall(_plain(part))}


def _plain(name: str) -> str:
    return REMARK.sub("", templates()[name])

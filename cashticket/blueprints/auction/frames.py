"""Frames of the live pieces: the templates of the pages, rendered outside any request, thousands a minute.

In a page every text looks up the language of its request. Here each language has an environment of its own with its
translations bound once, which makes a standing four times as cheap. Everything else is shared with the pages.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from gettext import NullTranslations
from typing import Any

from flask import Flask, render_template
from flask_babel import force_locale, get_translations
from jinja2 import Environment
from markupsafe import Markup

from cashticket.live.update import Render

PIECES = {
    "board": "auctions/_board.html",
    "standing": "auctions/_standing.html",
    "fetch": "live/_fetch.html",
    "alert": "live/_alert.html",
    "beat": "live/_beat.html",
    "told": "live/_told.html",
    "line": "live/_line.html",
}


class Frames:
    """Renders the frames of one application, as for an anonymous reader of the given language."""

    def __init__(self, app: Flask, base_url: str) -> None:
        self._app = app
        self._base_url = base_url
        self._environment = cache(self._make_environment)

    @contextmanager
    def rendering(self) -> Iterator[Render]:
        """`render(kind, locale, context)` while the block lasts."""
        with self._app.test_request_context("/", base_url=self._base_url):
            yield self._render

    def _render(self, kind: str, locale: str, context: Mapping[str, Any]) -> str:
        with force_locale(locale):
            template = self._environment(locale).get_template(PIECES[kind])
            return render_template(template, oob="outerMorph", **context)

    def _make_environment(self, locale: str) -> Environment:
        # `locale` is in force here, so `get_translations` returns its texts.
        overlay = self._app.jinja_env.overlay()
        # An overlay shares its globals with the pages, which must not get the texts of one language.
        overlay.globals = {**overlay.globals, **_texts(get_translations())}
        return overlay


def _texts(translations: NullTranslations) -> dict[str, Callable[..., str]]:
    """The text functions of templates. As in pages, variables are escaped and filled in."""

    @cache
    def plain(text: str) -> str:
        return Markup(translations.gettext(text)) % {}  # noqa: S704 - texts are ours and may hold markup

    def gettext(text: str, **variables: object) -> str:
        if not variables:
            return plain(text)
        return Markup(translations.gettext(text)) % variables  # noqa: S704

    def ngettext(singular: str, plural: str, num: int, **variables: object) -> str:
        text = translations.ngettext(singular, plural, num)
        return Markup(text) % {"num": num, **variables}  # noqa: S704

    return {"_": gettext, "gettext": gettext, "ngettext": ngettext}

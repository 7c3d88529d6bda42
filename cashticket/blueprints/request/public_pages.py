"""Pages that are the same bytes for everybody: shared caches may keep them, and an unchanged one costs a 304.

The ETag is made from the facts that a page shows, so that an unchanged page is neither read nor rendered again.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Response, current_app, request

from cashticket.blueprints.wording.formats import language

FRESH_SECONDS = 1
"""How long a browser shows a page again without asking. The proxy decides for itself."""


def public_page(facts: object, render: Callable[[], str]) -> Response:
    """What `render` returns, or 304 when the browser has it.

    `facts` are everything that the page shows or links to; two different pages of one address never have equal ones.
    """
    tag = _tag(facts)
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
    else:
        response = Response(render(), content_type="text/html; charset=utf-8")
    response.set_etag(tag)
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_SECONDS
    return response


def _tag(facts: object) -> str:
    text = repr((_release(str(current_app.root_path)), request.full_path, language(), facts))
    return sha256(text.encode()).hexdigest()[:32]


@lru_cache(maxsize=1)
def _release(root: str) -> str:
    """A digest of everything from which pages are made: another release makes other pages of the same facts."""
    digest = sha256()
    for folder in ("templates", "static", "translations", "blueprints"):
        for path in sorted(Path(root, folder).rglob("*")):
            if path.suffix in (".html", ".css", ".js", ".po", ".py", ".svg"):
                digest.update(path.read_bytes())
    return digest.hexdigest()

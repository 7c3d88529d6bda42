"""Pages that are the same bytes for everybody: shared caches may keep them, and an unchanged one costs a 304.

The ETag is made from the facts that a page shows, so that an unchanged page is neither read nor rendered again.
"""

from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from flask import Response, current_app, request

from cashticket.blueprints.wording.formats import language
from cashticket.blueprints.wording.organisers import site_organiser

FRESH_SECONDS = 1
"""How long a browser shows a page again without asking. The proxy decides for itself."""


def public_page(facts: object, render: Callable[[], str]) -> Response:
    """What `render` returns, or 304 when the browser has it.

    `facts` are everything that the page shows or links to; two different pages of one address never have equal ones.
    """
    return public_answer(facts, lambda: Response(render(), content_type="text/html; charset=utf-8"))


def public_answer(facts: object, make: Callable[[], Response]) -> Response:
    """What `make` returns, or 304 when the browser has it. `facts` are everything that the answer shows."""
    tag = _tag(facts)
    response = Response(status=304) if request.if_none_match.contains_weak(tag) else make()
    response.set_etag(tag)
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_SECONDS
    return response


def _tag(facts: object) -> str:
    # Every page names who runs the site, in its footer.
    text = repr((_release(str(current_app.root_path)), request.full_path, language(), site_organiser(), facts))
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

"""The parts of concert pages that are the same for every visitor, from the cache.

Facts from the tables are cached until something changes, at most a minute. Parts are rendered from these facts and the
live store and are cached for a second. A part must not depend on who is visiting.
"""

from collections.abc import Callable, Sequence

from flask import abort, render_template, request
from markupsafe import Markup

from cashticket.blueprints.concert.listed import listed, listed_concert, on_now_of
from cashticket.blueprints.request.identity import current_principal
from cashticket.blueprints.wording.formats import language, moment
from cashticket.catalogue import listings
from cashticket.catalogue.listings import ConcertPage
from cashticket.models.columns import utcnow
from cashticket.wiring import page_cache

FACTS_MS = 60_000
RENDERED_MS = 1_000


def page(name: str, template: str, context: Callable[[], dict[str, object]]) -> str:
    """A whole page. For anonymous visitors it is cached as a whole, because theirs differs by language only."""
    if current_principal() is not None or request.args.keys() - {"lang"}:
        return render_template(template, **context())
    return _rendered(f"page:{name}", lambda: render_template(template, **context()))


def on_now() -> Markup:
    """Auctions running now, opening soon and just ended."""
    return _rendered("home", _on_now)


def coming_concerts(words: str = "") -> Markup:
    """All concerts to come, or those that contain `words`.

    Searches are not cached: there are too many. So they ask the live store nothing, and show no figures of it.
    """
    if words:
        return Markup(_listing(listings.coming_concerts(utcnow(), words), words))  # noqa: S704 - our own template, escaped when rendered
    return _rendered("concerts", _coming_concerts)


def concert(concert_id: int) -> dict[str, object]:
    """Title, summary and part of one concert with its auctions. 404 for an unknown concert."""
    text = _rendered(f"concert-part:{concert_id}", lambda: _concert(concert_id))
    title, summary, part = (Markup(line) for line in text.split("\n", 2))  # noqa: S704 - escaped when rendered
    return {"title": title, "summary": summary, "part": part}


def concert_page(concert_id: int) -> ConcertPage:
    """The facts of one concert. 404 for an unknown concert."""
    name = f"concert-facts:{concert_id}"
    return listings.page_from(_facts(name, lambda: listings.concert_page(concert_id) or abort(404)))


def _on_now() -> str:
    auctions = listings.auctions_from(_facts("home-facts", lambda: listings.on_now(utcnow())))
    return render_template("concerts/_on_now.html", on_now=on_now_of(auctions))


def _coming_concerts() -> str:
    now = utcnow()
    concerts = listings.pages_from(_facts("coming-facts", lambda: listings.coming_concerts(now)))
    return _listing([page for page in concerts if page.concert.starts_at > now])


def _listing(pages: Sequence[ConcertPage], words: str = "") -> str:
    concerts = [listed_concert(page, with_figures=not words) for page in pages]
    return render_template("concerts/_listing.html", concerts=concerts, words=words)


def _concert(concert_id: int) -> str:
    page = concert_page(concert_id)
    auctions = [listed(auction) for auction in page.auctions]
    title = _line(page.concert.title)
    summary = _line(f"{page.concert.artist} · {page.concert.venue} · {moment(page.concert.starts_at)}")
    return f"{title}\n{summary}\n{render_template('concerts/_concert.html', concert=page.concert, auctions=auctions)}"


def _line(text: str) -> Markup:
    """The text, escaped, on one line."""
    return Markup.escape(" ".join(text.split()))


def _rendered(name: str, render: Callable[[], str]) -> Markup:
    return Markup(page_cache().text(f"{name}:{language()}", RENDERED_MS, render))  # noqa: S704 - our own templates' output


def _facts(name: str, read: Callable[[], object]) -> str:
    return page_cache().text(name, FACTS_MS, lambda: listings.to_text(listings.read_fresh(read)))

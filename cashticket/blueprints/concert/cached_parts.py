"""The parts of concert pages that are the same for every visitor, from the cache.

Facts from the tables are cached until something changes, at most a minute. Parts are rendered from these facts and the
live store and are cached for a second. A part must not depend on who is visiting.
"""

from collections.abc import Callable, Sequence

from flask import abort, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup

from cashticket.blueprints.concert import search_fields
from cashticket.blueprints.concert.listed import listed, listed_concert, on_now_of
from cashticket.blueprints.request.identity import current_principal
from cashticket.blueprints.wording.concerts import artist_of, title_of, venue_of
from cashticket.blueprints.wording.formats import language, moment
from cashticket.catalogue import browsing, listings, organisers
from cashticket.catalogue.browsing import EVERYTHING, Choices, Search
from cashticket.catalogue.listings import ConcertFacts, ConcertPage, SearchResult
from cashticket.catalogue.organisers import OrganiserFacts
from cashticket.ledger import past_results
from cashticket.ledger.past_results import PastOfConcert
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


def catalogue(search: Search) -> dict[str, object]:
    """Title, fields and list of the coming concerts that are searched for."""
    context = {"search": search, **search_fields.filters(search, _choices())}
    if search == EVERYTHING:
        return context | {"title": _("Concerts"), "part": listing(search)}
    result = listings.search_result(utcnow(), search)
    return context | {"title": search_fields.title(search, result.count), "part": _listing_of(result, search)}


def listing(search: Search) -> Markup:
    """The list of the coming concerts that are searched for.

    Searches are not cached: there are too many. So they show no figures of the live store, and ask it about those
    auctions alone whose end has passed in the tables.
    """
    if search == EVERYTHING:
        return _rendered("concerts", _coming_concerts)
    return _listing_of(listings.search_result(utcnow(), search), search)


def concert(concert_id: int) -> dict[str, object]:
    """Id, title, summary, picture of shared links and part of one concert with its auctions. 404 for an unknown one."""
    text = _rendered(f"concert-parts:{concert_id}", lambda: _concert(concert_id))
    title, summary, picture, part = (Markup(line) for line in text.split("\n", 3))  # noqa: S704 - escaped when rendered
    return {"concert_id": concert_id, "title": title, "summary": summary, "picture": picture, "part": part}


def auctions(concert_id: int) -> Markup:
    """The auctions of one concert as they stand now, and whether it is cancelled. 404 for an unknown concert."""
    return _rendered(f"concert-auctions:{concert_id}", lambda: _auctions(concert_page(concert_id)))


def concert_page(concert_id: int) -> ConcertPage:
    """The facts of one concert. 404 for an unknown concert."""
    name = f"concert-facts:{concert_id}"
    return listings.page_from(_facts(name, lambda: listings.concert_page(concert_id) or abort(404)))


def organiser(concert_id: int) -> OrganiserFacts | None:
    """The organiser that a concert names; None for one that leaves it to the settings."""

    def read() -> str:
        return organisers.to_text(listings.read_fresh(lambda: organisers.of_concert(concert_id)))

    return organisers.from_text(page_cache().text(f"organiser:{concert_id}", FACTS_MS, read))


def past_of(concert: ConcertFacts) -> PastOfConcert:
    """What settled auctions of the same artist and at the same venue ended with."""

    def read() -> str:
        return past_results.to_text(listings.read_fresh(lambda: past_results.past_of(concert.artist, concert.venue)))

    return past_results.from_text(page_cache().text(f"past:{concert.id}", FACTS_MS, read))


def _on_now() -> str:
    auctions = listings.auctions_from(_facts("home-facts", lambda: listings.on_now(utcnow())))
    return render_template("concerts/_on_now.html", on_now=on_now_of(auctions))


def _choices() -> Choices:
    return browsing.choices_from(_facts("choices", lambda: browsing.choices(utcnow())))


def _coming_concerts() -> str:
    now = utcnow()
    result = listings.result_from(_facts("coming", lambda: listings.search_result(now, EVERYTHING)))
    return _listing([page for page in result.pages if page.concert.starts_at > now], result.count, EVERYTHING)


def _listing_of(result: SearchResult, search: Search) -> Markup:
    return Markup(_listing(result.pages, result.count, search))  # noqa: S704 - our own template, escaped when rendered


def _listing(pages: Sequence[ConcertPage], count: int, search: Search) -> str:
    return render_template(
        "concerts/_listing.html",
        concerts=[listed_concert(page, with_figures=search == EVERYTHING) for page in pages],
        count=count,
        search=search,
        is_search=search != EVERYTHING,
        page=search.page,
        pages=-(-count // browsing.PAGE),
        address=lambda number: search_fields.address(search, number),
        renewed_at=search_fields.listing_address(search),
    )


def _concert(concert_id: int) -> str:
    page = concert_page(concert_id)
    title = _line(title_of(page.concert))
    facts = f"{artist_of(page.concert)} · {venue_of(page.concert)} · {moment(page.concert.starts_at)}"
    summary = _line(facts if page.cancelled is None else f"{_('This concert is cancelled.')} {facts}")
    picture = " ".join(render_template("_preview.html", concert=page.concert).split())
    part = render_template(
        "concerts/_concert.html",
        concert=page.concert,
        auctions_now=Markup(_auctions(page)),  # noqa: S704 - our own template, escaped when rendered
        is_cancelled=page.cancelled is not None,
        past=past_of(page.concert),
        organiser=organiser(concert_id),
    )
    return f"{title}\n{summary}\n{picture}\n{part}"


def _auctions(page: ConcertPage) -> str:
    auctions = [listed(auction) for auction in page.auctions]
    return render_template("concerts/_auctions.html", concert=page.concert, auctions=auctions, cancelled=page.cancelled)


def _line(text: str) -> Markup:
    """The text, escaped, on one line."""
    return Markup.escape(" ".join(text.split()))


def _rendered(name: str, render: Callable[[], str]) -> Markup:
    return Markup(page_cache().text(f"{name}:{language()}", RENDERED_MS, render))  # noqa: S704 - our own templates' output


def _facts(name: str, read: Callable[[], object]) -> str:
    return page_cache().text(f"{name}:{listings.SHAPE}", FACTS_MS, lambda: listings.to_text(listings.read_fresh(read)))

"""The home page, all concerts, one concert, and posters.

The parts of these pages depend on no session; only the frame around them does.
"""

from flask import Blueprint, Response, abort, make_response, request, send_from_directory

from cashticket.blueprints.concert import cached_parts
from cashticket.catalogue import browsing, poster_art, posters
from cashticket.wiring import current_settings

blueprint = Blueprint("concerts", __name__)

YEAR_SECONDS = 365 * 86_400
POSTER_SECONDS = 86_400


@blueprint.get("/")
def home() -> str:
    """Auctions running now, opening soon and just ended."""
    return cached_parts.page("home", "concerts/home.html", lambda: {"part": cached_parts.on_now()})


@blueprint.get("/concerts/")
def catalogue() -> str:
    """All concerts to come. `q` searches title, artist and venue."""
    words = request.args.get("q", "").strip()[: browsing.QUERY_LENGTH_MAX]
    return cached_parts.page(
        "concerts", "concerts/catalogue.html", lambda: {"part": cached_parts.coming_concerts(words), "words": words}
    )


@blueprint.get("/concerts/<int(max=9007199254740991):concert_id>")
def show(concert_id: int) -> str:
    """One concert with its auctions."""
    return cached_parts.page(f"concert:{concert_id}", "concerts/show.html", lambda: cached_parts.concert(concert_id))


@blueprint.get("/concerts/<int(max=9007199254740991):concert_id>/poster.svg")
def drawn_poster(concert_id: int) -> Response:
    """A drawn poster. Every concert has one; pages show it for concerts without a picture."""
    concert = cached_parts.concert_page(concert_id).concert
    svg = poster_art.draw(concert.id, concert.title, concert.artist, concert.venue, concert.starts_at)
    response = make_response(svg)
    response.content_type = "image/svg+xml; charset=utf-8"
    response.cache_control.public = True
    response.cache_control.max_age = POSTER_SECONDS
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/posters/<name>")
def picture(name: str) -> Response:
    """A re-encoded poster picture. Its name is a hash of its content, so browsers may keep it for ever."""
    if not posters.NAME.fullmatch(name):
        abort(404)
    response = send_from_directory(current_settings().posters.absolute(), name, max_age=YEAR_SECONDS)
    response.cache_control.immutable = True
    return response

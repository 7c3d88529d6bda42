"""The home page, all concerts, one concert, posters, and the pictures beside shared links.

The parts of these pages depend on no session; only the frame around them does. What changes with time is served alone
too: countdown.js asks for it again while a page stays open.
"""

from flask import Blueprint, Response, abort, make_response, redirect, request, send_from_directory, url_for
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response as AnyResponse

from cashticket.blueprints.concert import cached_parts, search_fields
from cashticket.blueprints.request.compression import compressed
from cashticket.catalogue import poster_art, poster_previews, posters
from cashticket.catalogue.listings import ConcertFacts
from cashticket.models import Concert
from cashticket.wiring import current_settings

blueprint = Blueprint("concerts", __name__)

YEAR_SECONDS = 365 * 86_400
POSTER_SECONDS = 86_400
PAINTING_SECONDS = 1


@blueprint.get("/")
def home() -> str:
    """Auctions running now, opening soon and just ended."""
    return cached_parts.page("home", "concerts/home.html", lambda: {"part": cached_parts.on_now()})


@blueprint.get("/concerts/")
def catalogue() -> str:
    """All concerts to come, or those that the fields of the address ask for."""
    search = search_fields.asked_search()
    return cached_parts.page("concerts", "concerts/catalogue.html", lambda: cached_parts.catalogue(search))


@blueprint.get("/concerts/<int(max=9007199254740991):concert_id>")
def show(concert_id: int) -> str:
    """One concert with its auctions."""
    return cached_parts.page(f"concert:{concert_id}", "concerts/show.html", lambda: cached_parts.concert(concert_id))


@blueprint.get("/on-now")
def on_now() -> Response:
    """What the home page lists, as it is now."""
    return _for_everybody(cached_parts.on_now())


@blueprint.get("/concerts/listing")
def listing() -> Response:
    """The list of the catalogue or of a search, as it is now."""
    return _for_everybody(cached_parts.listing(search_fields.asked_search()))


@blueprint.get("/concerts/<int(max=9007199254740991):concert_id>/auctions")
def auctions(concert_id: int) -> Response:
    """The auctions of one concert, as they are now. 404 for an unknown concert."""
    return _for_everybody(cached_parts.auctions(concert_id))


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
    return compressed(response)


@blueprint.get("/posters/<name>")
def picture(name: str) -> Response:
    """A re-encoded poster picture. Its name is a hash of its content, so browsers may keep it for ever."""
    if not posters.NAME.fullmatch(name):
        abort(404)
    response = send_from_directory(current_settings().posters.absolute(), name, max_age=YEAR_SECONDS)
    response.cache_control.immutable = True
    return response


@blueprint.get("/concerts/<int(max=9007199254740991):concert_id>/preview-<name>.png")
def preview(concert_id: int, name: str) -> AnyResponse:
    """The picture beside a shared link. Its name follows from what it is painted from, so browsers may keep it for
    ever; a name of before leads to the present picture. 503 while another one is painted."""
    concert = cached_parts.concert_page(concert_id).concert
    if name != poster_previews.name_of(concert.id, concert.poster):
        return redirect(_preview_path(concert))
    folder = current_settings().posters.absolute()
    try:
        poster_previews.paint_once(concert.id, concert.poster, folder)
    except poster_previews.Painting:
        raise ServiceUnavailable(retry_after=PAINTING_SECONDS) from None
    except FileNotFoundError:
        abort(404)
    response = send_from_directory(folder, poster_previews.file_of(concert.id, concert.poster), max_age=YEAR_SECONDS)
    response.cache_control.immutable = True
    return response


@blueprint.app_template_global()
def preview_address(concert: Concert | ConcertFacts) -> str:
    """The whole address of the picture beside a shared link to this concert or its auctions, at the configured host."""
    return current_settings().base_url.rstrip("/") + _preview_path(concert)


def _for_everybody(piece: str) -> Response:
    response = make_response(piece)
    response.headers["Cache-Control"] = "public, max-age=1"
    return response


def _preview_path(concert: Concert | ConcertFacts) -> str:
    name = poster_previews.name_of(concert.id, concert.poster)
    return url_for("concerts.preview", concert_id=concert.id, name=name)

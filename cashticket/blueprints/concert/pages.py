"""The catalogue's doors: what is on now, all concerts, one concert, and the posters. No session, no cookie: what is
said of the visitor stands in the frame around these pages."""

from flask import Blueprint, Response, abort, make_response, request, send_from_directory

from cashticket.blueprints.concert import cached_parts as concert_texts
from cashticket.catalogue import browsing, poster_art, posters
from cashticket.wiring import current_settings

blueprint = Blueprint("concerts", __name__)

YEAR_SECONDS = 365 * 86_400
DRAWN_SECONDS = 86_400


@blueprint.get("/")
def home() -> str:
    """What is on: live now, opening soon, just ended."""
    return concert_texts.page("home", "concerts/home.html", lambda: {"part": concert_texts.on_now()})


@blueprint.get("/concerts/")
def catalogue() -> str:
    """All concerts to come; `q` searches title, artist and venue."""
    words = request.args.get("q", "").strip()[: browsing.QUERY_LONGEST]
    return concert_texts.page(
        "concerts", "concerts/catalogue.html", lambda: {"part": concert_texts.coming_concerts(words), "words": words}
    )


@blueprint.get("/concerts/<int(max=9007199254740991):concert_id>")
def show(concert_id: int) -> str:
    """One concert with its auctions."""
    return concert_texts.page(f"concert:{concert_id}", "concerts/show.html", lambda: concert_texts.concert(concert_id))


@blueprint.get("/concerts/<int(max=9007199254740991):concert_id>/poster.svg")
def drawn_poster(concert_id: int) -> Response:
    """The poster of a concert that brought none, for every concert."""
    concert = concert_texts.concert_page(concert_id).concert
    sheet = poster_art.draw(concert.id, concert.title, concert.artist, concert.venue, concert.starts_at)
    answer = make_response(sheet)
    answer.content_type = "image/svg+xml"
    answer.cache_control.public = True
    answer.cache_control.max_age = DRAWN_SECONDS
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@blueprint.get("/posters/<name>")
def picture(name: str) -> Response:
    """A re-encoded poster picture; its name is made of its content, so it is kept for ever."""
    if not posters.NAME.fullmatch(name):
        abort(404)
    answer = send_from_directory(current_settings().posters.absolute(), name, max_age=YEAR_SECONDS)
    answer.cache_control.immutable = True
    return answer

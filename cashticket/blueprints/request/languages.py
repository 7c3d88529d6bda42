"""The language of a request: `?lang=`, else the cookie of an earlier choice, else the account's, else Korean.

`Accept-Language` is ignored, because a public page must be the same for everybody. Pages that read no session, such as
the public board, know `?lang=` only.
"""

from flask import Blueprint, Response, has_request_context, request

from cashticket.blueprints.request.cookies import own_cookie_name, set_own_cookie
from cashticket.blueprints.request.identity import session_locale
from cashticket.locale import DEFAULT_LANGUAGE, LANGUAGES, language_or_default

blueprint = Blueprint("languages", __name__)

COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600
# Shared caches keep these pages, so nothing about the visitor may change them.
SESSION_FREE = frozenset(
    {
        "auctions.board",
        "history.points",
        "health.alive",
        "health.ready",
        "metrics.exposed",
        "well_known.robots",
        "well_known.security",
        "static",
    }
)


def select_locale() -> str:
    """The language of this request; Korean outside a request."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    requested = request.args.get("lang")
    if requested in LANGUAGES:
        return requested
    if request.endpoint in SESSION_FREE:
        return DEFAULT_LANGUAGE
    chosen = request.cookies.get(own_cookie_name(COOKIE))
    if chosen in LANGUAGES:
        return chosen
    return language_or_default(session_locale())


@blueprint.after_app_request
def remember_choice(response: Response) -> Response:
    """Store a language chosen by `?lang=` in the cookie, unless the page is cached for everybody or is a piece."""
    requested = request.args.get("lang")
    chosen_here = requested in LANGUAGES and requested != request.cookies.get(own_cookie_name(COOKIE))
    if chosen_here and response.status_code == 200 and _whole_page():
        set_own_cookie(response, COOKIE, requested or DEFAULT_LANGUAGE, COOKIE_SECONDS)
    return response


def _whole_page() -> bool:
    return request.endpoint not in SESSION_FREE and "HX-Request" not in request.headers

"""Which language a visitor reads: `?lang=` of this address, else the cookie of an earlier choice, else the account's,
else Korean. What the browser prefers is not asked: a public page must be the same for everybody.

Pages that promise to read no session (the public board) listen to `?lang=` alone.
"""

from flask import Blueprint, Response, current_app, has_request_context, request

from cashticket.blueprints.request.identity import session_locale
from cashticket.locale import DEFAULT_LANGUAGE, LANGUAGES, language_or_default

blueprint = Blueprint("languages", __name__)

COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600
# These pages are kept in shared caches, so nothing about the visitor may change them.
SESSION_FREE = frozenset(
    {"auctions.board", "history.points", "health.alive", "health.ready", "metrics.exposed", "static"}
)


def select_locale() -> str:
    """The language of this request; Korean outside of one."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    if request.endpoint in SESSION_FREE:
        return DEFAULT_LANGUAGE
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return chosen
    account = session_locale()
    return language_or_default(account)


@blueprint.after_app_request
def remember_choice(response: Response) -> Response:
    """Keep a language that was chosen by address, unless the page is one of a shared cache or a piece of a page."""
    asked = request.args.get("lang")
    chosen_here = asked in LANGUAGES and asked != request.cookies.get(COOKIE)
    if chosen_here and response.status_code == 200 and _whole_page():
        response.set_cookie(
            COOKIE,
            asked or DEFAULT_LANGUAGE,
            max_age=COOKIE_SECONDS,
            secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
            httponly=True,
            samesite="Lax",
        )
    return response


def _whole_page() -> bool:
    return request.endpoint not in SESSION_FREE and "HX-Request" not in request.headers

"""The language of a request: `?lang=`, else the cookie of an earlier choice, else the account's, else Korean.

`Accept-Language` is ignored, because a public page must be the same for everybody. Pages that read no session know
`?lang=` and the cookie, their pieces `?lang=` only.
"""

from flask import Blueprint, Response, has_request_context, request

from cashticket.blueprints.request.cookies import own_cookie_name, set_own_cookie
from cashticket.blueprints.request.identity import session_locale
from cashticket.blueprints.request.session_free import OWN_PIECES, PAGES, is_session_free
from cashticket.locale import DEFAULT_LANGUAGE, LANGUAGES, language_or_default

blueprint = Blueprint("languages", __name__)

COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600
REMEMBER = "remember"
"""A piece that is asked for with this query stores the language of its page, which may not set a cookie itself."""


def select_locale() -> str:
    """The language of this request; Korean outside a request."""
    if not has_request_context():
        return DEFAULT_LANGUAGE
    requested = request.args.get("lang")
    if requested in LANGUAGES:
        return requested
    if is_session_free() and request.endpoint not in PAGES:
        return DEFAULT_LANGUAGE
    stored = _stored()
    return stored if stored is not None else language_or_default(session_locale())


def chosen_language() -> str | None:
    """The language that the address names, None if it names none."""
    requested = request.args.get("lang")
    return requested if requested in LANGUAGES else None


@blueprint.after_app_request
def remember_choice(response: Response) -> Response:
    """Store the reader's language in the cookie, unless the page is the same for everybody or is a piece: what `?lang=`
    chose, else that of the account, because pages that read no session know only the cookie."""
    if response.status_code not in (200, 303) or not _may_store():
        return response
    requested, stored = request.args.get("lang"), _stored()
    chosen = requested if requested in LANGUAGES else stored or session_locale() or DEFAULT_LANGUAGE
    if chosen != (stored or DEFAULT_LANGUAGE) or (requested in LANGUAGES and stored is None):
        set_own_cookie(response, COOKIE, language_or_default(chosen), COOKIE_SECONDS)
    return response


def _stored() -> str | None:
    stored = request.cookies.get(own_cookie_name(COOKIE))
    return stored if stored in LANGUAGES else None


def _may_store() -> bool:
    if is_session_free():
        return False
    is_piece = "HX-Request" in request.headers or request.endpoint in OWN_PIECES
    return not is_piece or REMEMBER in request.args

"""Who is asking, for every door: the principal of the signed cookie, and what doors do when there is none.

A visitor without a session cookie is anonymous without a look at the session, so that public pages neither set a
cookie nor vary by one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, g, make_response, redirect, request, session
from flask.globals import request_ctx
from flask_login import current_user, login_user
from flask_login.utils import logout_user
from werkzeug.exceptions import Unauthorized

from cashticket.accounts import people, sessions
from cashticket.accounts.sessions import Principal
from cashticket.blueprints.request.negotiation import wants_json
from cashticket.blueprints.request.redirects import safe_next
from cashticket.extensions import login_manager
from cashticket.models import Person

blueprint = Blueprint("identity", __name__)

View = TypeVar("View", bound=Callable[..., Any])

# The session is a signed cookie of ours; a hash of address and browser would only throw out people on the move.
login_manager.session_protection = None


@login_manager.user_loader
def load_principal(text: str) -> Principal | None:
    """The principal of a cookie, without a question to any table."""
    return Principal.parse(text)


def current_principal() -> Principal | None:
    """Who the signed cookie says is asking; None for the anonymous. No SQL. A template global, too."""
    if not _cookie_names_somebody():
        return None
    return cast(Principal, current_user._get_current_object()) if current_user.is_authenticated else None


def session_locale() -> str | None:
    """The language of the signed-in account as it was at sign-in. No SQL."""
    return session.get("locale") if _cookie_names_somebody() else None


def _cookie_names_somebody() -> bool:
    # Asking `flask.session` would mark the page as varying by cookie, and to the anonymous it does not.
    held = request_ctx._session
    return held is not None and "_user_id" in held


def present_person() -> Person | None:
    """The account behind a living session, or None. One SQL statement a request; sees to it that the cookie has the
    newest epoch, because another session's end moves it on."""
    principal = current_principal()
    if principal is None or principal.row is None:
        return None
    if principal.epoch != principal.row.session_epoch:
        renewed_principal()
    return principal.row


def renewed_principal() -> Principal | None:
    """For a door whose auction said StaleSession: the principal with today's epoch, its cookie renewed, when this
    session still lives; None when it was ended elsewhere. A blocked person is let through to the auction, which
    says so better than a sign-in form would."""
    principal = current_principal()
    if principal is None:
        return None
    if principal.row is None:
        account = people.person(principal.id)
        blocked = account is not None and account.blocked_at is not None
        return Principal(principal.id, account.session_epoch, "") if account and blocked else None
    principal.epoch = principal.row.session_epoch
    session["_user_id"] = principal.get_id()
    return principal


def start_session(person: Person) -> None:
    """Sign `person` in here. Nothing of the session before survives, its CSRF token neither."""
    session.clear()
    g.pop("csrf_token", None)
    login_user(sessions.begin(person, request.user_agent.string))
    session["locale"] = person.locale


def end_session() -> Person | None:
    """Sign out here; answers the account when the session was alive, for telling the auctions."""
    principal = current_principal()
    ended = sessions.end(principal) if principal else None
    logout_user()
    session.clear()
    return ended


def signed_in_page(view: View) -> View:
    """A door for the signed-in alone. The tables say whether the session lives; if not, `sign_in_first` answers."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if present_person() is None:
            return sign_in_first()
        return view(*args, **kwargs)

    return cast(View, checked)


def sign_in_first() -> Response:
    """The answer to somebody who must sign in: 401 problem for programs, 204 with HX-Redirect for htmx, 303 for forms.

    A dead session's cookie is cleared on the way.
    """
    forget_dead_session()
    if wants_json():
        raise Unauthorized
    target = "/login?" + urlencode({"next": _page_to_return_to()})
    if request.headers.get("HX-Request") == "true":
        return make_response("", 204, {"HX-Redirect": target})
    return make_response(redirect(target, 303))


def forget_dead_session() -> None:
    """For a door that has found no living session: drop what its cookie claims, so that the page does not claim it."""
    if current_principal() is not None:
        session.clear()


def _page_to_return_to() -> str:
    """The page the person looks at: this address if it is a whole page, else the one the request came from."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return safe_next(request.full_path.rstrip("?"))
    here = urlsplit(request.headers.get("HX-Current-URL") or request.referrer or "")
    return safe_next(here.path + (f"?{here.query}" if here.query else ""))


@blueprint.record_once
def offer_to_templates(state: Any) -> None:
    state.app.jinja_env.globals["current_principal"] = current_principal

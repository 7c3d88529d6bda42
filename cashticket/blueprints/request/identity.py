"""The principal of a request, and the answer when a door needs one and there is none.

Without a session cookie the session is not read, so that public pages neither set a cookie nor vary by one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from flask import Blueprint, Response, g, make_response, redirect, request, session
from flask_babel import gettext as _
from flask_login import login_user
from flask_login.utils import logout_user
from werkzeug.exceptions import Unauthorized

from cashticket.accounts import people, sessions
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.accounts.sessions import Principal
from cashticket.blueprints.request import known_browser
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.redirects import page_to_return_to, safe_next
from cashticket.blueprints.request.session_names import principal_of, session_of_somebody
from cashticket.extensions import login_manager
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again

blueprint = Blueprint("identity", __name__)

View = TypeVar("View", bound=Callable[..., Any])

# Flask-Login would bind the session to address and browser, and sign out people whose address changes.
login_manager.session_protection = None


login_manager.user_loader(Principal.parse)


def current_principal() -> Principal | None:
    """The principal of the signed cookie, None for strangers and at session-free doors. No SQL. A template global."""
    content = session_of_somebody()
    return None if content is None else principal_of(content)


def session_locale() -> str | None:
    """The language of the signed-in account as it was at sign-in. No SQL."""
    content = session_of_somebody()
    return None if content is None else content.get("locale")


def present_person() -> Person | None:
    """The account of a live session, or None. One SQL statement per request.

    Renews a cookie whose epoch is out of date, because another session of the person has ended, and notes once an hour
    that the session is used.
    """
    principal = current_principal()
    if principal is None or principal.row is None:
        return None
    if principal.renew():
        session["_user_id"] = principal.get_id()
    return principal.row


def renewed_principal() -> Principal | None:
    """The principal with the present epoch, its cookie renewed; None when the session was ended elsewhere.

    For a door to which the auction answered StaleSession. A blocked person is passed on to the auction, whose refusal
    explains more than a sign-in form would.
    """
    principal = current_principal()
    if principal is None:
        return None
    if principal.row is None:
        account = people.person(principal.id)
        blocked = account is not None and account.blocked_at is not None
        return Principal(principal.id, account.session_epoch, "") if account and blocked else None
    principal.renew()
    session["_user_id"] = principal.get_id()
    return principal


def start_session(person: Person) -> None:
    """Sign `person` in. Nothing of the session before survives, not even its CSRF token. Raises sessions.Overtaken."""
    principal = sessions.begin(person, request.user_agent.string)
    known_browser.remember(person)
    ended = end_earlier_session()
    if ended is not None and ended.id == person.id:
        principal.epoch = ended.session_epoch
    session.clear()
    g.pop("csrf_token", None)
    login_user(principal)
    session["locale"], session.permanent = person.locale, True
    if principal.epoch != person.session_epoch and principal.row is not None:
        # The oldest of too many sessions has ended.
        introduce_again(current_engine(), principal.row)


def handle() -> str:
    """The handle of this request's session, "" without one."""
    return principal.handle if (principal := current_principal()) else ""


def go_on_as(person: Person, new_handle: str) -> None:
    """Go on with the acting session under its new handle, after the others of `person` were ended; with "" it has
    ended too."""
    if not new_handle:
        session.clear()
        return
    principal = Principal(person.id, person.session_epoch, new_handle)
    login_user(principal)
    known_browser.remember(person)
    present_person()


def end_session() -> Person | None:
    """Sign out. Returns the account when the session was live, so that the auctions can be told."""
    principal = current_principal()
    ended = sessions.end(principal) if principal else None
    logout_user()
    session.clear()
    return ended


def end_earlier_session() -> Person | None:
    """End the session whose cookie this browser is about to lose, so that no copy of it lives on unseen.

    Returns its account if it was live. Tells the auctions, and clears nothing of the cookie.
    """
    principal = current_principal()
    ended = sessions.end(principal) if principal else None
    if ended is not None:
        record(SecurityEvent.SESSION_ENDED, person_id=ended.id)
        introduce_again(current_engine(), ended)
    return ended


def signed_in_page(view: View) -> View:
    """Decorates a door for signed-in people. Without a live session in the tables, `sign_in_first` answers."""

    @wraps(view)
    def checked(*args: Any, **kwargs: Any) -> Any:
        if present_person() is None:
            return sign_in_first()
        return view(*args, **kwargs)

    return cast(View, checked)


def sign_in_first(back: str = "") -> Response:
    """The response to a request that needs a session: 401 for programs, 204 with HX-Redirect for htmx, 303 for forms.

    Who has signed in goes on at `back`, a path of this site, else at the page that asked. Clears the cookie of an ended
    session.
    """
    forget_dead_session()
    if wants_json():
        raise Unauthorized
    # Whoever sent a form is told that it must be sent once more.
    words = {"again": "yes"} if request.method == "POST" else {}
    target = "/login?" + urlencode({"next": safe_next(back) if back else page_to_return_to()} | words)
    if request.headers.get("HX-Request") == "true":
        return make_response("", 204, {"HX-Redirect": target})
    return make_response(redirect(target, 303))


@blueprint.app_errorhandler(sessions.Overtaken)
def on_overtaken(error: sessions.Overtaken) -> Response:
    """The session ended while its act was being checked, such as by a reset elsewhere. Nothing was done."""
    forget_dead_session()
    if wants_json():
        return problem_response(401, _("Please sign in"), _("Sign in and try again."))
    return sign_in_first()


def forget_dead_session() -> None:
    """Clear the cookie of an ended session, so that the page does not show its person as signed in."""
    if current_principal() is not None:
        session.clear()


def answer_as_stranger() -> None:
    """Let this answer show an ended session's person as signed out, and leave the cookie alone.

    For what pages ask by themselves: the answer to a form that ended the session and began another one may be on its
    way, and a cookie cleared after it would end the new one too.
    """
    if current_principal() is not None:
        session.clear()
        session.modified = False


@blueprint.record_once
def offer_to_templates(state: Any) -> None:
    state.app.jinja_env.globals["current_principal"] = current_principal

"""The cookie by which a browser shows that it signed in before, and what a sign-in from it sets going.

Only sign-in and recovery read it; bids and pages never do. It proves nothing and opens nothing.
"""

from datetime import timedelta

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadData, URLSafeSerializer

from cashticket.accounts import known_browsers
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.models import Person
from cashticket.signing import serializer
from cashticket.wiring import current_settings
from cashticket.work import queueing

LIFETIME = timedelta(days=400)
"""The longest that browsers keep a cookie. Every sign-in begins it anew."""


def token_for(email: str) -> str | None:
    """This browser's token if it signed in to the account of `email` before, else None."""
    token = _token()
    return token if token and known_browsers.is_known(email, token) else None


def remember(person: Person) -> None:
    """Note that `person` uses this browser, set its cookie, and tell the person if it is a new one."""
    token = _token() or known_browsers.new_token()
    remembered = known_browsers.remember(person.id, token, request.user_agent.string)
    if remembered.is_new:
        record(SecurityEvent.NEW_BROWSER, person_id=person.id)
    if remembered.mail_id is not None:
        queueing.deliver_account_mail_soon(remembered.mail_id)

    @after_this_request
    def set_cookie(response: Response) -> Response:
        response.set_cookie(
            _name(),
            _serializer().dumps(token),
            max_age=LIFETIME,
            secure=_is_secure(),
            httponly=True,
            samesite="Lax",
        )
        return response


def _token() -> str | None:
    try:
        token = _serializer().loads(request.cookies.get(_name(), ""))
    except BadData:
        return None
    return token if isinstance(token, str) else None


def _serializer() -> URLSafeSerializer:
    # Former keys are taken too: after a change of SECRET_KEY nobody's browser is a new one.
    return serializer(current_settings().signing_keys, "known-browser")


def _name() -> str:
    return "__Host-browser" if _is_secure() else "browser"


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])

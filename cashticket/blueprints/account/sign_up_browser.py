"""The cookie by which a browser shows later that it made a sign-up.

It holds a random token; the draft stores its hash. It proves nothing else: a confirmation link is needed too.
"""

import re
import secrets

from flask import Response, current_app, request

from cashticket.accounts.drafts import LIFETIME, Origin
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.rate_limits import keyed

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


def token() -> str:
    """The token in this browser's cookie, "" without one."""
    value = request.cookies.get(_name(), "")
    return value if TOKEN.fullmatch(value) else ""


def origin() -> Origin:
    """Where this request comes from, with the browser's token or a new one."""
    return Origin(request.user_agent.string, token() or secrets.token_urlsafe(32), keyed(address()))


def remember(response: Response, made: Origin) -> Response:
    """Store the token of a sign-up in the browser, for as long as its link works."""
    response.set_cookie(
        _name(),
        made.token,
        max_age=int(LIFETIME.total_seconds()),
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )
    return response


def _name() -> str:
    return "__Host-sign-up" if current_app.config["SESSION_COOKIE_SECURE"] else "sign-up"

"""What a browser keeps of its sign-ups: a cookie by which it shows later that it made one, and which mail was the last.

The cookie holds a random token; the draft stores its hash. It proves nothing else: a confirmation link is needed too.
"""

import re
import secrets

from flask import Response, current_app, request, session

from cashticket.accounts.drafts import LIFETIME, Origin
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.rate_limits import keyed

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
MAIL = "sign_up_mail"
"""Where the session keeps the id of the mail of the newest sign-up, and a keyed hash of its address."""


def token() -> str:
    """The token in this browser's cookie, "" without one."""
    value = request.cookies.get(_name(), "")
    return value if TOKEN.fullmatch(value) else ""


def origin() -> Origin:
    """Where this request comes from, with the browser's token or a new one."""
    return Origin(request.user_agent.string, token() or secrets.token_urlsafe(32), keyed(address()))


def is_newest_mail_to(email: str) -> bool:
    """Whether the newest sign-up of this browser was one with the address `email`. A database may give an id again."""
    return bool(email) and _stored()[1:] == [keyed(email)]


def newest_mail_id() -> int | None:
    """The id of the mail of this browser's newest sign-up; None without one, and once it was confirmed here."""
    mail_id = (_stored() or [None])[0]
    return mail_id if isinstance(mail_id, int) else None


def forget_mail() -> None:
    """Forget the mail of the newest sign-up, because this browser has confirmed it."""
    session.pop(MAIL, None)


def _stored() -> list[object]:
    stored = session.get(MAIL)
    return stored if isinstance(stored, list) and len(stored) == 2 else []


def remember(response: Response, made: Origin, mail_id: int | None, email: str) -> Response:
    """Store the token of a sign-up in the browser, for as long as its link works, and which mail to `email` it was.

    Without a mail, that of an earlier sign-up with another address is forgotten: it is not the newest any more.
    """
    if mail_id is not None:
        session[MAIL] = [mail_id, keyed(email)]
    elif not is_newest_mail_to(email):
        forget_mail()
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

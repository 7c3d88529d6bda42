"""The safety of every door: headers on the way out; CSRF, origin and unprintable bytes on the way in.

Nothing here is decided per page. What must differ (a cacheable board) says so by setting Cache-Control itself.
"""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, g, request
from flask_wtf.csrf import validate_csrf
from werkzeug.exceptions import BadRequest
from wtforms import ValidationError

from cashticket.blueprints.request.identity import current_principal, sign_in_first
from cashticket.blueprints.request.origin import own_origins
from cashticket.wiring import current_settings

blueprint = Blueprint("security", __name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADERS = ("X-CSRFToken", "X-CSRF-Token")
# Doors that the anonymous may post to; at every other one the answer to them is "sign in", token or not.
ANONYMOUS_FORMS = frozenset({"auth", "signup", "recovery"})
# Prices and places move by the second here, and a copy kept by a browser would show yesterday's as today's.
NEVER_KEPT = frozenset({"auctions", "awards", "bids", "me", "auth", "signup", "recovery", "profile"})
HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?")

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {socket}; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}


class CsrfRefused(BadRequest):
    """The request does not prove that it came from a page of ours."""


@blueprint.before_app_request
def refuse_unprintable() -> None:
    """NUL never occurs in anything people mean to send, and databases disagree about it."""
    if "\x00" in request.path or any("\x00" in key or "\x00" in value for key, value in request.args.items(multi=True)):
        abort(400)


@blueprint.before_app_request
def refuse_forged() -> Response | None:
    """An unsafe request must come from our own pages and carry the session's token."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return None
    if not _from_our_pages():
        raise CsrfRefused
    if current_principal() is None and request.blueprint not in ANONYMOUS_FORMS:
        return sign_in_first()
    if any("\x00" in key or "\x00" in value for key, value in request.form.items(multi=True)):
        abort(400)
    try:
        validate_csrf(_token())
    except ValidationError as error:
        raise CsrfRefused from error
    g.csrf_valid = True
    return None


def _token() -> str | None:
    sent = request.form.get("csrf_token")
    return sent or next((request.headers[name] for name in CSRF_HEADERS if name in request.headers), None)


def _from_our_pages() -> bool:
    """What the browser itself says about the sender; programs that say nothing still need the token."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin in own_origins(any_host=True)


@blueprint.after_app_request
def add_headers(response: Response) -> Response:
    """Every answer carries the same protection; private and moving pages are never kept."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(socket=_socket_origin()))
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if _never_kept() else "private, no-cache"
    if g.get("varies_by_htmx"):
        response.vary.update(("HX-Request", "HX-Request-Type"))
    return response


def _never_kept() -> bool:
    return request.blueprint in NEVER_KEPT or current_principal() is not None


def _socket_origin() -> str:
    # Some browsers do not count wss: among 'self'. In production only the configured host is ever named.
    base = urlsplit(current_settings().base_url)
    host = base.netloc if current_settings().production or not HOST.fullmatch(request.host) else request.host
    return f"{'wss' if request.is_secure or base.scheme == 'https' else 'ws'}://{host}"

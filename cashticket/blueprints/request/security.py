"""Guards of every door: CSRF tokens, origins and NUL bytes in requests; security headers in responses.

No rule here names a page. A page that may be cached sets Cache-Control itself.
"""

import re
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, g, request
from werkzeug.exceptions import BadRequest

from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.request.form_tokens import is_form_token
from cashticket.blueprints.request.identity import current_principal, sign_in_first
from cashticket.blueprints.request.origin import own_origins
from cashticket.wiring import current_settings

blueprint = Blueprint("security", __name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADERS = ("X-CSRFToken", "X-CSRF-Token")
# Anonymous visitors may post to these blueprints; elsewhere they must sign in, with or without a token.
ANONYMOUS_FORMS = frozenset({"auth", "signup", "recovery", "second_step"})
# Prices and places change every second; a copy kept by a browser would be out of date.
NEVER_CACHED = frozenset({"auctions", "awards", "bids", "me", "header", "auth", "signup", "recovery", "profile"})
NEVER_CACHED |= {"results", "second_step"}
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
TRANSPORT = "max-age=31536000; includeSubDomains"
"""Strict-Transport-Security over TLS. Answers of the proxy have these headers too: deploy/front/headers.conf."""


class CsrfRefused(BadRequest):
    """The request does not prove that it came from a page of this site."""


class FormStale(CsrfRefused):
    """The form's token is missing or belongs to a session that is gone; the browser says that the form is ours."""


@blueprint.before_app_request
def refuse_unprintable() -> None:
    """400 for NUL bytes: nobody sends them on purpose, and databases treat them differently."""
    if "\x00" in request.path or any("\x00" in key or "\x00" in value for key, value in request.args.items(multi=True)):
        abort(400)


@blueprint.before_app_request
def refuse_forged() -> Response | None:
    """Require that an unsafe request comes from a page of this site and has the token of the session."""
    if request.method in SAFE_METHODS or request.endpoint is None:
        return None
    if not _from_our_pages():
        _record(SecurityEvent.ORIGIN_REFUSED)
        raise CsrfRefused
    if current_principal() is None and request.blueprint not in ANONYMOUS_FORMS:
        return sign_in_first()
    if any("\x00" in key or "\x00" in value for key, value in request.form.items(multi=True)):
        abort(400)
    if not is_form_token(_token()):
        _record(SecurityEvent.TOKEN_REFUSED)
        raise FormStale
    return None


def _record(event: SecurityEvent) -> None:
    principal = current_principal()
    record(event, person_id=principal.id if principal else None)


def _token() -> str | None:
    token = request.form.get("csrf_token")
    return token or next((request.headers[name] for name in CSRF_HEADERS if name in request.headers), None)


def _from_our_pages() -> bool:
    """What the browser says about the sender. Programs that say nothing still need the token."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    origin = request.headers.get("Origin")
    return origin is None or origin in own_origins(any_host=True)


@blueprint.after_app_request
def add_headers(response: Response) -> Response:
    """Add the security headers. Private and live pages are never cached."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Content-Security-Policy", POLICY.format(socket=_socket_origin()))
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", TRANSPORT)
    if "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "no-store" if _is_never_cached() else "private, no-cache"
    if g.get("varies_by_htmx"):
        response.vary.update(("HX-Request", "HX-Request-Type"))
    return response


def _is_never_cached() -> bool:
    return request.blueprint in NEVER_CACHED or current_principal() is not None


def _socket_origin() -> str:
    # Some browsers do not count wss: among 'self'. In production only the configured host is named.
    base = urlsplit(current_settings().base_url)
    host = base.netloc if current_settings().production or not HOST.fullmatch(request.host) else request.host
    return f"{'wss' if request.is_secure or base.scheme == 'https' else 'ws'}://{host}"

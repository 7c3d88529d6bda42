"""Guards of every door: CSRF tokens, origins and the characters of requests; security headers in responses.

No rule here names a page. A page that may be cached sets Cache-Control itself.
"""

import re
from functools import lru_cache
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Blueprint, Request, Response, abort, g
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequest

from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.request.context import present_request, sent_header
from cashticket.blueprints.request.form_tokens import is_form_token
from cashticket.blueprints.request.identity import current_principal, sign_in_first
from cashticket.blueprints.request.origin import own_origins
from cashticket.wiring import current_settings

blueprint = Blueprint("security", __name__)

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_HEADERS = ("HTTP_X_CSRFTOKEN", "HTTP_X_CSRF_TOKEN")
# Anonymous visitors may post to these blueprints; elsewhere they must sign in, with or without a token.
ANONYMOUS_FORMS = frozenset({"auth", "signup", "recovery", "second_step"})
# Programs without a session and without a page of ours post here; a signed token in the address is the proof.
PROVEN_BY_ADDRESS = frozenset({"unsubscribing.act"})
# Prices and places change every second; a copy kept by a browser would be out of date.
NEVER_CACHED = frozenset({"auctions", "awards", "bids", "me", "header", "auth", "signup", "recovery", "profile"})
NEVER_CACHED |= {"needs", "record", "results", "second_step", "unsubscribing"}
FORM_KIND = "application/x-www-form-urlencoded"
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", ""})
HOST = re.compile(r"[A-Za-z0-9.\-]+(:[0-9]{1,5})?|\[[0-9A-Fa-f:]+\](:[0-9]{1,5})?")

POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {socket}; "
    "worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
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
    request = present_request()
    if "\x00" in request.path or (request.query_string and _has_nul(request.args)):
        abort(400)


@blueprint.before_app_request
def refuse_other_characters() -> None:
    """400 for a form that is not UTF-8, or says so: it would be read as something that nobody typed."""
    request = present_request()
    if request.method not in SAFE_METHODS and request.content_length != 0 and not _is_utf_8(request):
        abort(400)


def _is_utf_8(request: Request) -> bool:
    if request.mimetype_params.get("charset", "utf-8").lower() not in CHARSETS:
        return False
    body = request.get_data()
    try:
        (unquote_to_bytes(body) if request.mimetype == FORM_KIND and b"%" in body else body).decode()
    except UnicodeDecodeError:
        return False
    return True


@blueprint.before_app_request
def refuse_forged() -> Response | None:
    """Require that an unsafe request comes from a page of this site and has the token of the session, except for doors
    whose address proves enough."""
    request = present_request()
    if request.method in SAFE_METHODS or request.endpoint is None or request.endpoint in PROVEN_BY_ADDRESS:
        return None
    if not _is_from_our_pages():
        _record(SecurityEvent.ORIGIN_REFUSED)
        raise CsrfRefused
    if current_principal() is None and request.blueprint not in ANONYMOUS_FORMS:
        return sign_in_first()
    if _has_nul(request.form):
        abort(400)
    if not is_form_token(_token(request)):
        _record(SecurityEvent.TOKEN_REFUSED)
        raise FormStale
    return None


def _record(event: SecurityEvent) -> None:
    principal = current_principal()
    record(event, person_id=principal.id if principal else None)


def _has_nul(fields: MultiDict[str, str]) -> bool:
    return any("\x00" in key or "\x00" in value for key, value in fields.items(multi=True))


def _token(request: Request) -> str | None:
    token = request.form.get("csrf_token")
    return token or next((value for name in CSRF_HEADERS if (value := sent_header(name)) is not None), None)


def _is_from_our_pages() -> bool:
    """What the browser says about the sender. Programs that say nothing still need the token."""
    if sent_header("HTTP_SEC_FETCH_SITE") not in (None, "same-origin", "none"):
        return False
    origin = sent_header("HTTP_ORIGIN")
    return origin is None or origin in own_origins(any_host=True)


@blueprint.after_app_request
def add_headers(response: Response) -> Response:
    """Add the security headers. Private and live pages are never cached."""
    request, headers = present_request(), response.headers
    already = {name.lower() for name, _ in headers}
    fixed = _fixed_headers(_socket_origin(request), request.is_secure)
    added = [(name, value) for lowered, name, value in fixed if lowered not in already]
    if "cache-control" not in already:
        added.append(("Cache-Control", "no-store" if _is_never_cached(request) else "private, no-cache"))
    headers[len(headers) :] = added
    if g.get("varies_by_htmx"):
        response.vary.update(("HX-Request", "HX-Request-Type"))
    return response


@lru_cache(maxsize=64)
def _fixed_headers(socket: str, is_secure: bool) -> tuple[tuple[str, str, str], ...]:
    """The headers of every response, each as its name in lower case, its name and its value."""
    headers = HEADERS | {"Content-Security-Policy": POLICY.format(socket=socket)}
    if is_secure:
        headers["Strict-Transport-Security"] = TRANSPORT
    return tuple((name.lower(), name, value) for name, value in headers.items())


def _is_never_cached(request: Request) -> bool:
    return request.blueprint in NEVER_CACHED or current_principal() is not None


def _socket_origin(request: Request) -> str:
    # Some browsers do not count wss: among 'self'. In production only the configured host is named.
    settings = current_settings()
    return _origin_of_sockets(settings.base_url, "" if settings.production else request.host, request.is_secure)


@lru_cache(maxsize=64)
def _origin_of_sockets(base_url: str, host: str, is_secure: bool) -> str:
    base = urlsplit(base_url)
    named = host if HOST.fullmatch(host) else base.netloc
    return f"{'wss' if is_secure or base.scheme == 'https' else 'ws'}://{named}"

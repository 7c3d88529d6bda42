"""Redirects after sign-in and ways back: only to pages of this site, whatever `next` and headers contain."""

import re
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from cashticket.blueprints.request.origin import origin_of, own_origins

HOME = "/"
LENGTH_MAX = 1000
PRINTABLE = re.compile(r"[\x21-\x7e]+")


def safe_next(target: str | None) -> str:
    """`target` if it is a path of this site that answers GET, else home. Nothing is decoded or repaired."""
    return target if target and _is_ours(target) else HOME


def page_to_return_to() -> str:
    """The page the person sees: this address for a whole page, else that of ours which sent the request, else home."""
    if request.method == "GET" and "HX-Request" not in request.headers:
        return safe_next(request.full_path.rstrip("?"))
    address = request.headers.get("HX-Current-URL") or request.referrer or ""
    try:
        page, is_ours = urlsplit(address), origin_of(address) in own_origins(any_host=True)
    except ValueError:
        return HOME
    if not is_ours:
        return HOME
    return safe_next(page.path + (f"?{page.query}" if page.query else ""))


def _is_ours(target: str) -> bool:
    if len(target) > LENGTH_MAX or not target.startswith("/") or target.startswith(("//", "/\\")):
        return False
    # Browsers drop control characters and turn backslashes into slashes before they resolve an address.
    if "\\" in target or not PRINTABLE.fullmatch(target):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    if parts.scheme or parts.netloc or parts.path.startswith("//"):
        return False
    endpoint = page_at(parts.path)
    return endpoint not in ("", "static") and not endpoint.startswith(("auth.", "second_step."))


def page_at(path: str) -> str:
    """The endpoint that answers GET at a path of this site, empty for none."""
    adapter = current_app.create_url_adapter(request)
    if adapter is None:
        return ""
    try:
        endpoint, _ = adapter.match(path, method="GET")
    except (NotFound, MethodNotAllowed, RequestRedirect, HTTPException):
        return ""
    return str(endpoint)

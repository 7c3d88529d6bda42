"""What programs look for by themselves: where to report a weakness (RFC 9116), what search engines leave alone, the
icon, and what a phone needs to keep this site among its apps."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, jsonify, request

from cashticket.locale import LANGUAGES
from cashticket.wiring import current_settings

blueprint = Blueprint("well_known", __name__)

PUBLIC_SECONDS = 24 * 3600
WORKER_SECONDS = 60
"""So long an installed page may go on with the former service worker."""

GOOD_DAYS = 180
# Personal pages, forms and pieces: of no use to a search engine, and each visit costs something.
UNLISTED = (
    "/me",
    "/login",
    "/signup",
    "/reset",
    "/confirm/",
    "/auctions/*/confirm",
    "/auctions/*/board",
    "/auctions/*/standing",
    "/auctions/*/history",
    "/auctions/*/live",
    "/auctions/*/outcome",
    "/auctions/*/record",
    "/auctions/*/lineage",
)

MANIFEST = {
    "id": "/",
    "name": "CashTicket VIP석 경매",
    "short_name": "CashTicket",
    "description": "공연 VIP석 실시간 경매",
    "lang": "ko",
    "dir": "ltr",
    "start_url": "/",
    "scope": "/",
    "display": "standalone",
    "background_color": "#ffffff",
    "theme_color": "#2438c9",
    "icons": [
        {"src": "/static/icon.svg", "sizes": "any", "type": "image/svg+xml"},
        {"src": "/static/icon-192.png", "sizes": "192x192", "type": "image/png"},
        {"src": "/static/icon-512.png", "sizes": "512x512", "type": "image/png"},
        {"src": "/static/icon-maskable-512.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
    ],
}
"""Korean, because phones take one name for all languages."""


@blueprint.get("/.well-known/security.txt")
def security() -> Response:
    """The address for reports of weaknesses: SECURITY_CONTACT, else the mailbox `security` of the site."""
    settings = current_settings()
    contact = settings.security_contact or f"mailto:security@{urlsplit(settings.base_url).hostname}"
    expires = (datetime.now(UTC) + timedelta(days=GOOD_DAYS)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {contact}",
        f"Expires: {expires.strftime('%Y-%m-%dT%H:%M:%SZ')}",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {settings.base_url}/.well-known/security.txt",
    )
    return _text(lines)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Which pages search engines should leave alone."""
    return _text(("User-agent: *", *(f"Disallow: {path}" for path in UNLISTED)))


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon for whoever looks for it at its oldest address and reads no page first."""
    content = (Path(str(current_app.static_folder)) / "favicon.ico").read_bytes()
    return _public(Response(content, content_type="image/vnd.microsoft.icon"), PUBLIC_SECONDS)


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """What the site is called among the apps of a phone, and how it looks there (W3C Web Application Manifest)."""
    response = jsonify(MANIFEST)
    response.headers["Content-Type"] = "application/manifest+json; charset=utf-8"
    return _public(response, PUBLIC_SECONDS)


@blueprint.get("/service-worker.js")
def service_worker() -> Response:
    """The script that shows pushes while no page is open. It stands here because a browser lets it speak only for pages
    below its own address, and is not kept for long, or a mended one would come late."""
    content = (Path(str(current_app.static_folder)) / "service_worker.js").read_bytes()
    response = Response(content, content_type="text/javascript; charset=utf-8")
    response.headers["Service-Worker-Allowed"] = "/"
    return _public(response, WORKER_SECONDS)


def _public(response: Response, seconds: int) -> Response:
    """Let everybody keep it for `seconds`, and ask then whether it has changed."""
    response.headers["Cache-Control"] = f"public, max-age={seconds}"
    response.add_etag()
    response.make_conditional(request)
    return response


def _text(lines: tuple[str, ...]) -> Response:
    response = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response

"""What programs of strangers look for: where to report a weakness (RFC 9116), what search engines leave alone, and the
icon."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request

from cashticket.locale import LANGUAGES
from cashticket.wiring import current_settings

blueprint = Blueprint("well_known", __name__)

PUBLIC_SECONDS = 24 * 3600
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
)


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
    response = Response(content, content_type="image/vnd.microsoft.icon")
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    response.add_etag()
    response.make_conditional(request)
    return response


def _text(lines: tuple[str, ...]) -> Response:
    response = Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response

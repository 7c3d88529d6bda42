"""Content negotiation: which form of response a request prefers, and problem documents after RFC 9457."""

import json
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from flask import Response, g
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from cashticket.blueprints.request.context import present_request, sent_header


def wants_json() -> bool:
    """True when the request accepts JSON by name and prefers it to HTML. A browser and a bare */* do not."""
    return _prefers_json(sent_header("HTTP_ACCEPT") or "")


@lru_cache(maxsize=1024)
def _prefers_json(accept: str) -> bool:
    qualities: dict[str, float] = {}
    for kind, quality in parse_accept_header(accept, MIMEAccept):
        qualities[kind.lower()] = max(quality, qualities.get(kind.lower(), 0))
    json_quality = max(qualities.get("application/json", 0), qualities.get("application/problem+json", 0))
    return json_quality > qualities.get("text/html", 0)


def is_piece_request() -> bool:
    """True when htmx requests a piece of a page. Marks the response as varying by that."""
    g.varies_by_htmx = True
    headers = present_request().headers
    return headers.get("HX-Request") == "true" and headers.get("HX-Request-Type", "partial") == "partial"


def problem_response(
    status: int, title: str, detail: str, headers: dict[str, str] | None = None, **members: Any
) -> Response:
    """An RFC 9457 response. `title` names the problem, `detail` says what to do, `members` are added to it."""
    document = {"type": "about:blank", "title": title or HTTPStatus(status).phrase, "status": status, "detail": detail}
    body = json.dumps(document | members, ensure_ascii=False)
    return Response(body, status, headers, content_type="application/problem+json")

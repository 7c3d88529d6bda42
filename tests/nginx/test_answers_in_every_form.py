"""Each error that nginx makes itself, as programs, htmx and people of both languages get it."""

import json
import re
from collections.abc import Callable

import pytest

from lab.servers.nginx_server import Nginx
from tests.nginx.programs import Caller

Alone = tuple[Nginx, Caller]

# Before a request line is whole nginx has read no header, so a 414 is always the page in Korean.
FORMS = {
    "program": ["Accept: application/json"],
    "htmx": ["HX-Request: true", "HX-Request-Type: partial", "Accept: text/html", "Cookie: lang=ko"],
    "Korean reader": ["Accept: text/html", "Accept-Language: ko-KR,ko;q=0.9"],
    "English reader": ["Accept: text/html", "Accept-Language: en-GB,en;q=0.9"],
}
PIECE = r'<p class="notice notice-error" role="alert"><strong>[^<]+</strong>[^<]+<small>.+</small></p>'
BID = b"csrf_token=t.t&amount=150000&request_id=r"


def request(line: str, headers: list[str], *more: str, body: bytes = b"") -> bytes:
    length = [f"Content-Length: {len(body)}"] if body else []
    lines = [line, "Host: localhost", "Connection: close", *headers, *length, *more, "", ""]
    return "\r\n".join(lines).encode() + body


def too_fast(headers: list[str]) -> bytes:
    return request("POST /auctions/7/bids HTTP/1.1", [*headers, "Cookie: __Host-cashticket=m"], body=BID)


MADE: dict[int, Callable[[list[str]], bytes]] = {
    400: lambda headers: request("GET / HTTP/1.1", headers, "Host: localhost"),
    404: lambda headers: request("GET /metrics HTTP/1.1", headers),
    405: lambda headers: request("TRACE / HTTP/1.1", headers),
    413: lambda headers: request("POST /login HTTP/1.1", headers, "Content-Length: 70000"),
    414: lambda headers: b"GET /" + b"x" * (8192 - 5),
    429: too_fast,
    # nginx would reset a connection on which more waits than fills the buffer that is too small.
    431: lambda headers: request("GET / HTTP/1.1", headers)[:-2] + b"X-Long: " + b"x" * 8192,
    501: lambda headers: request("POST /login HTTP/1.1", headers, "Transfer-Encoding: deflate"),
    502: lambda headers: request("GET /concerts/ HTTP/1.1", headers),
    504: lambda headers: request("POST /auctions/7/bids HTTP/1.1", headers, body=BID),
}


def answer_to(caller: Caller, status: int, headers: list[str]) -> tuple[str, str]:
    """Head and body of the first answer with this status."""
    for _ in range(2000):
        head, _, body = caller.send(MADE[status](headers)).decode().partition("\r\n\r\n")
        if head.split(" ")[1] == str(status):
            return head, body
        assert status == 429, head
    raise AssertionError("nobody was too fast")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("status", MADE)
def test_an_error_of_the_proxy_has_the_form_that_was_asked_for(alone: Alone, status: int, form: str) -> None:
    head, body = answer_to(alone[1], status, FORMS[form])
    if status == 414 or form.endswith("reader"):
        assert body.startswith("<!doctype html>") and "text/html; charset=utf-8" in head
        language = "en" if form.startswith("English") and status != 414 else "ko"
        assert f'<html lang="{language}">' in body
        title, advice = re.search(r"<h1>(.+?)</h1>\n<p class=\"advice\">(.+?)</p>", body).groups()  # type: ignore[union-attr]
        assert (re.search("[가-힣]", title + advice) is not None) == (language == "ko")
    elif status == 504:
        assert json.loads(body) == {"outcome": "unknown"}
    elif form == "program":
        assert "application/problem+json" in head
        document = json.loads(body)
        assert document["status"] == status and document["title"] and document["detail"]
    else:
        assert re.fullmatch(
            r'<p class="notice notice-error" role="alert"><strong>[^<]+</strong>[^<]+<small>.+</p>', body
        )

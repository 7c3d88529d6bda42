"""What nginx answers by itself, while no service is there: protected like every page, and in the form of who asks."""

import json
import re
from collections.abc import Callable
from http.client import parse_headers
from io import BytesIO

import pytest

from cashticket.blueprints.request.security import HEADERS, POLICY, TRANSPORT
from lab.servers.nginx_server import Nginx
from tests.nginx.programs import Answer, Caller

Alone = tuple[Nginx, Caller]

BIDS = "/auctions/7/bids"
SENT = b"csrf_token=IjE2.aB_c-d&amount=150000&request_id=one-Request_1"
JSON = {"Accept": "application/json"}
PIECE = {"HX-Request": "true", "HX-Request-Type": "partial", "Accept": "text/html"}
PAGE = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HEAD = b"Host: localhost\r\nConnection: close\r\n"
RAW = {
    400: b"GET / HTTP/1.1\r\n" + HEAD + b"Host: localhost\r\n\r\n",
    405: b"TRACE / HTTP/1.1\r\n" + HEAD + b"\r\n",
    # Just what fills a buffer of 8 kB: nginx would reset a connection on which more waits, and the answer with it.
    414: b"GET /" + b"x" * (8192 - 5),
    431: b"GET / HTTP/1.1\r\n" + HEAD + b"X-Long: " + b"x" * 8192,
    501: b"POST /login HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: deflate\r\n\r\n",
    505: b"GET / HTTP/3.0\r\n" + HEAD + b"\r\n",
}


def raw(caller: Caller, text: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
    status, _, rest = caller.send(text).partition(b"\r\n")
    head, _, body = rest.partition(b"\r\n\r\n")
    return int(status.split()[1]), parse_headers(BytesIO(head + b"\r\n\r\n")).items(), body


def provoked(caller: Caller, status: int) -> tuple[int, list[tuple[str, str]], bytes]:
    if status in RAW:
        return raw(caller, RAW[status])
    asked: dict[int, Callable[[], Answer]] = {
        200: lambda: caller.ask("/front/style.css"),
        404: lambda: caller.ask("/metrics"),
        413: lambda: caller.ask("/login", body=b"x" * 70_000),
        429: lambda: next(
            got
            for _ in range(2_000)
            if (got := caller.ask(BIDS, {"Cookie": "__Host-cashticket=m"}, SENT))[0].status == 429
        ),
        502: lambda: caller.ask("/"),
        504: lambda: caller.ask(BIDS, body=SENT),
    }
    answer, body = asked[status]()
    return answer.status, answer.getheaders(), body


@pytest.mark.parametrize("status", [200, 400, 404, 405, 413, 414, 429, 431, 501, 502, 504, 505])
def test_every_answer_of_nginx_has_the_headers_of_the_application(alone: Alone, status: int) -> None:
    got, headers, _ = provoked(alone[1], status)
    assert got == status
    wanted = {
        **HEADERS,
        "Content-Security-Policy": POLICY.replace(" {socket}", ""),
        "Strict-Transport-Security": TRANSPORT,
        "Server": "nginx",
    }
    for name, value in wanted.items():
        assert [each for key, each in headers if key.lower() == name.lower()] == [value], name
    kind = dict(headers)["Content-Type"]
    assert kind in ("text/html; charset=utf-8", "text/css; charset=utf-8"), kind
    assert dict(headers)["Cache-Control"] == ("public, max-age=3600" if status == 200 else "no-store")


def test_the_way_to_https_is_protected_too(alone: Alone) -> None:
    answer, _ = Caller(alone[0].plain_port).ask("/concerts/", {"Host": "localhost"})
    assert answer.status == 308
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    # A browser ignores it over plain HTTP, and some scanners complain.
    assert "Strict-Transport-Security" not in answer.headers


class TestForms:
    @pytest.mark.parametrize(
        "accept",
        ["application/json", "application/problem+json", "text/html;q=0.5, application/json", "application/json, */*"],
    )
    @pytest.mark.parametrize(("path", "status"), [("/metrics", 404), ("/concerts/", 502)])
    def test_programs_get_a_problem_document(self, alone: Alone, path: str, status: int, accept: str) -> None:
        answer, body = alone[1].ask(path, {"Accept": accept})
        assert (answer.status, answer.headers["Content-Type"]) == (status, "application/problem+json")
        document = json.loads(body)
        assert (document["type"], document["status"]) == ("about:blank", status)
        assert document["title"] and document["detail"]

    @pytest.mark.parametrize(
        "accept", ["", "*/*", "text/html, application/json;q=0.9", "image/png", "application/jsonp"]
    )
    def test_a_browser_gets_a_page(self, alone: Alone, accept: str) -> None:
        answer, body = alone[1].ask("/metrics", {"Accept": accept})
        assert answer.status == 404 and body.startswith(b"<!doctype html>")

    def test_htmx_gets_a_piece(self, alone: Alone) -> None:
        answer, body = alone[1].ask("/auctions/7/confirm?amount=1", PIECE)
        assert answer.status == 502
        notice = r'<p class="notice notice-error" role="alert"><strong>[^<]+</strong> [^<]+<small>.+</small></p>'
        assert re.fullmatch(notice, body.decode())

    @pytest.mark.parametrize(
        ("headers", "language"),
        [
            ({}, "ko"),
            ({"Accept-Language": "en-US,en;q=0.9,ko;q=0.8"}, "en"),
            ({"Accept-Language": "fr-FR,fr;q=0.9,en;q=0.8"}, "en"),
            ({"Accept-Language": "ko-KR,ko;q=0.9,en;q=0.8"}, "ko"),
            ({"Accept-Language": "en", "Cookie": "a=b; lang=ko"}, "ko"),
            ({"Accept-Language": "ko", "Cookie": "__Host-lang=en; c=d"}, "en"),
            ({"Cookie": "slang=en"}, "ko"),
        ],
    )
    def test_people_are_answered_in_their_language(self, alone: Alone, headers: dict[str, str], language: str) -> None:
        _, body = alone[1].ask("/concerts/", {**PAGE, **headers})
        assert f'<html lang="{language}">' in body.decode()
        assert ("다시 시도" if language == "ko" else "Try again") in body.decode()

    def test_pieces_do_not_follow_the_browser_but_the_page_around_them(self, alone: Alone) -> None:
        _, body = alone[1].ask("/auctions/7/confirm", {**PIECE, "Accept-Language": "en"})
        assert "연결할 수 없어요" in body.decode()

    @pytest.mark.parametrize(
        ("query", "korean"),
        [("?lang=en", False), ("?a=1&lang=en", False), ("?lang=ko", True), ("?slang=en", True), ("?lang=en1", True)],
    )
    def test_a_language_that_the_address_names_comes_before_the_chosen_one(
        self, alone: Alone, query: str, korean: bool
    ) -> None:
        chosen = "ko" if not korean else "en" if query == "?lang=ko" else ""
        _, body = alone[1].ask(f"/auctions/7/confirm{query}", {**PIECE, "Cookie": f"lang={chosen}"})
        assert ("연결할 수 없어요" in body.decode()) is korean


class TestBidsWithoutAnAnswer:
    @pytest.mark.parametrize("headers", [JSON, PIECE])
    def test_programs_and_scripts_are_told_that_the_outcome_is_unknown(
        self, alone: Alone, headers: dict[str, str]
    ) -> None:
        answer, body = alone[1].ask(BIDS, headers, SENT)
        assert (answer.status, answer.headers["Content-Type"]) == (504, "application/json")
        assert json.loads(body) == {"outcome": "unknown"}

    def test_people_get_a_form_that_sends_the_same_bid(self, alone: Alone) -> None:
        answer, body = alone[1].ask(BIDS, PAGE, SENT)
        text = body.decode()
        assert answer.status == 504
        assert '<form method="post" action="/auctions/7/bids">' in text
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))
        assert fields == {"csrf_token": "IjE2.aB_c-d", "amount": "150000", "request_id": "one-Request_1", "sure": ""}

    def test_the_form_says_once_more_what_was_said_twice(self, alone: Alone) -> None:
        _, body = alone[1].ask(BIDS, PAGE, SENT + b"&sure=150000")
        assert '<input type="hidden" name="sure" value="150000">' in body.decode()

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"amount=1&request_id=r",
            b"csrf_token=t&amount=1&request_id=%22%3E%3Cscript%3E",
            b'csrf_token=t&amount=1&request_id="><script>',
            b'csrf_token="><script>&amount=1&request_id=r',
            b"csrf_token=t&amount=1<b&request_id=r",
        ],
    )
    def test_what_could_be_markup_is_never_written_into_the_page(self, alone: Alone, body: bytes) -> None:
        answer, text = alone[1].ask(BIDS, PAGE, body)
        assert answer.status == 504
        assert b"<form" not in text and b"<script" not in text and "새로고침" in text.decode()

    def test_the_address_is_never_written_into_the_page(self, alone: Alone) -> None:
        request = b'POST /auctions/7/bids?"><script>x</script> HTTP/1.1\r\n' + HEAD + b"Content-Length: 0\r\n\r\n"
        status, _, body = raw(alone[1], request)
        assert status == 504 and b"<script" not in body

    def test_who_is_too_fast_is_told_to_load_the_page_again_in_a_second(self, alone: Alone) -> None:
        # A browser that loads the answer to a POST again sends the same form, with the same request id.
        _, headers, body = provoked(alone[1], 429)
        assert dict(headers)["Retry-After"] == "1"
        assert "새로고침" in body.decode() and 'href="/auctions/7"' in body.decode()

"""Files come compressed where no proxy in front does it; pages never do."""

import gzip
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
import werkzeug.utils
from flask.testing import FlaskClient
from werkzeug.test import TestResponse
from werkzeug.wsgi import wrap_file

from cashticket import config, create_app
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.staging.rows import add_concert

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

STATIC = Path(__file__).parents[2] / "cashticket" / "static"
FILES = ("app.css", "live.js", "vendor/bootstrap-5.3.9/bootstrap.min.css", "vendor/htmx-4.0.1/htmx.min.js")
TAKES_GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def fetched(client: FlaskClient, path: str, headers: dict[str, str]) -> TestResponse:
    """The whole answer, with its file closed as a server closes it."""
    return client.get(path, headers=headers, buffered=True)


@pytest.mark.parametrize("name", FILES)
def test_a_file_comes_compressed_and_is_the_same_file(client: Browser, name: str) -> None:
    answer = fetched(client, f"/static/{name}", TAKES_GZIP)
    plain = (STATIC / name).read_bytes()
    assert answer.headers["Content-Encoding"] == "gzip" and "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.data) == plain
    assert int(answer.headers["Content-Length"]) == len(answer.data) < len(plain) / 2


@pytest.mark.parametrize("headers", [{}, {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip;q=0, br"}])
def test_who_cannot_read_it_compressed_gets_the_file_as_it_is(client: Browser, headers: dict[str, str]) -> None:
    answer = fetched(client, "/static/app.css", headers)
    assert answer.data == (STATIC / "app.css").read_bytes()
    assert "Content-Encoding" not in answer.headers and "Accept-Encoding" in answer.headers["Vary"]


def test_a_compressed_file_that_is_there_already_is_not_sent_again(client: Browser) -> None:
    first = fetched(client, "/static/app.css", TAKES_GZIP)
    assert first.headers["ETag"].startswith('W/"')
    again = fetched(client, "/static/app.css", TAKES_GZIP | {"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    same = ("ETag", "Vary", "Cache-Control")
    assert [again.headers[name] for name in same] == [first.headers[name] for name in same]
    other = fetched(client, "/static/app.css", TAKES_GZIP | {"If-None-Match": 'W/"another"'})
    assert other.status_code == 200 and gzip.decompress(other.data) == (STATIC / "app.css").read_bytes()


def test_the_file_behind_a_compressed_answer_is_closed_before_anything_is_sent(
    client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[IO[bytes]] = []

    def wrapping(environ: dict[str, Any], file: IO[bytes]) -> Iterable[bytes]:
        opened.append(file)
        return wrap_file(environ, file)

    monkeypatch.setattr(werkzeug.utils, "wrap_file", wrapping)
    answer = client.get("/static/app.css", headers=TAKES_GZIP)
    assert answer.headers["Content-Encoding"] == "gzip" and [file.closed for file in opened] == [True]


def test_a_part_of_a_file_is_a_part_of_the_plain_file(client: Browser) -> None:
    answer = fetched(client, "/static/app.css", TAKES_GZIP | {"Range": "bytes=0-99"})
    assert answer.status_code == 206 and answer.data == (STATIC / "app.css").read_bytes()[:100]
    assert "Content-Encoding" not in answer.headers and "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_whoever_resumes_a_compressed_file_gets_it_whole(client: Browser, validator: str) -> None:
    first = fetched(client, "/static/app.css", TAKES_GZIP)
    assert "Accept-Ranges" not in first.headers
    resumed = {"Range": "bytes=100-", "If-Range": first.headers[validator]}
    answer = fetched(client, "/static/app.css", TAKES_GZIP | resumed)
    assert (answer.status_code, answer.data) == (200, first.data), "a part of the plain file would be added to it"


def test_asking_for_the_head_alone_says_the_same(client: Browser) -> None:
    whole = fetched(client, "/static/app.css", TAKES_GZIP)
    head = client.head("/static/app.css", headers=TAKES_GZIP, buffered=True)
    assert head.data == b"" and head.headers["Content-Length"] == whole.headers["Content-Length"]


def test_a_drawn_poster_comes_compressed(client: Browser) -> None:
    answer = fetched(client, f"/concerts/{add_concert().id}/poster.svg", TAKES_GZIP)
    assert answer.headers["Content-Encoding"] == "gzip" and gzip.decompress(answer.data).startswith(b"<svg")


def test_a_small_file_stays_as_it_is(client: Browser) -> None:
    answer = fetched(client, "/static/icon.svg", TAKES_GZIP)
    assert "Content-Encoding" not in answer.headers and answer.data == (STATIC / "icon.svg").read_bytes()


def test_no_page_is_compressed(client: Browser) -> None:
    auction = open_auction()
    for path in ("/", "/concerts/", "/login", f"/auctions/{auction}", f"/auctions/{auction}/board", "/no-such-page"):
        assert "Content-Encoding" not in fetched(client, path, TAKES_GZIP).headers, path


def test_behind_a_proxy_compressing_is_left_to_it(settings: config.Settings) -> None:
    app = create_app(replace(settings, proxies=1))
    app.test_client_class = Browser
    answer = fetched(app.test_client(), "/static/app.css", TAKES_GZIP)
    assert "Content-Encoding" not in answer.headers and answer.data == (STATIC / "app.css").read_bytes()

"""Headers are sent as the library would send them, with and without its copy."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Response

from cashticket.extensions import Application, FinishedResponse

ENVIRON = {"wsgi.url_scheme": "http", "HTTP_HOST": "tickets.example", "SERVER_NAME": "tickets.example"}

MAKE: dict[str, Callable[[type[Response]], Response]] = {
    "text": lambda kind: kind("sold out", 201, {"Cache-Control": "no-store"}, content_type="application/json"),
    "refusal": lambda kind: kind("이미 끝났어요", 422),
    "redirect": lambda kind: kind("moved", 303, {"Location": "/me/알림"}),
    "content elsewhere": lambda kind: kind("here", 200, {"Content-Location": "/공연"}),
    "no content": lambda kind: kind("", 204, {"HX-Redirect": "/me"}),
    "not modified": lambda kind: kind("", 304, {"ETag": '"1"'}),
    "early hints": lambda kind: kind("", 103),
    "list of bytes": lambda kind: kind([b"one", b"two"]),
    "stream": lambda kind: kind(iter([b"one", b"two"])),
    "empty": lambda kind: kind(),
}


@pytest.mark.parametrize("name", MAKE)
def test_the_headers_are_those_of_the_library(name: str) -> None:
    ours, librarys = (MAKE[name](kind).get_wsgi_headers(dict(ENVIRON)) for kind in (FinishedResponse, Response))
    assert ours.to_wsgi_list() == librarys.to_wsgi_list()


def test_the_headers_of_an_ordinary_answer_are_not_copied() -> None:
    answer = MAKE["text"](FinishedResponse)
    assert answer.get_wsgi_headers(dict(ENVIRON)) is answer.headers


class SocketAnswer(Response):
    """An answer that tells the server to send nothing."""

    def __call__(self, environ: object, start_response: object) -> Any:
        raise StopIteration


def test_an_answer_of_a_class_of_its_own_stays_one() -> None:
    app = Application("test")
    with app.test_request_context():
        answer = app.make_response(SocketAnswer())
        assert type(app.make_response(Response("sold out"))) is FinishedResponse
    with pytest.raises(StopIteration):
        answer({}, lambda *_: None)

"""What nginx keeps for a second is what the application would answer, however the address is spelled."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.waiting import wait_until
from tests.nginx.front import Front
from tests.nginx.programs import Caller

NAMES = st.sampled_from(
    ["lang", "lang", "with", "page", "PAGE", "LANG", "Lang", "%6cang", "la%6Eg", "lang%00", "+lang", "l", "lang[]", ""]
)
VALUES = st.sampled_from(["en", "account", "ko", "1", "2", "01", "EN", "%65n", "en%20", "fr", "", "en#", "ko;lang=en"])
PAIRS = st.lists(st.tuples(NAMES, st.sampled_from(["=", "", "=="]), VALUES), max_size=3)
JOINS = st.sampled_from(["&", ";", "&&", "?"])
PATHS = st.sampled_from(
    [
        "",
        "/",
        "standing",
        "board",
        "ladder",
        "history",
        "%62oard",
        "board/",
        "/board",
        "./board",
        "x/../board",
        "BOARD",
        "board%2f",
        "hist%6Fry",
    ]
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "HX-Request": st.sampled_from(["true", "TRUE", ""]),
        "HX-Request-Type": st.sampled_from(["full", "partial", "other"]),
        "Accept": st.sampled_from(["application/json", "text/html", "*/*", "application/json;q=0.1, text/html"]),
        "Accept-Language": st.just("en"),
        "Cookie": st.sampled_from(["lang=en", "lang=ko", "cashticket=x.y.z", "cashticket=x.y.z; lang=en", "lang=fr"]),
    },
)


def shown(caller: Caller, path: str, headers: dict[str, str]) -> tuple[int, str | None, str]:
    """Status, kind and text of the answer, without its moment and its number."""
    answer, body = caller.ask(path, headers)
    text = re.sub(r'data-now-ms="\d+"|\d\d:\d\d:\d\d|[0-9a-f]{32}|127\.0\.0\.1:\d+', "", body.decode())
    return answer.status, answer.headers["Content-Type"], text


def is_kept(path: str) -> bool:
    pieces = r"/auctions/7/(board\?lang=(ko|en)|ladder\?lang=(ko|en)(&page=[1-9][0-9]{0,5})?|history)"
    return is_page(path) or bool(re.fullmatch(pieces, path))


def is_page(path: str) -> bool:
    return bool(re.fullmatch(r"/auctions/7(\?lang=(ko|en))?", path))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=PATHS, pairs=PAIRS, join=JOINS, headers=HEADERS)
def test_any_spelling_gets_what_the_application_answers(
    front: Front, name: str, pairs: list[tuple[str, str, str]], join: str, headers: dict[str, str]
) -> None:
    query = join.join("".join(pair) for pair in pairs)
    name = {"": "", "/": "/"}.get(name, f"/{name}")
    path = f"/auctions/{front.auction_id}{name}" + (f"?{query}" if query else "")
    path = path.split("#")[0]
    own = Caller(front.webs[0].port)
    # What is kept is asked for without a cookie, and by everybody in the same way.
    asked = {key: value for key, value in headers.items() if key != "Cookie"} if is_kept(path) else headers
    if is_kept(path):
        asked["Accept"] = "application/json" if asked.get("Accept") == "application/json" else "text/html"
    if is_page(path):
        # All of the cookie that matters to a page for everybody is the language.
        asked["Cookie"] = "lang=en" if "lang=en" in headers.get("Cookie", "") else "lang=ko"
    assert shown(front.caller, path, headers) == shown(own, path, asked)
    for language, word in (("en", "Live prices"), ("ko", "실시간")):
        status, _, text = shown(front.caller, f"/auctions/{front.auction_id}/board?lang={language}", {})
        assert status == 200 and word in text


def test_the_spelling_that_once_planted_another_language(front: Front) -> None:
    board = f"/auctions/{front.auction_id}/board"
    # Nothing is kept for these headers yet, so what is asked for first is what is kept.
    unseen = {"HX-Request-Type": "never seen before"}
    front.ask(f"{board}?LANG=en", unseen)
    assert "Live prices" in front.ask(f"{board}?lang=en", unseen)[1].decode()


@pytest.mark.parametrize("spelling", ["", "?lang=en", "?lang=ko"])
def test_the_page_reaches_the_application_without_a_session_and_in_one_language(front: Front, spelling: str) -> None:
    page = f"/auctions/{front.auction_id}{spelling}"
    cookie = "cashticket=a.b.c; lang=en; __Host-cashticket=d.e.f"
    headers = front.told(page, {"Cookie": cookie, "HX-Request-Type": f"never seen {spelling}"})["headers"]
    language = "ko" if spelling.endswith("ko") else "en"
    assert headers["Cookie"] == f"lang={language}; __Host-lang={language}"


def test_each_language_of_the_page_is_kept_apart_however_it_was_chosen(front: Front) -> None:
    page = f"/auctions/{front.auction_id}"
    for _ in range(3):
        for headers, path, word in (
            ({"Cookie": "lang=en"}, page, "not found"),
            ({}, page, "찾을 수 없"),
            ({"Cookie": "lang=en"}, f"{page}?lang=ko", "찾을 수 없"),
            ({"Accept-Language": "en"}, page, "찾을 수 없"),
        ):
            assert word in front.ask(path, headers)[1].decode(), (path, headers)


def test_the_own_part_is_kept_for_strangers_alone(front: Front) -> None:
    part = f"/auctions/{front.auction_id}/standing?lang=ko&with=account"
    assert front.ask(part)[0].status == 200
    kept = front.ask(part, {"X-Witness": "tell"})[1].decode()
    assert kept.lstrip().startswith('<section id="standing"')
    for session in ("cashticket=x.y.z", "lang=ko; cashticket=x", "__Host-cashticket=x"):
        assert session in front.told(part, {"Cookie": session})["headers"]["Cookie"]


def test_an_error_is_kept_too_so_that_readers_do_not_wait_for_one_another(front: Front) -> None:
    path = f"/auctions/{front.auction_id + 1}/board?lang=ko"
    # The witness would answer 200: what comes was made for the request before.
    wait_until(
        lambda: [front.ask(path)[0].status, front.ask(path, {"X-Witness": "tell"})[0].status] == [404, 404],
        "an error that was kept",
    )


@pytest.mark.parametrize("page", ["/", "/concerts/", "/concerts/1"])
def test_home_page_and_concerts_are_kept_for_strangers_alone(front: Front, page: str) -> None:
    kept = {"HX-Request-Type": f"kept for strangers {page}"}
    # The witness would answer JSON: a page that comes although it is asked was made for the request before.
    wait_until(
        lambda: all(b"<html" in front.ask(page, headers)[1] for headers in (kept, kept | {"X-Witness": "tell"})),
        "a page that was kept",
    )
    for session in ("cashticket=x.y.z", "lang=ko; cashticket=x", "__Host-cashticket=x"):
        assert session in front.told(page, kept | {"Cookie": session})["headers"]["Cookie"]


@pytest.mark.parametrize("path", ["/on-now?lang=ko", "/concerts/listing?lang=en", "/concerts/1/auctions?lang=ko"])
def test_a_list_of_auctions_is_kept_for_everybody(front: Front, path: str) -> None:
    session = {"Cookie": "cashticket=x.y.z", "HX-Request": "true"}
    # The witness would answer JSON: a list that comes although it is asked was made for the request before.
    wait_until(
        lambda: all(
            front.ask(path, each)[1].lstrip()[:1] == b"<" for each in (session, session | {"X-Witness": "tell"})
        ),
        "a list that was kept",
    )
    assert front.told(f"{path}&q=x", session)["headers"]["Cookie"] == session["Cookie"]


@pytest.mark.parametrize("page", ["/", "/concerts/", "/concerts/1"])
def test_a_page_for_strangers_is_kept_in_each_language_apart(front: Front, page: str) -> None:
    for _ in range(3):
        for headers, language in (({"Cookie": "lang=en"}, "en"), ({}, "ko"), ({"Accept-Language": "en"}, "ko")):
            assert f'<html lang="{language}"' in front.ask(page, headers)[1].decode(), (page, headers)


@pytest.mark.parametrize("spelling", ["/?lang=en", "/?q=x", "/concerts/?q=x", "/concerts/1?lang=ko", "/concerts/?"])
def test_a_choice_of_language_and_a_search_reach_the_application_each_time(front: Front, spelling: str) -> None:
    for _ in range(3):
        told = front.told(spelling, {"Cookie": "lang=en; other=1"})
        assert told["headers"]["Cookie"] == "lang=en; other=1"


def test_the_choice_of_a_language_on_the_home_page_is_remembered(front: Front) -> None:
    for language in ("en", "ko"):
        assert f"lang={language}" in str(front.ask(f"/?lang={language}")[0].headers["Set-Cookie"])

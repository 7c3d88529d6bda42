"""Pages of results behind nginx: the same bytes for everybody in one language, kept until something changes."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from lab.signed_in import sign_in
from lab.waiting import wait_until
from tests.nginx.front import Front
from tests.nginx.programs import Caller
from tests.staging.final_ranks import add_results, move_seat, person_of


@pytest.fixture
def results(product: Flask) -> str:
    """The path of the results of an auction with three pages."""
    return f"/auctions/{add_results(120)}/results"


@pytest.fixture
def cookie(product: Flask, results: str) -> str:
    """The cookie of somebody who bid in it and is signed in."""
    return sign_in(product, [person_of(id_of(results), 2)])[0].cookie


def id_of(path: str) -> int:
    found = re.match(r"/auctions/(\d+)/", path)
    assert found
    return int(found.group(1))


def test_everybody_gets_the_same_bytes_and_nobody_a_cookie(front: Front, results: str, cookie: str) -> None:
    answers = [front.ask(results), front.ask(results, {"Cookie": cookie}), Caller(front.webs[1].port).ask(results)]
    # The witness sits in the processes asked directly, whose own address is in the policy, not in the page.
    assert len({body for _, body in answers}) == 1 and b"VIP-2" in answers[0][1]
    for answer, _ in answers:
        assert answer.headers["Cache-Control"] == "public, max-age=1" and answer.headers["ETag"]
        assert answer.headers["Set-Cookie"] is None and "Cookie" not in (answer.headers["Vary"] or "")


def test_a_page_that_did_not_change_is_asked_for_by_its_etag(results: str, kept: Callable[..., str]) -> None:
    assert kept(results) == "MISS"
    wait_until(lambda: kept(results) == "HIT", "a page that is kept")
    # After its second it is revalidated, and never sent whole again.
    seen: set[str] = set()
    wait_until(lambda: "REVALIDATED" in seen or seen.add(kept(results)), "a page that is revalidated")
    assert seen <= {"HIT", "REVALIDATED"}


def test_a_hand_over_is_seen_soon_by_everybody(front: Front, product: Flask, results: str, cookie: str) -> None:
    def rows_of_vip_1(headers: dict[str, str]) -> list[str]:
        """The seat as its rows show it: struck through where it was given up."""
        return re.findall(r"<s>VIP-1</s>|>VIP-1 <", front.ask(results, headers)[1].decode())

    for headers in ({}, {"Cookie": cookie}):
        assert rows_of_vip_1(headers) == [">VIP-1 <"]
    move_seat(id_of(results), 1, 3)
    moved = ["<s>VIP-1</s>", ">VIP-1 <"]
    for headers in ({}, {"Cookie": cookie}):
        wait_until(lambda headers=headers: rows_of_vip_1(headers) == moved, "the moved seat", seconds=20)


def test_who_has_the_page_gets_a_304(front: Front, results: str, cookie: str) -> None:
    answer, _ = front.ask(results)
    for headers in ({}, {"Cookie": cookie}):
        again, body = front.ask(results, {"If-None-Match": answer.headers["ETag"], **headers})
        assert (again.status, body) == (304, b"")
    assert front.ask(results, {"If-None-Match": '"another"'})[0].status == 200


def test_head_tells_what_get_would_without_the_page(front: Front, results: str) -> None:
    answer, body = front.ask(results)
    head, nothing = front.caller.ask(results, method="HEAD")
    assert (head.status, nothing, head.headers["ETag"]) == (200, b"", answer.headers["ETag"])
    assert head.headers["Content-Length"] == str(len(body))


@pytest.mark.parametrize("headers", [{}, {"Cookie": "lang=ko"}, {"Cookie": "lang=fr"}, {"Accept-Language": "en"}])
def test_without_a_chosen_language_the_page_is_korean(front: Front, results: str, headers: dict[str, str]) -> None:
    # What was asked for before, in whatever language, plants nothing.
    for planted in ({"Cookie": "lang=en"}, {"Cookie": "x=1; lang=en; y=2"}):
        assert b'<html lang="en">' in front.ask(results, planted)[1]
    assert b'<html lang="ko">' in front.ask(results, headers)[1]


def test_a_language_in_the_address_comes_before_that_of_the_cookie(front: Front, results: str) -> None:
    for language, other in (("en", "ko"), ("ko", "en")):
        for path in (f"{results}?lang={language}", f"{results}?page=2&lang={language}"):
            text = front.ask(path, {"Cookie": f"lang={other}"})[1]
            assert f'<html lang="{language}">'.encode() in text


@pytest.mark.parametrize(
    "spelling",
    [
        "?LANG=en",
        "?lang=EN",
        "?page=01",
        "?page=2&page=3",
        "?lang=en&page=2",
        "?%70age=2",
        "?page=2;lang=en",
        "?alias=0",
    ],
)
def test_another_spelling_is_answered_by_the_application_each_time(
    front: Front, results: str, kept: Callable[..., str], spelling: str
) -> None:
    own = Caller(front.webs[0].port)
    for _ in range(2):
        assert kept(results + spelling) in ("BYPASS", "")
    answers = [caller.ask(results + spelling, {"Cookie": "lang=en"}) for caller in (front.caller, own)]
    assert answers[0][0].status == answers[1][0].status
    assert without_code(answers[0][1]) == without_code(answers[1][1])


def without_code(body: bytes) -> bytes:
    return re.sub(rb"[0-9a-f]{32}", b"", body)


@pytest.mark.parametrize("path", ["/auctions/999/results", "/auctions/{}/results?page=99"])
def test_an_error_is_not_kept(results: str, kept: Callable[..., str], path: str) -> None:
    for _ in range(2):
        assert kept(path.format(id_of(results))) == "MISS"


def test_headers_of_a_caller_are_not_in_what_is_kept(front: Front, results: str) -> None:
    evil = {
        "X-Forwarded-Host": "evil.example",
        "HX-Request": "true",
        "Accept": "application/json",
        "Range": "bytes=0-9",
    }
    front.ask(results, {**evil, "Cookie": "cashticket=evil; lang=ko"})
    answer, body = front.ask(results)
    assert answer.status == 200 and b"evil" not in body and body.startswith(b"<!doctype html>")


def test_the_own_outcome_is_never_kept(front: Front, results: str, cookie: str, kept: Callable[..., str]) -> None:
    outcome = results.replace("results", "outcome")
    answer, body = front.ask(outcome, {"Cookie": cookie})
    assert answer.headers["Cache-Control"] == "no-store" and b"VIP-2" in body
    assert b"VIP-2" not in front.ask(outcome)[1] and kept(outcome) == "BYPASS"
    # What strangers get is kept, and never given to somebody signed in.
    path = f"{outcome}?lang=ko&with=account"
    wait_until(lambda: kept(path) == "HIT", "what strangers get")
    assert b"VIP-2" in front.ask(path, {"Cookie": cookie})[1] and b"VIP-2" not in front.ask(path)[1]


@pytest.mark.parametrize("part", ["record", "record?lang=en", "record.csv", "lineage", "lineage?lang=en"])
def test_record_and_lineage_are_kept_and_the_same_for_everybody(
    front: Front, results: str, cookie: str, kept: Callable[..., str], part: str
) -> None:
    path = results.replace("results", part)
    answers = [front.ask(path), front.ask(path, {"Cookie": cookie})]
    assert [answer.status for answer, _ in answers] == [200, 200] and answers[0][1] == answers[1][1]
    wait_until(lambda: kept(path) == "HIT", "a page that is kept")
    assert kept(f"{path}{'&' if '?' in path else '?'}x=1") in ("BYPASS", "")


@pytest.mark.parametrize("path", ["/help", "/terms?lang=en", "/privacy", "/refunds?lang=ko"])
def test_help_and_terms_are_kept_and_the_same_for_everybody(
    front: Front, cookie: str, kept: Callable[..., str], path: str
) -> None:
    answers = [front.ask(path), front.ask(path, {"Cookie": cookie})]
    assert [answer.status for answer, _ in answers] == [200, 200] and answers[0][1] == answers[1][1]
    wait_until(lambda: kept(path) == "HIT", "a page that is kept")


def test_forms_do_not_hold_up_readers(front: Front, results: str) -> None:
    """The limits of forms count by client; pages of results have none."""
    assert {front.ask(f"{results}?page={number % 3 + 1}")[0].status for number in range(300)} == {200}

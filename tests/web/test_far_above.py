"""A bid of more than ten times the cut-off: how the review asks for it once more, and what counts as said twice."""

import re

import pytest
from werkzeug.test import TestResponse

from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.web.bidding import JSON, PIECE, counting, send

FAR = 1_005_000


def place(browser: Browser, auction: int, fields: dict[str, object], headers: dict[str, str]) -> TestResponse:
    form = {"amount": FAR, "request_id": "far", "csrf_token": browser.token("/no-such-page"), **fields}
    return browser.post(f"/auctions/{auction}/bids", data=form, headers=headers)


def test_a_zero_too_many_is_refused_as_json_and_costs_nothing(auction: int, alice: Browser) -> None:
    answer = send(alice, auction, FAR)
    assert answer.status_code == 422 and answer.json is not None
    assert (answer.json["reason"], answer.json["chances_left"]) == ("far_above", 3)
    assert "10배" in answer.json["message"] and "체크" in answer.json["message"]
    assert current_engine().read(auction).sequence == 0


@pytest.mark.parametrize("sure", ["1005000", "1,005,000"])
def test_the_same_amount_said_once_more_is_accepted(auction: int, alice: Browser, sure: str) -> None:
    assert place(alice, auction, {"sure": sure}, JSON).status_code == 201


@pytest.mark.parametrize("sure", ["yes", "1005001", "100500", "-1005000", "１００５０００", ""])
def test_anything_else_said_once_more_is_nothing(auction: int, alice: Browser, sure: str) -> None:
    answer = place(alice, auction, {"sure": sure}, JSON)
    assert (answer.status_code, answer.json["reason"]) == (422, "far_above")


def test_asking_twice_costs_no_sql_and_one_round_trip_each(auction: int, alice: Browser) -> None:
    assert send(alice, auction, 1, "warm").status_code == 422
    fields = {"amount": FAR, "request_id": "counted", "csrf_token": alice.token("/no-such-page")}
    for sure, status in (("", 422), (str(FAR), 201)):
        with counting() as counted:
            answer = alice.post(f"/auctions/{auction}/bids", data=fields | {"sure": sure}, headers=JSON)
        assert (answer.status_code, counted) == (status, {"sql": 0, "redis": 1})


def test_the_review_has_a_box_that_sends_the_amount_once_more(auction: int, alice: Browser) -> None:
    near, far = (
        alice.get(f"/auctions/{auction}/confirm?amount={amount}").get_data(as_text=True)
        for amount in (FAR - 5_000, FAR)
    )
    assert 'name="sure"' not in near and "두 배" in near
    assert "10배" in far and re.search(rf'<input type="checkbox" name="sure" value="{FAR}" required>', far)
    fields = dict(re.findall(r'name="(amount|request_id|sure)" value="([^"]+)"', far))
    assert place(alice, auction, fields, {}).location == "/me/bids"


def test_without_the_box_a_form_comes_back_to_the_review_and_a_piece_says_why(auction: int, alice: Browser) -> None:
    answer = place(alice, auction, {}, {})
    assert answer.status_code == 303 and answer.location == f"/auctions/{auction}/confirm?amount={FAR}"
    page = alice.get(answer.location).get_data(as_text=True)
    assert 'name="sure"' in page and "10배가 넘는 금액이라" in page
    piece = place(alice, auction, {"request_id": "piece"}, PIECE)
    assert piece.status_code == 422 and "10배가 넘는 금액이라" in piece.get_data(as_text=True)

"""Malformed requests to the bid door get a documented 4xx and change nothing."""

import pytest

from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.web.bidding import JSON, PIECE, send

# Nothing here is stored, so one kind of database is enough.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


AMOUNTS = [
    *("", " ", "-1", "-100000", "+100000", "100000.0", "100000,5.0", "1e6", "0x10", "1_000", "100 000", " 100000"),
    *(
        "100000 ",
        "100000\n",
        "100,,000",
        ",100000",
        "100000,",
        "١٠٠٠٠٠",
        "１０００００",
        "१०००००",
        "十万",
        "NaN",
        "Infinity",
    ),
    *("null", "true", "100000\x00", "\x00", "9" * 41, "1" * 5000, "₩100,000", "100,000원", "100000;drop table bids"),
]
REQUEST_IDS = ["", " ", "a" * 65, "has space", "dots.are.not", "한글", "a\x00b", "a\nb", "../../x", "a:b", "é"]


@pytest.mark.parametrize("amount", AMOUNTS)
def test_an_amount_that_is_no_amount_is_400(auction: int, mallory: Browser, amount: str) -> None:
    answer = send(mallory, auction, amount)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert current_engine().read(auction).sequence == 0


@pytest.mark.parametrize("request_id", REQUEST_IDS)
def test_a_request_id_of_other_letters_is_400(auction: int, mallory: Browser, request_id: str) -> None:
    assert send(mallory, auction, 100_000, request_id).status_code == 400
    assert current_engine().read(auction).sequence == 0


def test_the_longest_request_id_and_every_letter_of_it_are_taken(auction: int, mallory: Browser) -> None:
    assert send(mallory, auction, 100_000, "AZaz09_-" * 8).status_code == 201


@pytest.mark.parametrize("headers", [JSON, PIECE, {}], ids=["program", "htmx", "form"])
def test_a_malformed_bid_is_400_in_every_form_of_answer(
    auction: int, mallory: Browser, headers: dict[str, str]
) -> None:
    answer = send(mallory, auction, "ten", headers=headers)
    assert answer.status_code == 400
    assert "150,000" in (answer.json["detail"] if headers == JSON and answer.json else answer.get_data(as_text=True))


def test_missing_and_repeated_fields_are_400(auction: int, mallory: Browser) -> None:
    token = mallory.token("/no-such-page")
    for form in (
        {"csrf_token": token},
        {"csrf_token": token, "amount": "100000"},
        {"csrf_token": token, "request_id": "r1"},
        {"csrf_token": token, "amount": ["100000", "900000"], "request_id": "r1"},
    ):
        assert mallory.post(f"/auctions/{auction}/bids", data=form, headers=JSON).status_code == 400
    assert current_engine().read(auction).sequence == 0


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "null", '"x"', '{"amount": 1.5e5, "request_id": "r"}', '{"amount": true}']
)
def test_json_that_is_no_bid_is_400(auction: int, mallory: Browser, body: str) -> None:
    headers = JSON | {"X-CSRFToken": mallory.token("/no-such-page"), "Content-Type": "application/json"}
    assert mallory.post(f"/auctions/{auction}/bids", data=body, headers=headers).status_code == 400


def test_an_oversized_body_is_413(auction: int, mallory: Browser) -> None:
    form = {"amount": "1", "request_id": "r", "csrf_token": mallory.token("/no-such-page"), "more": "x" * 200_000}
    assert mallory.post(f"/auctions/{auction}/bids", data=form, headers=JSON).status_code == 413


@pytest.mark.parametrize("cookie", ["", "x", "a.b.c", "\x80\xff", "." * 3000])
def test_a_broken_cookie_is_a_stranger(auction: int, client: Browser, cookie: str) -> None:
    client.set_cookie("cashticket", cookie)
    form = {"amount": 100_000, "request_id": "r1"}
    assert client.post(f"/auctions/{auction}/bids", data=form, headers=JSON).status_code == 401


@pytest.mark.parametrize("auction_id", ["0", "999999999", "-1", "abc", "1.5", str(2**63), "9" * 400])
def test_an_unknown_auction_is_404(mallory: Browser, auction_id: str) -> None:
    form = {"amount": 100_000, "request_id": "r1", "csrf_token": mallory.token("/no-such-page")}
    assert mallory.post(f"/auctions/{auction_id}/bids", data=form, headers=JSON).status_code == 404
    for path in ("", "/board", "/standing", "/results", "/confirm?amount=100000"):
        assert mallory.get(f"/auctions/{auction_id}{path}").status_code == 404

"""The review warns of an amount that probably has a zero too many, also of the first bid in an auction."""

import pytest
from flask import Flask

from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction
from tests.web.bidding import send

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def text(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("minimum", [0, 100_000])
def test_the_review_of_a_first_bid_warns_of_a_zero_too_many_and_of_no_plain_amount(
    app: Flask, alice: Browser, bob: Browser, minimum: int
) -> None:
    auction = open_auction(minimum=minimum, maximum=2**31 - 1)

    def is_warned(amount: int) -> bool:
        page = text(alice, f"/auctions/{auction}/confirm?amount={amount}&lang=en")
        assert "cut-off of ₩0" not in page
        return "count the zeros" in page.lower()

    assert [is_warned(amount) for amount in (minimum + 50_000, minimum + 100_000, 1_500_000)] == [False, False, True]
    if minimum == 0:
        send(bob, auction, 600_000)
        assert [is_warned(amount) for amount in (1_200_000, 6_000_000)] == [False, True], "bob's is the best bid"


def test_a_face_price_tells_a_plain_first_bid_from_one_with_a_zero_too_many(app: Flask, alice: Browser) -> None:
    auction = open_auction(minimum=0, maximum=2**31 - 1, face_price=500_000)
    pages = [text(alice, f"/auctions/{auction}/confirm?amount={n}") for n in (1_000_000, 5_000_000)]
    assert ["0의 개수" in page for page in pages] == [False, True]

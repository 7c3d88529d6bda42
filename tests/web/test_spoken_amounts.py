"""The form before the review reads amounts as people write them; the bid itself takes digits alone."""

import pytest

from tests.fixtures.people import Browser
from tests.web.bidding import send


def test_the_review_reads_an_amount_in_korean(auction: int, alice: Browser) -> None:
    page = alice.get(f"/auctions/{auction}/confirm", query_string={"amount": "12만 원"}).get_data(as_text=True)
    assert "120,000원" in page and 'name="amount" value="120000"' in page


def test_an_amount_with_two_readings_is_asked_again(auction: int, alice: Browser) -> None:
    answer = alice.get(f"/auctions/{auction}/confirm", query_string={"amount": "12만5"})
    assert answer.status_code == 400 and 'name="request_id"' not in answer.get_data(as_text=True)


@pytest.mark.parametrize("amount", ["12만", "십이만", "120000원"])
def test_the_bid_itself_takes_digits_alone(auction: int, alice: Browser, amount: str) -> None:
    assert send(alice, auction, amount).status_code == 400

"""Amounts as people write them, also in Korean: read when they have one reading, asked again when not."""

import pytest

from cashticket.blueprints.wording.numbers import korean
from cashticket.typed.spoken_amounts import read_amount

READ = {
    "5만5천": 55_000,
    "5만 5천원": 55_000,
    "5만5,000": 55_000,
    "12만": 120_000,
    "12만원": 120_000,
    "12 만 원": 120_000,
    "11.5만": 115_000,
    "1.5천": 1_500,
    "0.5만": 5_000,
    "만": 10_000,
    "천원": 1_000,
    "만오천": 15_000,
    "십오만": 150_000,
    "십오만 원": 150_000,
    "오만 오천 원": 55_000,
    "이십삼만사천오백": 234_500,
    "백만": 1_000_000,
    "3백만원": 3_000_000,
    "1억 2천만": 120_000_000,
    "1억2,000만원": 120_000_000,
    "일억": 100_000_000,
    "150,000원": 150_000,
    "₩150,000": 150_000,
    "150000원정": 150_000,
    "１２만": 120_000,
    "오십오만": 550_000,
}
NOT_READ = (
    *("", "원", "만원만", "5만5", "5천5", "백오", "삼천오만", "5만12만", "12만5만", "5만30000", "억억"),
    *("1.23456만", "0.00001만", "1.5", "1,2만", "12,34만", "-5만", "5만-", "일이삼", "5오만"),
    *("150.000", "150.000원", "150000.0", "5만1.0"),
    *("십만오천오", "만 won", "abc"),
    *("10만~12만", "10만이상", "1e5", "٥만", "5 5만원5"),
)


@pytest.mark.parametrize(("typed", "amount"), READ.items())
def test_an_amount_in_korean_is_read(typed: str, amount: int) -> None:
    assert read_amount(typed) == amount


@pytest.mark.parametrize("typed", NOT_READ)
def test_what_has_no_reading_or_two_is_not_read(typed: str) -> None:
    assert read_amount(typed) is None


@pytest.mark.parametrize("amount", [1_000, 15_000, 55_000, 115_000, 234_500, 1_000_000, 120_000_000, 2_147_483_000])
def test_what_the_review_says_in_words_is_read_again(amount: int) -> None:
    assert read_amount(f"{korean(amount)} 원") == amount

"""Whole numbers: taken where they mean one thing, told by their fault where they may mean two."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashticket.typed.numbers import SENTENCES, NoWholeNumber, whole_number

TAKEN = {
    "0": 0,
    "7": 7,
    "150000": 150_000,
    "1,500": 1_500,
    "150,000": 150_000,
    "1,234,567": 1_234_567,
    "150 000": 150_000,
    "150\u00a0000": 150_000,
    "150'000": 150_000,
    "150’000": 150_000,
    "００１５": 15,
    "150,000.00": 150_000,
    "150000.0": 150_000,
    "20.00": 20,
    "₩150,000": 150_000,
    "150,000원": 150_000,
    "KRW 150,000": 150_000,
    "150000 won": 150_000,
    "20석": 20,
    "14세": 14,
    "24시간": 24,
    "\u202d150,000\u202c": 150_000,
}
TOLD = {
    **dict.fromkeys(("1,50", "150000,00", "5000,00", "1,0", "1.234.567,00", "1 234,5", "5000,000"), "decimal_comma"),
    **dict.fromkeys(("150.000", "1.500", "1.234.567"), "dots"),
    **dict.fromkeys(("12,34,567", "1,5000", "150,0000", ",500", "1,,000"), "commas"),
    **dict.fromkeys(("150000.5", "0.5", "1.25"), "fraction"),
    **dict.fromkeys(("1.5E+05", "2e3"), "scientific"),
    **dict.fromkeys(("-5", "−1,500", "(150)"), "negative"),
    **dict.fromkeys(("", " ", "abc", "스무 석", "5만5천", "1/2", "0x10", "150,000~200,000"), "words"),
    **dict.fromkeys(("20①", "100000¹", "150,000²", "½", "②"), "words"),
    "1" * 16: "too_long",
}


@pytest.mark.parametrize(("typed", "number"), TAKEN.items())
def test_a_number_with_one_meaning_is_taken(typed: str, number: int) -> None:
    assert whole_number(typed) == number


@pytest.mark.parametrize(("typed", "code"), TOLD.items())
def test_a_number_with_two_meanings_is_told(typed: str, code: str) -> None:
    with pytest.raises(NoWholeNumber) as told:
        whole_number(typed)
    assert told.value.code == code
    assert told.value.sentence == SENTENCES[code]


@pytest.mark.parametrize(("typed", "number"), {"5만5천": 55_000, "15만": 150_000, "1.5만 원": 15_000}.items())
def test_amounts_may_be_written_as_they_are_said(typed: str, number: int) -> None:
    assert whole_number(typed, spoken=True) == number


@pytest.mark.parametrize("typed", ["1,50", "150.000", "5만5", "1,2만", "-5만"])
def test_what_may_mean_two_things_is_told_where_words_are_taken_too(typed: str) -> None:
    with pytest.raises(NoWholeNumber):
        whole_number(typed, spoken=True)


@given(st.integers(0, 10**12))
def test_every_number_is_read_back_with_and_without_marks(number: int) -> None:
    for written in (f"{number}", f"{number:,}", f"{number:,}".replace(",", " "), f"{number:,}원", f"{number}.00"):
        assert whole_number(written) == number


@given(st.text(alphabet="0123456789,. -'만천원e()", max_size=14))
def test_a_number_is_never_read_with_other_digits_than_it_has(text: str) -> None:
    try:
        number = whole_number(text)
    except NoWholeNumber:
        return
    digits = "".join(sign for sign in text if sign.isdigit())
    assert str(number) in (digits.lstrip("0") or "0", digits[:-1].lstrip("0") or "0", digits[:-2].lstrip("0") or "0")

"""Phones, days and moments as people, contact lists and spreadsheets write them."""

from datetime import UTC, date, datetime

import pytest

from cashticket.accounts.addresses import BadPhone, normalise_email, normalise_phone
from cashticket.accounts.fields import FieldProblem, birth_date
from cashticket.typed.moments import NoMoment, read_moment

KOREAN = "+821012345678"
PHONES = {
    **dict.fromkeys(
        [
            *("010-1234-5678", "01012345678", "010 1234 5678", "010.1234.5678", "010·1234·5678", "(010) 1234-5678"),
            *(
                "+82 10-1234-5678",
                "+82 (0)10-1234-5678",
                "+82-010-1234-5678",
                "0082 10 1234 5678",
                "001 82 10 1234 5678",
            ),
            *(
                "\u202d010-1234-5678\u202c",
                "010\u20111234\u20115678",
                "010–1234–5678",
                "010ㅡ1234ㅡ5678",
                "０１０-1234-5678",
            ),
            *("010\u00a01234\u00a05678\u200b", "\ufeff010-1234-5678", "10-1234-5678", "82 10 1234 5678"),
        ],
        KOREAN,
    ),
    **dict.fromkeys(["+44 7911 123456", "+44 (0)7911 123456", "+44 07911 123456", "0044 7911 123456"], "+447911123456"),
    **dict.fromkeys(["+81 90-1234-5678", "+81 090-1234-5678"], "+819012345678"),
    **dict.fromkeys(["+39 06 1234 5678"], "+390612345678"),
    **dict.fromkeys(["+7 912 345-67-89", "+7 8 912 345-67-89"], "+79123456789"),
    **dict.fromkeys(["+1 (650) 253-0000", "001 1 650 253 0000"], "+16502530000"),
    **dict.fromkeys(["+84 0912 345 678", "+84 912 345 678"], "+84912345678"),
}
NO_PHONES = (
    *(
        "",
        "010",
        "010-12",
        "010-1234",
        "02-12",
        "010-1234-56789012",
        "1-800-FLOWERS",
        "010-1234-5678 ext 5",
        "alice@example.com",
        "12345678901234567",
    ),
    *("+0 10 1234 5678", "010-1234-5678,010-1111-2222", "+", "-", "1588-1234", "010-12a4-5678", "+999 12345678"),
    "0" * 500,
)


@pytest.mark.parametrize(("typed", "number"), PHONES.items(), ids=ascii)
def test_every_spelling_of_a_phone_is_one_number(typed: str, number: str) -> None:
    assert normalise_phone(typed) == number
    assert normalise_phone(number) == number


@pytest.mark.parametrize("typed", NO_PHONES)
def test_what_is_no_phone_is_refused(typed: str) -> None:
    with pytest.raises(BadPhone):
        normalise_phone(typed)


@pytest.mark.parametrize(
    "typed",
    [
        *("alice@example.com", " Alice@Example.com ", "\u200balice@example.com\u200b", "alice@example.com\u202c"),
        *(
            "\ufeffalice@example.com",
            "alice@example.com\u00a0",
            "ＡＬＩＣＥ@example.com",
            "alice＠example.com",
            "alice@example.com\u3000",
        ),
        "alice@example.com\u3164",
    ],
    ids=ascii,
)
def test_every_spelling_of_an_address_is_one_address(typed: str) -> None:
    assert normalise_email(typed) == "alice@example.com"


BORN = (
    *("1999-02-03", "1999.2.3", "1999. 2. 3", "1999. 2. 3.", "1999/02/03", "1999년 2월 3일", "19990203", "990203"),
    *("１９９９－０２－０３", "1999\u201302\u201303", "\u200e1999-02-03", "1999 - 2 - 3"),
)


@pytest.mark.parametrize("typed", BORN)
def test_a_day_of_birth_is_read_as_it_is_written(typed: str) -> None:
    assert birth_date(typed, date(2026, 11, 29)) == date(1999, 2, 3)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("1999-02-30", "no_such_date"), ("1999년 13월 1일", "no_such_date"), ("03.02.1999", "malformed")]
    + [(text, "malformed") for text in ("1999", "1999-2", "99-02-03", "1999.02-03", "2월 3일", "19990203T10", "abc")],
)
def test_what_is_no_day_is_told(typed: str, code: str) -> None:
    with pytest.raises(FieldProblem) as told:
        birth_date(typed, date(2026, 11, 29))
    assert told.value.code == code


SEVEN = datetime(2026, 11, 30, 10, 0, tzinfo=UTC)
MOMENTS = (
    *("2026-11-30T19:00", "2026-11-30 19:00", "2026-11-30 19:00:00", "2026-11-30T10:00Z", "2026-11-30T19:00+09:00"),
    *(
        "2026.11.30 19:00",
        "2026.11.30(월) 19:00",
        "2026. 11. 30. 오후 7:00:00",
        "2026. 11. 30 오후 7:00",
        "2026/11/30 19:00",
    ),
    *(
        "2026년 11월 30일 오후 7시",
        "2026년 11월 30일(월) 19시 00분",
        "2026년 11월 30일 월요일 오후 7시",
        "2026-11-30 7:00 PM",
    ),
    *(
        "2026-11-30 7:00 p.m.",
        "2026-11-30 19:00 KST",
        "２０２６-11-30 19:00",
        "\u200e2026-11-30 19:00",
        "20261130T1900",
    ),
    *("2026-11-30 (Mon) 19:00", "2026-11-30 PM 7:00", "2026.11.30 PM 7:00"),
)
NO_MOMENTS = {
    "2026-11-30": "no time of day",
    "2026.11.30.": "no time of day",
    "11/30/2026 19:00": "does not begin with a year",
    "30.11.26 19:00": "does not begin with a year",
    "46356.7917": "spreadsheets count days",
    "2026-02-30 19:00": "does not exist",
    "2026-11-30 25:00": "time of day that does not exist",
    "2026-11-30 19:60": "time of day that does not exist",
    "2026.11.30(화) 19:00": "2026-11-30 is a Monday",
    "2026-11-30 오전 19:00": "the morning and an hour of the afternoon",
    "1926-11-30 19:00": "another century",
    "9999.12.31 24:00": "another century",
    "2026-11-30 19:00 +99:99": "names a zone that does not exist",
    "2026-11-30T19:00+25:00": "names a zone that does not exist",
    "2026-11-30+09:00": "is no moment",
    "2026-11-30①19:00": "is no moment",
    "2026113011900": "is no moment",
    "내일 저녁": "is no moment",
    "": "is no moment",
}


@pytest.mark.parametrize("typed", MOMENTS, ids=ascii)
def test_a_moment_is_read_as_it_is_written(typed: str) -> None:
    assert read_moment(typed) == SEVEN


@pytest.mark.parametrize(
    ("typed", "hour"), [("2026-11-30 9:00", 0), ("2026. 11. 30. 오후 12:00", 3), ("2026-11-30 24:00", 15)]
)
def test_hours_that_spreadsheets_write_are_read(typed: str, hour: int) -> None:
    assert read_moment(typed) == datetime(2026, 11, 30, hour, tzinfo=UTC)


def test_twelve_in_the_morning_is_midnight() -> None:
    assert read_moment("2026. 11. 30. 오전 12:00") == datetime(2026, 11, 29, 15, tzinfo=UTC)


@pytest.mark.parametrize(("typed", "fault"), NO_MOMENTS.items())
def test_what_is_no_moment_is_told_by_its_fault(typed: str, fault: str) -> None:
    with pytest.raises(NoMoment, match=fault):
        read_moment(typed)

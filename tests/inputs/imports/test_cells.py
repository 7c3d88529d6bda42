"""Numbers, ages, moments, spans and texts of imported cells: taken where they mean one thing, else told."""

import json
import unicodedata
from datetime import timedelta
from typing import Any

import pytest

from cashticket.auction.values import Pricing
from cashticket.catalogue.import_rows import ImportRow
from tests.inputs.imports.files import HEADING, SEVEN, SPRING, TERMS, TERMS_HEADING, faults_of, read


def with_cells(**cells: Any) -> str:
    """A file of one row: the usual one, with these cells."""
    return json.dumps([dict(zip(TERMS_HEADING, TERMS, strict=True)) | cells])


def row_with(**cells: Any) -> ImportRow:
    [row], _ = read(with_cells(**cells))
    return row


NUMBERS = {
    "150,000원": 150_000,
    "₩150,000": 150_000,
    "150000": 150_000,
    "150 000": 150_000,
    "150,000.00": 150_000,
    "150000.0": 150_000,
    "KRW 150,000": 150_000,
    "15만원": 150_000,
    "15만": 150_000,
    "１５０，０００": 150_000,
    "\u202d150,000\u202c": 150_000,
    " 150,000 ": 150_000,
}
BAD_NUMBERS = {
    "150000,00": "has a comma where decimals begin",
    "1,50": "has a comma where decimals begin",
    "150.000": "may mean thousands or decimals",
    "1,5000": "has commas where no thousands end",
    "150000.5": "has a part of a whole",
    "1.5E+05": "is shortened by a spreadsheet",
    "-5": "is below zero",
    "(150)": "is below zero",
    "99999999999999999": "has more than 15 digits",
    "미정": "is no whole number from",
    "150,000~200,000": "is no whole number from",
    "9999999999": "is no whole number from 0 to 2,147,483,647",
}


@pytest.mark.parametrize(("written", "number"), NUMBERS.items())
def test_an_amount_is_read_as_it_is_written(written: str, number: int) -> None:
    terms = row_with(minimum=written, face_price=written).terms
    assert terms and (terms.fields["minimum"], terms.fields["face_price"]) == (number, number)


@pytest.mark.parametrize(("written", "fault"), BAD_NUMBERS.items())
def test_a_number_with_two_meanings_is_told(written: str, fault: str) -> None:
    told = faults_of(with_cells(minimum=written))
    assert len(told) == 1 and told[0].startswith(f"row 1: minimum: {written!r} {fault}")


@pytest.mark.parametrize(("written", "seats"), {"20석": 20, "20": 20, "20 seats": 20, "20.0": 20, "20명": 20}.items())
def test_seats_are_read_with_their_unit(written: str, seats: int) -> None:
    terms = row_with(seats=written).terms
    assert terms and terms.fields["seats"] == seats


@pytest.mark.parametrize("value", [True, 1.5, [20], {"n": 20}, "", None, "20.5", -20])
def test_json_that_is_no_number_is_told(value: Any) -> None:
    [fault] = faults_of(with_cells(seats=value))
    assert fault.startswith(("row 1: seats: ", "heading: seats is missing"))


@pytest.mark.parametrize("number", ["1e999", "9" * 5_000, "NaN"])
def test_a_json_number_that_nothing_holds_is_told_in_a_short_sentence(number: str) -> None:
    [told] = faults_of(with_cells(title=7).replace(": 7", f": {number}", 1))
    assert told.startswith("season is no readable JSON: ") and len(told) < 80


@pytest.mark.parametrize("column", ["title", "description", "zone"])
def test_a_text_that_lost_letters_on_its_way_is_told(column: str) -> None:
    [told] = faults_of(with_cells(**{column: "봄\ufffd밤"}))
    assert told == f"row 1: {column}: The {column} has � where letters were lost; write it again."


AGES = {
    **dict.fromkeys(
        (
            "14",
            "14세",
            "14세 이상",
            "만 14세",
            "만14세 이상",
            "14세이상 관람가",
            "14+",
            "14 세 이상 관람 가능",
            "１４세",
        ),
        14,
    ),
    **dict.fromkeys(("전체관람가", "전체 관람가", "전체", "전연령", "ALL", "all ages", ""), None),
    "0": 0,
    "8세 이상": 8,
}
BAD_AGES = (
    "미취학아동 입장불가",
    "청소년관람불가",
    "adult",
    "14.5",
    "100세",
    "-1",
    "14~18세",
    "열네 살",
    "세 이상",
    "14세 미만",
)


@pytest.mark.parametrize(("written", "years"), AGES.items())
def test_an_age_is_read_as_posters_say_it(written: str, years: int | None) -> None:
    assert row_with(age_limit=written).concert["age_limit"] == years


@pytest.mark.parametrize("written", BAD_AGES)
def test_what_is_no_age_is_told(written: str) -> None:
    [fault] = faults_of(with_cells(age_limit=written))
    assert fault.startswith(f"row 1: age_limit: {written!r} ")


MOMENTS = (
    *(
        "2041-04-10T19:00",
        "2041-04-10 19:00:00",
        "2041.04.10 19:00",
        "2041.4.10(수) 19:00",
        "2041. 4. 10. 오후 7:00:00",
    ),
    *(
        "2041/04/10 19:00",
        "2041년 4월 10일 오후 7시",
        "2041-04-10T10:00Z",
        "2041-04-10T10:00:00.000Z",
        "2041-04-10 7:00 PM",
    ),
    *("２０４１-04-10 19:00", "\u200e2041-04-10 19:00", "20410410T1900"),
)
BAD_MOMENTS = {
    "2041-04-10": "has no time of day",
    "2041.04.10.": "has no time of day",
    "10/04/2041 19:00": "does not begin with a year of four digits",
    "4/10/41 19:00": "does not begin with a year of four digits",
    "51601.7917": "is the number by which spreadsheets count days",
    "2041-02-30 19:00": "names a day that does not exist",
    "2041-04-10 25:00": "names a time of day that does not exist",
    "2041.04.10(월) 19:00": "is on another day of the week than it says: 2041-04-10 is a Wednesday",
    "1941-04-10 19:00": "lies in another century",
    "미정": "is no moment",
    "next week": "is no moment",
}


@pytest.mark.parametrize("written", MOMENTS)
def test_a_moment_is_read_as_it_is_written(written: str) -> None:
    assert row_with(starts=written).concert["starts_at"] == SEVEN


@pytest.mark.parametrize("column", ["starts", "opens", "closes", "cancel_until"])
@pytest.mark.parametrize(("written", "fault"), BAD_MOMENTS.items())
def test_what_is_no_moment_is_told(column: str, written: str, fault: str) -> None:
    told = faults_of(with_cells(**{column: written}))
    assert len(told) == 1 and told[0].startswith(f"row 1: {column}: {written!r} {fault}")


@pytest.mark.parametrize("written", ["+2d", " +2D", "+ 2d", "＋2d", "+48h", "+2880m", "+172800s"])
def test_an_end_may_be_a_span(written: str) -> None:
    terms = row_with(closes=written).terms
    assert terms and terms.closes == timedelta(days=2)


@pytest.mark.parametrize("written", ["+1w", "+", "+2", "+0d", "+400d", "+-2d"])
def test_what_is_no_span_is_told(written: str) -> None:
    [fault] = faults_of(with_cells(closes=written))
    assert "is no span; say +90s, +10m, +2h or +1d" in fault


@pytest.mark.parametrize("written", ["now", "NOW", " now ", "지금"])
def test_an_auction_may_open_at_the_import(written: str) -> None:
    terms = row_with(opens=written).terms
    assert terms and terms.opens is None


@pytest.mark.parametrize("written", ["uniform", "Uniform", " UNIFORM "])
def test_a_way_to_price_is_read_in_any_case(written: str) -> None:
    terms = row_with(pricing=written).terms
    assert terms and terms.fields["pricing"] is Pricing.UNIFORM


TEXTS = {
    "a blank of another kind": "봄\u00a0밤",
    "a mark that nobody sees": "봄\u200b 밤",
    "a line break": "봄\n밤",
    "letters apart": unicodedata.normalize("NFD", "봄 밤"),
    "a byte order mark": "\ufeff봄 밤",
}


@pytest.mark.parametrize("written", TEXTS.values(), ids=TEXTS.keys())
def test_what_looks_the_same_is_the_same_title(written: str) -> None:
    assert row_with(title=written).concert["title"] == "봄 밤"


@pytest.mark.parametrize("name", ["title", "artist", "genre", "description", "zone", "benefits", "organiser", "poster"])
@pytest.mark.parametrize("sign", ["\0", "\x07", "\ud800", "\ue000", "\u202e"], ids=ascii)
def test_a_text_that_no_device_shows_is_told(name: str, sign: str) -> None:
    [fault] = faults_of(with_cells(**{name: f"a{sign}b"}))
    assert fault.startswith(f"row 1: {name}: ") and fault.isprintable()


PATHS = ("spring.jpg", "pictures/spring.jpg", "pictures\\spring.jpg", "봄 밤.png", "./spring.webp", "=spring.jpg")


@pytest.mark.parametrize("path", PATHS)
def test_a_poster_is_named_as_the_file_says(path: str) -> None:
    assert row_with(poster=path).poster == path


def test_a_poster_that_is_stored_already_is_no_file() -> None:
    assert row_with(poster="0123456789abcdef" * 2).poster is None


def test_every_fault_of_every_row_is_told_in_order() -> None:
    rows = [dict(zip(HEADING, SPRING, strict=True)) | {"starts": "내일", "age_limit": "x", "genre": "가" * 61}] * 3
    assert [each.split(":")[:2] for each in faults_of(json.dumps(rows))] == [
        [f"row {number}", f" {name}"] for number in (1, 2, 3) for name in ("genre", "starts", "age_limit")
    ]

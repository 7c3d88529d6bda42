"""How money and time are written: for readers of Korean and of English."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask_babel import Babel, force_locale

from cashticket.blueprints.wording import formats


@pytest.fixture(autouse=True)
def pages() -> Iterator[None]:
    app = Flask("cashticket")
    Babel(app, default_locale="ko")
    with app.app_context():
        yield


def test_won_is_grouped_and_named_in_the_readers_way() -> None:
    assert formats.won(150_000) == "150,000원"
    with force_locale("en"):
        assert formats.won(150_000) == "₩150,000"


@pytest.mark.parametrize(
    ("amount", "korean", "english"),
    [
        (0, "영 원", "zero won"),
        (1_000, "천 원", "one thousand won"),
        (10_000, "만 원", "ten thousand won"),
        (15_000, "만 오천 원", "fifteen thousand won"),
        (150_000, "십오만 원", "one hundred fifty thousand won"),
        (1_110_000, "백십일만 원", "one million one hundred ten thousand won"),
        (10_010_000, "천일만 원", "ten million ten thousand won"),
        (100_000_000, "일억 원", "one hundred million won"),
        (
            2_147_483_647,
            "이십일억 사천칠백사십팔만 삼천육백사십칠 원",
            (
                "two billion one hundred forty-seven million four hundred eighty-three thousand "
                "six hundred forty-seven won"
            ),
        ),
    ],
)
def test_an_amount_is_read_aloud(amount: int, korean: str, english: str) -> None:
    assert formats.amount_words(amount) == korean
    with force_locale("en"):
        assert formats.amount_words(amount) == english


def test_moments_are_korean_time_with_weekday_whether_given_as_ms_or_datetime() -> None:
    at = datetime(2026, 11, 22, 15, 4, 5, 678_000, tzinfo=UTC)
    ms = 1_795_359_845_678
    assert formats.moment(at) == "2026년 11월 23일 (월) 00:04" == formats.moment(ms)
    assert formats.moment(ms, "second").endswith("00:04:05")
    assert formats.time_of_day(ms, "millisecond") == "00:04:05.678"
    assert formats.iso(ms) == formats.iso(at) == "2026-11-22T15:04:05.678Z"
    with force_locale("en"):
        assert formats.moment(at) == "Mon 23 Nov 2026 00:04"


@pytest.mark.parametrize(
    ("ms", "written"),
    [
        (-1, "0 s"),
        (999, "0 s"),
        (120_000, "2 min"),
        (125_000, "2 min 5 s"),
        (7_500_000, "2 h 5 min"),
        (7_200_001, "2 h"),
        (86_400_000 + 3_600_000, "1 d 1 h"),
        (86_400_000 + 60_000, "1 d"),
    ],
)
def test_a_stretch_of_time_is_written_in_its_two_largest_units(ms: int, written: str) -> None:
    with force_locale("en"):
        assert formats.span(ms) == written

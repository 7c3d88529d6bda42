"""What a search finds: words, initials, and both mixed; and nothing that is typed is a wildcard."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashticket.models.search_text import WORDS_MAX, patterns, search_text


def finds(query: str, *fields: str) -> bool:
    """Whether every word of the query is in the stored text, as LIKE of a database reads the patterns."""
    asked, stored = patterns(query), search_text(fields)
    regular = ["".join({"%": ".*", "_": "."}.get(sign, re.escape(sign)) for sign in pattern) for pattern in asked]
    return bool(asked) and all(re.fullmatch(each, stored, re.DOTALL) for each in regular)


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("ㅇㄴㄹ", "아는 라디오"),
        ("ㅇㄴ ㄹ", "아는 라디오"),
        ("ㅇ는ㄹ", "아는 라디오"),
        ("아ㄴ라", "아는 라디오"),
        ("ㄹㄷㅇ", "아는 라디오"),
        ("아는라디오", "아는 라디오"),
        ("라디오 아는", "아는 라디오"),
        ("ㅃㄱ", "빨간 밤"),
        ("ㅂㄱ", "빨간 밤"),
        ("ㅃ간", "빨간 밤"),
        ("ㄳ", "가수의 밤"),
        ("ㅄㅎ", "봄, 숲, 하늘"),
        ("ㅋㅋ", "ㅋㅋㅋ 쇼"),
        ("beyonce", "BEYONCÉ"),
        ("STRASSE", "Straße"),
        ("rb", "R&B Night"),
        ("R&B", "R&B Night"),
        ("2027봄", "2027 봄"),
        ("ｊａｚｚ", "Jazz"),
        ("ㄱa", "가a"),
        ("ㅇㅏ는", "아는 라디오"),
    ],
)
def test_a_search_finds(query: str, title: str) -> None:
    assert finds(query, title)
    assert finds(query, "Other", title, "Other")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("ㅃㄱ", "발견"),
        ("ㄲ", "가나다"),
        ("ㄴㅇㄹ", "아는 라디오"),
        ("안", "아는 라디오"),
        ("ㅇㄹ", "아는 라디오"),
        ("ㄱa", "가ba"),
        ("%", "50% 세일"),
        ("_", "a_b"),
        ("a_c", "abc"),
        ("a%c", "abc"),
        ("\\", "a\\b"),
        ("겨울", "여름"),
    ],
)
def test_a_search_does_not_find(query: str, title: str) -> None:
    assert not finds(query, title)


def test_a_word_is_not_found_across_two_fields() -> None:
    assert not finds("ㅂㅇ", "봄", "올림픽홀") and finds("ㅂ ㅇ", "봄", "올림픽홀")


def test_only_the_first_words_count() -> None:
    assert len(patterns("가 " * 40)) == WORDS_MAX


@pytest.mark.parametrize("query", ["", "   ", "% _ \\", "\x00\x1f", "\ud800", "️‍"])
def test_what_has_no_letter_and_no_digit_makes_no_pattern(query: str) -> None:
    assert patterns(query) == []


@given(st.text(max_size=80))
def test_every_title_is_found_by_itself_and_patterns_hold_letters_alone(title: str) -> None:
    words = patterns(title)
    assert finds(title, title) or not words
    for pattern in words:
        assert set(pattern[1:-1]) - {"_"} == {sign for sign in pattern[1:-1] if sign.isalnum()}
        assert len(pattern) <= 3 * 80 + 2


@given(st.text(alphabet="가까나다따라마바빠사싸아자짜차카타파하힣 aZ1", min_size=1, max_size=30))
def test_the_initials_of_a_title_find_it(title: str) -> None:
    initials = {"힣": "ㅎ"}
    initials |= dict(
        zip("가까나다따라마바빠사싸아자짜차카타파하", "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ", strict=True)
    )
    query = "".join(initials.get(sign, sign) for sign in title)
    assert not title.strip() or finds(query.replace(" ", ""), title)

"""Texts that look the same are the same, and what nobody can see does not tell two of them apart."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cashticket.typed.text import can_be_shown, many_lines, number_text, one_line, shown_line, without_unseen_edges

SAME = {
    "letters of Hangul apart": (unicodedata.normalize("NFD", "아이유 콘서트"), "아이유 콘서트"),
    "a joiner behind an accent apart": ("Cafe\u0301\u200d🔥", "Café🔥"),
    "an accent apart": ("Beyonce\u0301", "Beyoncé"),
    "a blank without break": ("봄\u00a0밤", "봄 밤"),
    "a wide blank": ("봄\u3000밤", "봄 밤"),
    "a narrow blank": ("봄\u202f밤", "봄 밤"),
    "several blanks": ("  봄 \t  밤 ", "봄 밤"),
    "a line break": ("봄\r\n밤", "봄 밤"),
    "a line of Unicode": ("봄\u2028밤", "봄 밤"),
    "a blank without width": ("봄\u200b밤", "봄밤"),
    "a byte order mark": ("\ufeff봄 밤", "봄 밤"),
    "a word joiner": ("봄\u2060밤", "봄밤"),
    "a soft hyphen": ("Night\u00adfall", "Nightfall"),
    "marks of direction around it": ("\u202d봄 밤\u202c", "봄 밤"),
    "isolated directions": ("\u2068봄 밤\u2069", "봄 밤"),
    "a right-to-left mark inside": ("봄\u200f 밤", "봄 밤"),
    "a hyphen without break": ("A\u2011Z", "A-Z"),
    "a hyphen of Unicode": ("A\u2010Z", "A-Z"),
    "a Hangul filler": ("봄\u3164밤", "봄 밤"),
    "a braille blank": ("봄\u2800밤", "봄 밤"),
    "a joiner between Hangul": ("아\u200d이유", "아이유"),
    "a joiner between Latin letters": ("Lan\u200cterns", "Lanterns"),
    "a joiner at the end": ("아이유\u200d", "아이유"),
    "tags without a flag": ("봄\U000e0062\U000e007f", "봄"),
    "a grapheme joiner": ("봄\u034f밤", "봄밤"),
}
KEPT = (
    *("=LOVE 투어", "+82 콘서트", "@DM", "A – Z", "A — Z", "L'été", "‘Spring’ “Night”", "BTS·세븐틴", "Ⅳ", "㈜밤"),
    *("❤️\u200d🔥 불타는 밤", "👨\u200d👩\u200d👧 가족", "🏴\u200d☠️", "👩🏽\u200d🎤", "🙂\u200d↔️"),
    "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f Wales",
    *("می\u200cخواهم", "क्\u200dष", "ශ්\u200dරී", "🫨", "𠮷野家", "ㅇㅈ", "ﷺ", "1️⃣"),
)
NOT_SHOWN = (
    "a\0b",
    "a\x07b",
    "\ud800",
    "a\ue000b",
    "\ufffe",
    "\ufdd0",
    "a\u202eb",
    "a\u202db c",
    "\x1b[31m",
    "\U000f0000",
)


@pytest.mark.parametrize(("typed", "text"), SAME.values(), ids=SAME.keys())
def test_what_looks_the_same_becomes_the_same(typed: str, text: str) -> None:
    assert one_line(typed) == text
    assert many_lines(typed).replace("\n", " ").split() == text.split()


@pytest.mark.parametrize("text", KEPT)
def test_what_is_seen_or_needed_stays(text: str) -> None:
    assert one_line(text) == many_lines(text) == unicodedata.normalize("NFC", text)
    assert can_be_shown(text)


@pytest.mark.parametrize("text", NOT_SHOWN, ids=ascii)
def test_what_no_device_shows_is_found(text: str) -> None:
    assert not can_be_shown(one_line(text))
    assert can_be_shown(shown_line(text))


@pytest.mark.parametrize("text", ["", " ", "\u3164", "\u200b", "\u2800\u3164", "\ufeff", "\u115f\u1160"[:1], "\u2029"])
def test_what_shows_nothing_is_an_empty_text(text: str) -> None:
    assert one_line(text) == many_lines(text) == without_unseen_edges(text) == "" or text == "\u115f"
    assert one_line(text) == ""


def test_lines_stay_lines_of_one_kind() -> None:
    assert many_lines(" 첫 줄 \r\n둘째\u200b 줄\r\r\n끝\u2028\t넷\n\n") == "첫 줄\n둘째 줄\n\n끝\n\t넷"


def test_old_hangul_keeps_what_holds_a_place() -> None:
    assert one_line("\u115f\u1161") == "\u115f\u1161"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("０１０－１２３４－５６７８", "010-1234-5678"),
        ("010\u20111234\u20135678", "010-1234-5678"),
        ("010ㅡ1234ㅡ5678", "010-1234-5678"),
        ("010ー1234ー5678", "010-1234-5678"),
        ("\u202d+82 10-1234-5678\u202c", "+82 10-1234-5678"),
        ("010\u00a01234\u30005678\u200b", "010 1234 5678"),
        ("−5", "-5"),
        ("1\u200b50", "150"),
        ("₩１５０，０００", "₩150,000"),
        ("2️0", "20"),
    ],
)
def test_numbers_are_read_as_they_look(typed: str, number: str) -> None:
    assert number_text(typed) == number


@given(st.text())
def test_a_second_reading_changes_nothing(text: str) -> None:
    assert one_line(one_line(text)) == one_line(text)
    assert many_lines(many_lines(text)) == many_lines(text)
    assert number_text(number_text(text)) == number_text(text)


@given(st.text())
def test_no_text_keeps_an_unseen_edge_or_a_second_line(text: str) -> None:
    line = one_line(text)
    assert line == line.strip() == unicodedata.normalize("NFC", line)
    assert len(line.splitlines()) <= 1

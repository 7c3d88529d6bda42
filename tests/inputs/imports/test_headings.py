"""Headings and separators as people write them; what is wrong with a heading is told once."""

import pytest

from cashticket.catalogue.import_files.columns import COLUMNS, column_of
from tests.inputs.imports.files import HEADING, SPRING, TERMS, TERMS_HEADING, faults_of, read, table, titles

SPELLINGS = {
    "title": (
        "title",
        " Title ",
        "TITLE",
        "제목",
        "공연명",
        "공연 제목",
        "제 목",
        "공연\n명",
        "제목*",
        "제목:",
        "ｔｉｔｌｅ",
        "Concert",
    ),
    "title_en": ("title_en", "Title (EN)", "제목(영문)", "공연명 영문", "영문 제목", "공연명 [English]", "title en"),
    "artist": (
        "artist",
        "아티스트",
        "출연",
        "출연진",
        "가수",
        "아티스트명",
        "artist(s)",
        "출 연 자",
        "Artist",
        "아티스트 *",
    ),
    "artist_en": ("artist-en", "아티스트(영문)", "영문아티스트", "출연(English)"),
    "venue": (
        "venue",
        "장소",
        "공연장",
        "공연 장소",
        "장소/공연장",
        "장소(공연장)",
        "VENUE",
        "Venue:",
        "공연장명",
        "장소명",
    ),
    "venue_en": ("venue_en", "장소(영문)", "공연장 영문"),
    "starts": (
        "starts",
        "starts_at",
        "Starts-At",
        "공연일시",
        "시작",
        "공연 일시",
        "공연시작",
        "공연일시(KST)",
        "일시",
        "공연일",
    ),
    "cancel_until": ("cancel_until", "cancel until", "취소마감", "취소 기한", "취소마감일시"),
    "genre": ("genre", "장르", "Genre", "장 르", "분류"),
    "city": ("city", "도시", "지역", "도시/지역", "City "),
    "age_limit": (
        "age_limit",
        "Age Limit",
        "관람연령",
        "관람등급",
        "연령제한",
        "관람연령(세)",
        "age-limit",
        "나이 제한",
    ),
    "description": ("description", "설명", "공연 소개", "상세설명", "내용"),
    "poster": ("poster", "포스터", "포스터 파일", "Poster"),
    "organiser": ("organiser", "organizer", "주최", "주최사", "주최/주관", "주최자"),
    "seats": ("seats", "좌석", "좌석수", "좌석 수", "좌석수(석)", "VIP 좌석", "VIP석", "SEATS", "VIP좌석수", "좌석_수"),
    "minimum": (
        "minimum",
        "최저가",
        "시작가",
        "최저가(원)",
        "시작가 (₩)",
        "최저 입찰가",
        "minimum price",
        "최저가[원]",
    ),
    "step": ("step", "단위", "호가단위", "호가 단위(원)", "입찰단위", "bid step"),
    "opens": ("opens", "opens_at", "오픈", "시작일시", "오픈 일시", "경매 시작", "경매시작일시", "입찰시작"),
    "closes": ("closes", "closes_at", "마감", "마감일시", "종료", "경매 마감", "입찰마감", "마감일"),
    "maximum": ("maximum", "최고가", "상한가", "최고가(원)"),
    "soft_close": ("soft_close", "자동연장", "자동 연장(초)", "soft-close"),
    "soft_close_cap": ("soft_close_cap", "자동연장한도"),
    "pricing": ("pricing", "가격방식"),
    "identity": ("identity", "본인확인", "본인 인증", "휴대폰 인증"),
    "purchase_hours": ("purchase_hours", "구매기한(시간)", "구매시간"),
    "offer_hours": ("offer_hours", "제안시간"),
    "zone": ("zone", "구역", "좌석 구역"),
    "view": ("view", "시야"),
    "benefits": ("benefits", "혜택", "특전"),
    "face_price": ("face_price", "정가", "정가(원)", "액면가"),
    "rows": ("rows", "열", "열별 좌석수"),
    "id": ("id", "No.", "번호", "연번", "순번", "auctions", "auction_id"),
    None: ("", "비고", "담당자", "hall", "(원)", "제목/장소", "1", "봄밤", "*"),
}


@pytest.mark.parametrize(("name", "spellings"), SPELLINGS.items())
def test_every_spelling_of_a_heading_is_one_column(name: str | None, spellings: tuple[str, ...]) -> None:
    assert {spelling: column_of(spelling) for spelling in spellings} == dict.fromkeys(spellings, name)


def test_every_column_is_called_by_its_own_name_and_has_spellings() -> None:
    assert {column_of(name) for name in COLUMNS} == set(COLUMNS) == set(SPELLINGS) - {None, "id"}


PLAIN = (HEADING, SPRING, ("여름밤", "등불", "강변", "2041-07-10T19:00"))
BOTH = ["봄밤", "여름밤"]
SHAPES = {
    "commas": (table(*PLAIN), ""),
    "semicolons": (table(*PLAIN, separator=";"), "separated by semicolons"),
    "tabs": (table(*PLAIN, separator="\t"), "separated by tabs"),
    "bars": (table(*PLAIN, separator="|"), "separated by bars"),
    "a line that says semicolons": ("sep=;\r\n" + table(*PLAIN, separator=";"), "separated by semicolons"),
    "a line that says commas": ("sep=,\n" + table(*PLAIN), ""),
    "a quoted line that says semicolons": ('"sep=;"\r\n' + table(*PLAIN, separator=";"), "separated by semicolons"),
    "more commas than semicolons": ("title;artist;venue;starts\nA, B, C, D;E, F;G;2041-04-10T19:00", "semicolons"),
    "commas in the heading of a file of tabs": (
        "title\tartist\tvenue\tstarts\tgenre, city (비고)\n" + "\t".join(SPRING),
        "tabs",
    ),
    "quoted cells": ('"title","artist","venue","starts"\n"봄밤","등불","한강홀","2041-04-10T19:00"', ""),
    "cells that other programs protect as text": (
        '="title",artist,venue,starts\n="봄밤",등불,한강홀,="2041-04-10 19:00"',
        "",
    ),
    "line ends of Unix": (table(*PLAIN).replace("\r\n", "\n"), ""),
    "line ends of old Macs": (table(*PLAIN).replace("\r\n", "\r"), ""),
    "a title above": ("2041년 상반기 공연,,,\r\n" + table(*PLAIN), "the heading is line 2"),
    "titles and blank lines above": (
        ",,,\n2041 상반기,,,\n,,,\n작성: 올가,,,\n" + table(*PLAIN),
        "the heading is line 5",
    ),
    "blank lines and columns": (
        "\n\n,,,,\n,title,,artist,venue,starts\n,봄밤,,등불,한강홀,2041-04-10T19:00\n,,,,,\n",
        "",
    ),
    "a heading of two lines": ('"title\n(제목)",artist,venue,starts\n' + ",".join(SPRING), ""),
    "a title in brackets above": ("[2041 상반기] 일정,,,\n" + table(*PLAIN), "the heading is line 2"),
    "no line end at the end": (table(*PLAIN).rstrip(), ""),
    "a column of numbers": ("No.,title,artist,venue,starts\n1," + ",".join(SPRING), ""),
    "columns in any order": ("starts,venue,artist,title\n2041-04-10T19:00,한강홀,등불,봄밤", ""),
    "blanks around cells": ("title , artist , venue , starts\n 봄밤 , 등불 , 한강홀 , 2041-04-10T19:00 ", ""),
    "an empty column of another name": (table((*HEADING, "비고"), (*SPRING, "")), ""),
}


@pytest.mark.parametrize(("content", "note"), SHAPES.values(), ids=SHAPES.keys())
def test_a_table_is_read_in_the_shape_that_people_give_it(content: str, note: str) -> None:
    rows, told = read(content)
    assert rows[0].concert["title"] in ("봄밤", "A, B, C, D") and rows[0].concert["starts_at"].hour == 10
    assert note in " ".join(told) and bool(told) == bool(note)


def test_a_quoted_line_break_is_one_blank_of_a_title_and_stays_in_a_description() -> None:
    [row], _ = read('title,artist,venue,starts,설명\n"봄\n밤",등불,한강홀,2041-04-10T19:00,"첫 줄\r\n둘째 줄"\n')
    assert (row.concert["title"], row.concert["description"]) == ("봄 밤", "첫 줄\n둘째 줄")


FAULTS = {
    "a misspelled name": (("titel", *HEADING[1:]), ["'titel' (did you mean title?)", "title is missing"]),
    "a misspelled Korean name": (
        ("공연제몫", *HEADING[1:]),
        ["'공연제몫' (did you mean 공연제목 (title)?)", "title is missing"],
    ),
    "a name of nothing": (
        (*HEADING, "비고", "담당자"),
        ["no concert and no auction has '비고', '담당자'; columns are title,"],
    ),
    "twice the same": ((*HEADING, "Title"), ["has the column title twice ('title' and 'Title')"]),
    "twice in two languages": ((*HEADING, "공연명"), ["has the column title twice ('title' and '공연명')"]),
    "no name": ((*HEADING, ""), ["columns without a heading: 5 (row 1)"]),
    "cells beyond it": (HEADING, ["columns without a heading: 5 (row 1)"]),
    "columns left out": (
        HEADING[:2],
        ["venue, starts are missing", "columns without a heading: 3 (row 1), 4 (row 1), 5 (row 1)"],
    ),
    "terms left out": ((*HEADING, "seats"), ["minimum, step, opens, closes are missing, as other terms"]),
    "day and time apart": (
        ("title", "artist", "venue", "공연일", "공연시간"),
        ["'공연일' and '공연시간' stand apart; put day and time into one column, such as 2027-04-10 19:00"],
    ),
    "date and time apart": (("title", "artist", "venue", "date", "time"), ["'date' and 'time' stand apart"]),
    "day and time of the end apart": ((*HEADING[:4], "마감일", "마감시간"), ["'마감일' and '마감시간' stand apart"]),
    "no heading at all": (SPRING, ["title, artist, venue, starts are missing", "no concert and no auction has"]),
}


@pytest.mark.parametrize(("heading", "faults"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_of_the_heading_is_told_once(heading: tuple[str, ...], faults: list[str]) -> None:
    line = (*SPRING, "2041-04-10", "19:00")[: len(heading) + (heading in (HEADING, HEADING[:2])) * 3]
    told = [each for each in faults_of(table(heading, *[line] * 50)) if each.startswith("heading: ")]
    assert [[fault in each for each in told].count(True) for fault in faults] == [1] * len(faults)
    assert len(told) == len(faults)


def test_rows_are_told_by_number_and_by_line_where_these_differ() -> None:
    bad = ("봄밤", "등불", "한강홀", "내일")
    assert [each[:13] for each in faults_of(table(HEADING, SPRING, bad))] == ["row 2: starts"]
    content = "시즌,,,\n\n" + table(HEADING, bad, SPRING) + "\n\n" + table(bad)
    assert [each.split(": ")[0] for each in faults_of(content)] == ["row 1 (line 4)", "row 3 (line 8)"]
    content = table(HEADING) + '"봄\n밤",등불,한강홀,2041-04-10T19:00\n' + table(bad)
    assert [each.split(": ")[0] for each in faults_of(content)] == ["row 2 (line 4)"]


def test_a_row_of_totals_is_told_and_a_concert_of_that_name_is_none() -> None:
    total = ("합계", "", "", "", "20", "100000", "", "", "")
    assert faults_of(table(TERMS_HEADING, TERMS, total)) == ["row 2: is a row of totals and no concert; take it out"]
    assert titles(table(HEADING, ("Total", *SPRING[1:]))) == ["Total"]


def test_a_file_without_rows_or_with_too_many_is_refused() -> None:
    assert "holds no concerts" in faults_of(table(HEADING))[0]
    assert "is empty" in faults_of(" \n ")[0]
    assert "at most 5000" in faults_of(table(HEADING, *[SPRING] * 5_001))[0]
    assert "more than 200 columns" in faults_of(table((*HEADING, *(f"x{n}" for n in range(300))), SPRING))[0]

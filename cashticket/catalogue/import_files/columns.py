"""The columns of an imported file, and how their headings may be written, in English and Korean."""

import re
import unicodedata
from difflib import get_close_matches

from cashticket.catalogue import seat_facts
from cashticket.typed.text import one_line

CONCERT_REQUIRED = ("title", "artist", "venue", "starts")
CONCERT_TEXTS = ("title", "artist", "venue", "title_en", "artist_en", "venue_en", "genre", "city", "description")
CONCERT = (*CONCERT_REQUIRED, *CONCERT_TEXTS[3:], "cancel_until", "age_limit", "poster", "organiser")
TERMS_REQUIRED = ("seats", "minimum", "step", "opens", "closes")
HOURS = ("purchase_hours", "offer_hours")
TERMS = (*TERMS_REQUIRED, "soft_close", "soft_close_cap", "pricing", "identity", "maximum", *HOURS, *seat_facts.NAMES)
COLUMNS = CONCERT + TERMS

IGNORED = "id"
"""Stands for every column that lists print and an import has no need of."""

SPELLINGS = {
    "title": "제목 공연명 공연제목 공연이름 공연 콘서트 콘서트명 행사명 타이틀 concert",
    "artist": "아티스트 아티스트명 출연 출연자 출연진 가수 뮤지션 artists performer",
    "venue": "장소 공연장 공연장소 공연장명 장소명",
    "starts": "공연일시 시작 공연시작 공연시작일시 공연시작시간 일시 starts_at start",
    "cancel_until": "취소마감 취소마감일시 취소기한 취소가능기한 취소가능일시",
    "genre": "장르 분류",
    "city": "도시 지역",
    "age_limit": "관람연령 관람등급 연령 연령제한 나이제한 관람가능연령 이용등급 age",
    "description": "설명 공연설명 소개 공연소개 내용 상세설명",
    "poster": "포스터 포스터파일 포스터이미지 이미지",
    "organiser": "주최 주최사 주최자 주최/주관 organizer",
    "seats": "좌석 좌석수 석수 vip좌석 vip좌석수 vip석",
    "minimum": "최저가 시작가 최저입찰가 최저금액 시작금액 minimum_price",
    "step": "단위 호가단위 입찰단위 호가 bid_step",
    "opens": "오픈 오픈일시 시작일시 경매시작 경매시작일시 경매오픈 입찰시작 입찰시작일시 opens_at",
    "closes": "마감 마감일시 종료 종료일시 경매마감 경매마감일시 경매종료 경매종료일시 입찰마감 입찰마감일시 closes_at",
    "soft_close": "자동연장 soft_close_seconds",
    "soft_close_cap": "자동연장한도 soft_close_cap_seconds",
    "pricing": "가격방식 낙찰가방식",
    "identity": "본인확인 본인인증 휴대폰인증 인증",
    "maximum": "최고가 상한가 최고입찰가 상한 maximum_price",
    "purchase_hours": "구매시간 구매기한",
    "offer_hours": "제안시간 제안기한",
    "zone": "구역 좌석구역",
    "view": "시야",
    "benefits": "혜택 특전",
    "face_price": "정가 액면가",
    "rows": "열 열별좌석수",
    IGNORED: "auctions concert_id auction_id no 번호 연번 순번",
}
ENGLISH = "영문 영어 english en"

# A day and a time of day may stand in two columns. Either heading alone is taken for the whole moment.
DAYS = {"starts": "공연일 공연일자 공연날짜 날짜 일자 date day", "opens": "오픈일 오픈일자", "closes": "마감일 종료일"}
TIMES = {
    "starts": "공연시간 공연시각 시간 시작시간 시각 time",
    "opens": "오픈시간 오픈시각",
    "closes": "마감시간 종료시간",
}

BRACKETS = re.compile(r"\(([^()]*)\)|\[([^\[\]]*)\]|【([^【】]*)】|<([^<>]*)>")
MARKS = re.compile(r"[\s_\-.·:*#'\"]+")


def column_of(heading: str) -> str | None:
    """The name of the column that a heading means, in any spelling: ` Age-Limit`, `최저가(원)`. None for no column."""
    shown = unicodedata.normalize("NFKC", one_line(heading)).casefold()
    bare, inside = (
        BRACKETS.sub("", shown),
        " ".join(filter(None, (part for of in BRACKETS.findall(shown) for part in of))),
    )
    column = _plain_column(bare) or _plain_column(shown)
    is_english = column in ("title", "artist", "venue") and bool(set(inside.split()) & set(ENGLISH.split()))
    return f"{column}_en" if is_english else column


def nearest(heading: str) -> str | None:
    """The heading that looks most like one that is no column, with the name of its column; None if none does."""
    close = get_close_matches(_key(one_line(heading)[:60]), _BY_KEY, n=1, cutoff=0.6)
    if not close:
        return None
    column = _BY_KEY[close[0]]
    return column if close[0].isascii() else f"{close[0]} ({column})"


def apart(headings: list[str]) -> dict[str, tuple[str, str]]:
    """Column → the headings of its day and of its time, where these stand in two columns."""
    by_key = {_key(one_line(BRACKETS.sub("", heading))): heading for heading in headings}
    pairs = {}
    for column in DAYS:
        day, clock = (
            next((by_key[key] for key in map(_key, of[column].split()) if key in by_key), None) for of in (DAYS, TIMES)
        )
        if day and clock:
            pairs[column] = (day, clock)
    return pairs


def _plain_column(shown: str) -> str | None:
    """The column of a heading, also of one that names the same column twice, such as `장소/공연장`."""
    if (key := _key(shown)) in _BY_KEY:
        return _BY_KEY[key]
    columns = {_BY_KEY.get(_key(part)) for part in re.split("[/,|]", shown)}
    return columns.pop() if len(columns) == 1 else None


def _key(shown: str) -> str:
    return MARKS.sub("", unicodedata.normalize("NFKC", shown).casefold())


def _all_spellings() -> dict[str, str]:
    by_key = {_key(name): name for name in (*COLUMNS, IGNORED)}
    for spellings in (DAYS, TIMES, SPELLINGS):
        by_key |= {_key(word): column for column, words in spellings.items() for word in words.split()}
    for column in ("title", "artist", "venue"):
        for word in (column, *SPELLINGS[column].split()):
            for english in ENGLISH.split():
                by_key |= {_key(english + word): f"{column}_en", _key(word + english): f"{column}_en"}
    return by_key


_BY_KEY = _all_spellings()

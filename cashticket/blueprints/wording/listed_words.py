"""Cities and genres as English readers see them. Concerts name them in Korean; others stay as they are."""

from flask import Blueprint

from cashticket.blueprints.wording.formats import language

blueprint = Blueprint("listed_words", __name__)

CITIES = {
    "서울": "Seoul",
    "부산": "Busan",
    "대구": "Daegu",
    "인천": "Incheon",
    "광주": "Gwangju",
    "대전": "Daejeon",
    "울산": "Ulsan",
    "세종": "Sejong",
    "수원": "Suwon",
    "고양": "Goyang",
    "성남": "Seongnam",
    "용인": "Yongin",
    "춘천": "Chuncheon",
    "강릉": "Gangneung",
    "원주": "Wonju",
    "청주": "Cheongju",
    "천안": "Cheonan",
    "전주": "Jeonju",
    "목포": "Mokpo",
    "여수": "Yeosu",
    "순천": "Suncheon",
    "포항": "Pohang",
    "경주": "Gyeongju",
    "창원": "Changwon",
    "김해": "Gimhae",
    "통영": "Tongyeong",
    "제주": "Jeju",
}
GENRES = {
    "국악": "Korean traditional",
    "록": "Rock",
    "발라드": "Ballad",
    "오페라": "Opera",
    "인디": "Indie",
    "재즈": "Jazz",
    "클래식": "Classical",
    "포크": "Folk",
    "힙합": "Hip-hop",
    "뮤지컬": "Musical",
    "트로트": "Trot",
}
ENGLISH = CITIES | GENRES


@blueprint.app_template_filter()
def listed_word(stored: str) -> str:
    """A city or a genre in the reader's language."""
    return ENGLISH.get(stored, stored) if language() == "en" else stored

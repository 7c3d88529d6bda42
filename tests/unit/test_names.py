"""Names: what stands on identity cards of all countries is taken, what advertises is not."""

import pytest

from cashticket.accounts.names import looks_like_a_name


@pytest.mark.parametrize(
    "name",
    [
        "김앨리스", "남궁 민수", "제갈공명", "선우 하나", "Kim Ha-na", "O'Brien", "O’Brien", "D`Angelo",
        "Jean-Luc Picard",
        "José María de la Cruz y Borbón", "Nguyễn Thị Minh Khai", "Gal·la Placídia", "レオナルド・ダ・ヴィンチ",
        "محمد بن عبد الله", "Þórunn Jónsdóttir", "Åsa Öberg", "Владимир Владимирович", "王小明", "இராமசாமி",
        "J.R.R. Tolkien", "J.R. Ewing", "Md. Rahman", "Md.Rahman", "St.John Smith", "St. John", "Dr. Kim", "Prof. Lee",
        "Martin Luther King, Jr.", "Elizabeth 2", "John Smith 3rd", "X Æ A-12", "Anna (née Kim)", 'William "Bill" Hall',
        "María del Carmen de los Ángeles Fernández de Córdoba y Álvarez", "U", "Lê", "ǃXóõ", "d’Arc",
        "Wolfeschlegelsteinhausenbergerdorff", "Guest 1234", "ʻAukai", "N'Golo", "Ng", "Sri Lakshmi Narayanan Venkata",
        "Σωκράτης", "ישראל ישראלי", "สมชาย ใจดี", "김 수한무", "Comte de Saint-Germain", "Win Nyunt", "Net Kim",
        "Won Bin",
    ],
)  # fmt: skip
def test_a_name_of_any_country_is_taken(name: str) -> None:
    assert looks_like_a_name(name)


@pytest.mark.parametrize(
    "text",
    [
        "당첨! http://win.example/?a=1 에서 100만원 받기",
        "winner! Claim 1,000,000 won now: https://evil.example/claim?id=7",
        "evil.example", "www evil example", "win.com", "bit.ly", "여기.한국.com", "evil．example", "evil。com",
        "ev.il/x",
        "http：／／evil", "a@b.example", "kakao: abcd", "Click <here>", "100만원 받기", "Win 50 dollars", "50% off",
        "Congratulations. Claim your seat", "free tickets #1", "☎ 010", "010-1234-5678", "₩1000", "a=b", "win_now",
        "Congratulations, you have been chosen to take part in our wonderful draw for two free seats tonight",
        "당첨 🎉",
        "1234", "...", "-", "a, b, c, d", "x|y", "a\\b", "a;b", "Dear customer!", "Really?", "WWW.EVIL", "e.vil.top",
    ],
)  # fmt: skip
def test_a_link_or_an_advertisement_is_no_name(text: str) -> None:
    assert not looks_like_a_name(text)

"""Words for people: none that the glossary keeps from readers, and one register each for pages and for mails."""

import re
from collections.abc import Iterator

import pytest

from tests.house.source import PRODUCT, ROOT
from tests.house.test_translations import LANGUAGES, catalogue, forms

SECTION = "## Words that readers never see\n"
FRONT = ROOT / "deploy" / "front" / "answer_texts.conf"
# A greeting ends like that in both registers, and 필요 is a noun.
POLITE = re.compile(r"(?<!안녕하세)(?<!필)요(?![가-힣])")
FORMAL = re.compile(r"(?:니다|십시오)(?![가-힣])")


def forbidden() -> list[str]:
    """Every word of the left column of the glossary's table."""
    section = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8").partition(SECTION)[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`.+?) \| .+ \|$", section, re.MULTILINE)
    return [word for cell in cells for word in re.findall(r"`(.+?)`", cell)]


def pages(language: str) -> dict[str, str]:
    """What pages say, by message id, and what nginx says in their place."""
    said = {f"{each.id}": " ".join(forms(each)) for each in catalogue(language) if each.id}
    return said | {FRONT.name: FRONT.read_text(encoding="utf-8")}


def trust_pages(language: str) -> dict[str, str]:
    """Help, terms, privacy policy and rules of cancelling, by file."""
    folder = PRODUCT / "templates" / "trust" / language
    return {f"trust/{file.name}": file.read_text(encoding="utf-8") for file in folder.glob("*.html")}


def mails(language: str) -> dict[str, str]:
    """The texts of mails, by file."""
    folder = PRODUCT / "notify" / "templates" / language
    files = [*folder.glob("*.txt"), *folder.glob("account/*.txt")]
    return {str(file.relative_to(folder)): file.read_text(encoding="utf-8") for file in files}


def pushes(language: str) -> dict[str, str]:
    """The texts of pushes, by file: they stand on the screen of a phone, so they speak as pages do."""
    folder = PRODUCT / "notify" / "templates" / language / "push"
    return {f"push/{file.name}": file.read_text(encoding="utf-8") for file in folder.glob("*.txt")}


def holds(text: str, word: str) -> bool:
    """Whether a text says a word: Korean ones anywhere, as particles follow them, English ones as whole words."""
    pattern = re.escape(word)
    return re.search(rf"\b{pattern}\b" if word.isascii() else pattern, text, re.IGNORECASE) is not None


def faults(texts: dict[str, str]) -> Iterator[str]:
    """Texts that say a forbidden word."""
    words = forbidden()
    for place, text in texts.items():
        yield from (f"{place}: {word}" for word in words if holds(text, word))


def test_the_glossary_names_words_that_readers_never_see() -> None:
    assert len(forbidden()) > 20 and {"당첨", "이(가)", "in line"} <= set(forbidden())


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_that_people_read_says_a_forbidden_word(language: str) -> None:
    assert len(pages(language)) > 400 and len(mails(language)) > 20 and len(pushes(language)) > 10
    assert len(trust_pages(language)) == 4
    assert not list(faults(pages(language) | trust_pages(language) | mails(language) | pushes(language)))


def test_korean_pages_speak_one_register_and_mails_another() -> None:
    assert not [place for place, text in (pages("ko") | pushes("ko")).items() if FORMAL.search(text)]
    assert not [place for place, text in mails("ko").items() if POLITE.search(text)]


@pytest.mark.parametrize(
    "text", ["VIP 좌석에 당첨되셨습니다", "변경 #17", "좌석 VIP-1이(가) 나와", "You are 3rd in line."]
)
def test_a_forbidden_word_is_seen(text: str) -> None:
    assert list(faults({"here": text}))


def test_an_english_word_is_seen_only_as_a_whole() -> None:
    assert not list(faults({"here": "You are offline. Sign in online."}))


def test_the_register_of_a_mail_is_seen_on_a_page_and_the_other_way_round() -> None:
    assert FORMAL.search("경매가 끝났습니다. 결과를 불러오고 있어요.") and POLITE.search("이메일 주소를 인증해 주세요")
    assert not FORMAL.search("다음 대기자에게 넘어가요.")
    assert not POLITE.search("안녕하세요. 따로 신청하실 필요 없습니다.")

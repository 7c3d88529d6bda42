"""Words for people: whatever code and templates say is said in Korean and in English, completely."""

import io
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from babel.util import parse_encoding

from tests.house.source import PRODUCT, ROOT

LANGUAGES = ("ko", "en")
KEYWORDS = DEFAULT_KEYWORDS | {"lazy_gettext": None, "lazy_ngettext": (1, 2)}
PLACE = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
HANGUL = re.compile(r"[가-힣]")
# What Korean readers call by the same name.
SAME_IN_KOREAN = frozenset({"CashTicket", "English", "한국어"})

Key = tuple[str | None, str | tuple[str, ...]]


def methods() -> list[tuple[str, str]]:
    """The extraction rules of babel.cfg: (pattern, method)."""
    rules = re.findall(r"^\[(\w+): *(\S+)\]", (ROOT / "babel.cfg").read_text(encoding="utf-8"), re.MULTILINE)
    return [(pattern, method) for method, pattern in rules]


@cache
def said() -> dict[Key, str]:
    """Every message of code and templates, with one place where it is said."""
    found = extract_from_dir(PRODUCT, methods(), keywords=KEYWORDS, strip_comment_tags=True)
    return {(context, words): f"cashticket/{file}:{line}" for file, line, words, _, context in found if words}


@cache
def catalogue(language: str) -> Catalog:
    with po(language).open("rb") as file:
        assert parse_encoding(io.BytesIO(file.read(2000))) in (None, "utf-8")
        file.seek(0)
        return read_po(file, locale=language)


def po(language: str) -> Path:
    return PRODUCT / "translations" / language / "LC_MESSAGES" / "messages.po"


def entry(language: str, key: Key) -> Message | None:
    context, words = key
    return catalogue(language).get(words if isinstance(words, str) else words[0], context)


def forms(message: Message) -> tuple[str, ...]:
    text = message.string
    return (text,) if isinstance(text, str) else tuple(text or ())


def places(texts: Iterable[str]) -> set[str]:
    """The named holes of messages that are filled in later."""
    return {name or braces for text in texts for name, braces in PLACE.findall(text)}


def test_code_and_templates_say_something() -> None:
    ends = {place.partition(":")[0].rpartition(".")[2] for place in said().values()}
    assert {"py", "html"} <= ends


def test_no_message_is_a_scrap_of_a_sentence() -> None:
    """Korean orders its words otherwise; only whole sentences can be translated, with places to fill in."""
    scraps = {
        f"{place}: {text!r}"
        for (_, words), place in said().items()
        for text in ([words] if isinstance(words, str) else words)
        if text != text.strip() or text[:1] in set(",.;:")
    }
    assert not scraps, "\n".join(sorted(scraps))


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_said_is_in_the_catalogue(language: str) -> None:
    missing = {f"{place}: {key[1]!r}" for key, place in said().items() if entry(language, key) is None}
    assert not missing, "\n".join(sorted(missing))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_entry_is_empty_or_uncertain(language: str) -> None:
    entries = [message for message in catalogue(language) if message.id]
    assert entries
    assert not [message.id for message in entries if not all(forms(message)) or message.fuzzy]


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_the_same_places(language: str) -> None:
    wrong = {}
    for message in catalogue(language):
        wanted = places([message.id] if isinstance(message.id, str) else message.id)
        # A plural form for "one" may do without the number.
        if any(places([text]) - wanted or (wanted - {"num"}) - places([text]) for text in forms(message)):
            wrong[str(message.id)] = forms(message)
    assert not wrong


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_plural_has_all_its_forms(language: str) -> None:
    plurals = [message for message in catalogue(language) if isinstance(message.id, tuple | list)]
    assert not [message.id for message in plurals if len(forms(message)) != catalogue(language).num_plurals]


def test_the_korean_catalogue_speaks_korean() -> None:
    foreign = [
        message.id
        for message in catalogue("ko")
        if message.id
        and message.id not in SAME_IN_KOREAN
        and not all(HANGUL.search(text) for text in forms(message))
        # Figures and marks alone need no language.
        and re.search(r"[A-Za-z]{2}", PLACE.sub("", "".join(forms(message))))
    ]
    assert not foreign


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_keeps_nothing_that_nobody_says(language: str) -> None:
    spoken = {words if isinstance(words, str) else words[0] for _, words in said()}
    ids = (
        message.id if isinstance(message.id, str) else message.id[0] for message in catalogue(language) if message.id
    )
    assert not sorted(set(ids) - spoken)

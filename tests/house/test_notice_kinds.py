"""Every kind of notice has its mail texts and its page words, complete in both languages."""

import string
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from cashticket.auction.values import NoticeKind
from cashticket.blueprints.wording.notices import WRITERS, Words, words_of
from cashticket.locale import LANGUAGES
from cashticket.models import Notification
from cashticket.notify.kinds import TEXTS, Text, text_of
from cashticket.notify.texts import template

# What `notify.notices` adds to the facts of every notice.
ADDED = {"person", "concert", "auction_url", "tickets_url"}
SAMPLE = {"expires_at": datetime(2026, 11, 23, 3, tzinfo=UTC).isoformat(), "seat": "VIP-1"}
ALL_TEXTS = [(kind, why, text) for kind, texts in TEXTS.items() for why, text in texts.items()]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def facts_of(why: str, text: Text) -> dict[str, Any]:
    """A value for every fact that the table grants this text."""
    return {name: SAMPLE.get(name, 3) for name in text.facts} | ({"why": why} if why else {})


class RecordingFacts(dict[str, Any]):
    """Facts that remember which names were read."""

    def __init__(self, facts: dict[str, Any]) -> None:
        super().__init__(facts)
        self.names_read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.names_read.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names_read.add(name)
        return super().get(name, default)


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest, house: Flask) -> Iterator[str]:
    """The language that pages speak."""
    with house.test_request_context(), force_locale(request.param):
        yield request.param


def page_words(kind: NoticeKind, facts: dict[str, Any]) -> Words:
    return words_of(Notification(person_id=1, auction_id=1, kind=kind, occasion=1, facts=facts))


def test_every_kind_has_a_row_in_the_table_and_a_writer_for_the_page() -> None:
    assert set(TEXTS) == set(NoticeKind) == set(WRITERS)


def test_every_mail_text_belongs_to_a_kind(house: Flask) -> None:
    folder = f"{house.root_path}/notify/templates/"
    names = {text.name for _, _, text in ALL_TEXTS}
    for language in LANGUAGES:
        from_files = {path.stem for path in Path(folder, language).glob("*.txt")}
        assert from_files == names, language


@pytest.mark.parametrize(("kind", "why", "text"), ALL_TEXTS, ids=[text.name for _, _, text in ALL_TEXTS])
@pytest.mark.parametrize("in_language", LANGUAGES)
def test_a_mail_text_formats_only_the_facts_of_its_kind(
    kind: NoticeKind, why: str, text: Text, in_language: str
) -> None:
    subject, gap, body = template(in_language, text.name).partition("\n\n")
    assert subject.startswith("[CashTicket] ") and gap and body.strip()
    assert placeholders(subject + body) <= {*text.facts, *ADDED}
    assert text_of(kind, facts_of(why, text)) is text


@pytest.mark.parametrize(("kind", "why", "text"), ALL_TEXTS, ids=[text.name for _, _, text in ALL_TEXTS])
def test_a_page_says_every_kind_from_the_same_facts(kind: NoticeKind, why: str, text: Text, language: str) -> None:
    facts = RecordingFacts(facts_of(why, text))
    words = page_words(kind, facts)
    assert words.title and words.text and words.link and words.action and words.tone in ("good", "bad", "plain")
    assert facts.names_read <= {*text.facts, "why"}


def test_both_languages_say_a_kind_differently(house: Flask) -> None:
    with house.test_request_context():
        for kind, why, text in ALL_TEXTS:
            titles = set()
            for language in LANGUAGES:
                with force_locale(language):
                    titles.add(page_words(kind, facts_of(why, text)).title)
            assert len(titles) == len(LANGUAGES), kind


def test_an_unknown_kind_or_variant_is_an_error(house: Flask) -> None:
    with house.test_request_context(), pytest.raises(KeyError):
        words_of(Notification(person_id=1, auction_id=1, kind="something_new", occasion=1, facts={}))
    with pytest.raises(KeyError):
        text_of("something_new", {})  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        text_of(NoticeKind.PASSED_OVER, {"why": "no_reason"})

"""Every kind of notice has its mail texts and its page words, complete in both languages."""

import re
import string
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from cashticket.auction.notice_topics import TOPICS
from cashticket.auction.values import NoticeKind
from cashticket.blueprints.wording.notices import WRITERS, Words, words_of
from cashticket.locale import LANGUAGES
from cashticket.models import Notification
from cashticket.models.push_adding import PUSH_TERMS
from cashticket.notify.kinds import TEXTS, Text, text_of
from cashticket.notify.pushes import LINKS
from cashticket.notify.texts import template
from tests.house.source import Module, calls, product_modules

# What `notify.notices` adds to the facts of every notice.
ADDED = {"person", "concert", "auction_url", "tickets_url", "seat_lines", "reason_line"}
MOMENT = datetime(2026, 11, 23, 3, tzinfo=UTC).isoformat()
SAMPLE = dict.fromkeys(["expires_at", "ends_at", "bought_at", "cancel_until", "left_at", "ended_at"], MOMENT) | {
    "seat": "VIP-1"
}
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
    assert re.match(r"\[[^]]+\] .*\{concert\}$", subject) and gap and body.strip(), "what happened comes first"
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


# Module that stores notices → why it notes nobody.
TOLD_OTHERWISE = {"cashticket/ledger/displacements.py": "the hubs hear of displacements by the news of the auction"}


def stores_notices(source: Module) -> bool:
    """Whether a module makes rows of the table of notices."""
    makes = any(name == "Notification" for name, _ in calls(source))
    return makes or "insert(Notification)" in source.text


def test_whoever_stores_a_notice_has_the_open_pages_of_its_person_told() -> None:
    writers = {source.path: source for source in product_modules() if stores_notices(source)}
    assert len(writers) >= 4 and writers.keys() >= TOLD_OTHERWISE.keys()
    silent = {path for path, source in writers.items() if "note_notices(" not in source.text}
    assert silent == TOLD_OTHERWISE.keys()


@pytest.mark.parametrize(("kind", "why", "text"), ALL_TEXTS, ids=[text.name for _, _, text in ALL_TEXTS])
@pytest.mark.parametrize("in_language", LANGUAGES)
def test_a_push_says_every_kind_shortly_and_formats_only_its_facts(
    kind: NoticeKind, why: str, text: Text, in_language: str
) -> None:
    title, gap, body = template(in_language, f"push/{text.name}").partition("\n\n")
    assert 0 < len(title) <= 40 and gap and 0 < len(body.strip()) <= 130 and "\n" not in title + body.strip()
    assert placeholders(title + body) <= {*text.facts, "concert"}, "a locked screen shows it: no name"


def test_every_push_text_belongs_to_a_kind_and_every_kind_has_a_topic_and_terms(house: Flask) -> None:
    names = {text.name for _, _, text in ALL_TEXTS}
    for language in LANGUAGES:
        folder = Path(house.root_path, "notify", "templates", language, "push")
        assert {path.stem for path in folder.glob("*.txt")} == names, language
    pushed = set(NoticeKind) - {NoticeKind.NEW_BROWSER}
    assert set(TOPICS) == set(PUSH_TERMS) == set(LINKS) == pushed

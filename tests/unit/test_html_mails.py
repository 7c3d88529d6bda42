"""The HTML part of every mail says what its text part says, and what people typed is nothing but text in it."""

import re
from html.parser import HTMLParser

import pytest

from cashticket.locale import LANGUAGES
from cashticket.notify.mail import compose
from cashticket.notify.mail_page import LABELS, page_of
from cashticket.notify.texts import SETTINGS_WORDS, UNSUBSCRIBE_WORDS, Letter
from tests.staging.every_mail import BUSINESS, SITE, Names, every_mail
from tests.staging.mails import html_of, text_of

MARKUP = "<img src=https://evil.example/x onerror=alert(1)>\"'&{{7*7}}<a href=https://evil.example>"
HOSTILE = Names(person=MARKUP, title=MARKUP, reason=MARKUP, zone=MARKUP)
ADDRESS = re.compile(r"https://\S+")
ALL = [(language, name) for language in LANGUAGES for name, _ in every_mail(language)]


class Page(HTMLParser):
    """What an HTML part shows: its lines of text, its links and its tags with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.lines: list[str] = []
        self._ignored = ""
        self.feed(html)

    @property
    def links(self) -> list[str | None]:
        return [attributes["href"] for tag, attributes in self.tags if "href" in attributes]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._ignored = tag if tag in ("style", "title") else ""

    def handle_endtag(self, tag: str) -> None:
        self._ignored = ""

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._ignored:
            self.lines.append(" ".join(data.split()))


def letter_of(language: str, name: str, names: Names | None = None) -> Letter:
    return dict(every_mail(language, names))[name]


def said(letter: Letter) -> list[str]:
    """The lines of the text part without its addresses and without the words before them."""
    lines = [" ".join(line.split()) for line in letter.body.splitlines()]
    return [line for line in lines if line and not ADDRESS.search(line)]


@pytest.mark.parametrize(("language", "name"), ALL)
def test_both_parts_say_the_same_and_lead_to_the_same_pages(language: str, name: str) -> None:
    letter = letter_of(language, name)
    page = Page(page_of(letter, {}))
    header, subject, *shown = page.lines
    assert (header, subject) == ("CashTicket", letter.subject)
    words = [part.lines[0] for part in letter.parts if part.url]
    words += [UNSUBSCRIBE_WORDS[language], SETTINGS_WORDS[language]]
    assert [line for line in shown if line not in words] == said(letter), "each sentence, once, in the same order"
    assert page.links == ADDRESS.findall(letter.body)
    assert all(line.rpartition(": ")[0] in words for line in letter.body.splitlines() if ": https" in line)
    assert "{" not in "".join(shown)


@pytest.mark.parametrize(("language", "name"), ALL)
def test_what_people_typed_becomes_no_markup_and_no_link(language: str, name: str) -> None:
    plain = Page(page_of(letter_of(language, name), BUSINESS))
    hostile = Page(page_of(letter_of(language, name, HOSTILE), {**BUSINESS, "name": MARKUP}))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert hostile.links == plain.links and all(link.startswith(SITE) for link in hostile.links if link)
    assert any(MARKUP in line for line in hostile.lines)


def test_a_title_that_is_an_address_or_has_lines_becomes_no_link() -> None:
    names = Names(title="https://evil.example/\n{tickets_url}\nhttps://evil.example/")
    letter = letter_of("en", "won", names)
    assert [part.url for part in letter.parts if part.url] == [f"{SITE}/me/tickets"]
    assert "evil.example" not in "".join(link or "" for link in Page(page_of(letter, {})).links)


@pytest.mark.parametrize(("language", "name"), ALL)
def test_nothing_is_loaded_from_elsewhere_and_nothing_runs(language: str, name: str) -> None:
    html = page_of(letter_of(language, name), BUSINESS)
    tags = Page(html).tags
    assert tags[0] == ("html", {"lang": language})
    assert not {"script", "img", "link", "iframe", "object", "form", "input", "svg"} & {tag for tag, _ in tags}
    assert not [name for _, attributes in tags for name in attributes if name.startswith("on") or name == "src"]
    assert "url(" not in html and "@import" not in html and len(html.encode()) < 10_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_footer_has_the_facts_that_are_filled_in(language: str) -> None:
    letter = letter_of(language, "not_won")
    *_, footer = Page(page_of(letter, BUSINESS)).lines
    labels = LABELS[language]
    assert footer == " · ".join(f"{labels[fact]} {BUSINESS[fact]}" for fact in ("name", "address", "email"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_has_the_text_first_and_the_page_last(language: str) -> None:
    for name, letter in every_mail(language):
        mail = compose(letter, "CashTicket <post@tickets.example>", "id", BUSINESS)
        assert mail.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"], name
        assert text_of(mail).replace("\r\n", "\n") == letter.body and html_of(mail).strip() == page_of(letter, BUSINESS)

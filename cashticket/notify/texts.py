"""Mail texts: `templates/<language>/<name>.txt` holds a subject, an empty line and a body for str.format."""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from cashticket.locale import DEFAULT_LANGUAGE, SEOUL

WEEKDAYS = "월화수목금토일"


SETTINGS_WORDS = {
    "ko": "이런 메일의 수신 여부는 알림 설정에서 바꾸실 수 있습니다",
    "en": "Choose which of these mails you get",
}
"""What the page is called on which people choose what they are told of."""

UNSUBSCRIBE_WORDS = {"ko": "이런 메일 그만 받기", "en": "Turn these mails off"}
"""What the link is called that turns off mails of the kind in which it stands."""


class Part(NamedTuple):
    """A paragraph of a mail, by its lines; with a `url` a link, and its words are the only line."""

    lines: tuple[str, ...]
    url: str = ""


class Letter(NamedTuple):
    """A mail before it is sent. `to` is an e-mail address, `body` the text part, `parts` the same for the HTML part.
    `settings_url` is the page on which its reader chooses which such mails to get, `unsubscribe_url` turns them off by
    itself; both "" for one that is needed."""

    to: str
    subject: str
    body: str
    settings_url: str = ""
    parts: tuple[Part, ...] = ()
    language: str = DEFAULT_LANGUAGE
    unsubscribe_url: str = ""


@cache
def template(language: str, name: str) -> str:
    """The whole text `name`. Raises FileNotFoundError when the language has none."""
    return (files("cashticket.notify") / "templates" / language / f"{name}.txt").read_text(encoding="utf-8")


def fill(language: str, name: str, values: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and body. Raises KeyError for a value that the text needs and `values` lacks."""
    subject, _, body = template(language, name).format_map(values).partition("\n\n")
    return " ".join(subject.split()), body


def moment(at: datetime, language: str) -> str:
    """A moment in Seoul time with its weekday, as the language writes it."""
    local = at.astimezone(UTC).astimezone(SEOUL)
    if language == "ko":
        weekday = WEEKDAYS[local.weekday()]
        return f"{local.year}년 {local.month}월 {local.day}일 ({weekday}) {local:%H:%M}"
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} (Seoul)"

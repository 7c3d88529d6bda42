"""The parts of a mail as its HTML shows them: paragraphs and links, in the order of the text part.

Links are found in a text before it is filled, so that nothing that people typed becomes one.
"""

import re
from collections.abc import Mapping
from typing import Any

from cashticket.notify.texts import Part, template

LINK = re.compile(r"(?:(?P<label>[^{}]+): )?(?P<address>\{(?:site|auction_url|tickets_url)\}\S*)")
"""A line that is nothing but a link, with or without a label."""

WORDS_BY_TEXT = {
    "ko": {"account/email_changed": "원래 주소로 되돌리기", "account/change": "이메일 변경 마치기"},
    "en": {"account/email_changed": "Take your address back", "account/change": "Verify the new address"},
}
"""What a link without a label is called in one text."""

WORDS_BY_ADDRESS = {
    "ko": {
        "{auction_url}": "경매 보기",
        "{auction_url}/results": "경매 결과 보기",
        "{tickets_url}": "내 티켓 보기",
        "{tickets_url}#award-{award_id}": "티켓 보기",
        "{site}": "CashTicket 열기",
        "{site}/confirm/{link}": "이메일 인증하기",
        "{site}/reset/{link}": "새 비밀번호 정하기",
        "{site}/reset": "비밀번호 다시 정하기",
        "{site}/me/profile/security": "보안 설정 보기",
    },
    "en": {
        "{auction_url}": "See the auction",
        "{auction_url}/results": "See the results",
        "{tickets_url}": "See your tickets",
        "{tickets_url}#award-{award_id}": "See your ticket",
        "{site}": "Open CashTicket",
        "{site}/confirm/{link}": "Verify your e-mail address",
        "{site}/reset/{link}": "Set a new password",
        "{site}/reset": "Set a new password",
        "{site}/me/profile/security": "See your security settings",
    },
}
"""What it is called in every other."""


def parts_of(language: str, name: str, values: Mapping[str, Any]) -> tuple[Part, ...]:
    """The parts of the body of a text. Raises KeyError for a value that it needs and `values` lacks, and for a link
    that has no words."""
    _, _, body = template(language, name).partition("\n\n")
    parts: list[Part] = []
    lines: list[str] = []
    for line in [*body.split("\n"), ""]:
        link = LINK.fullmatch(line)
        filled = "" if link else line.format_map(values)
        lines += [each for each in filled.split("\n") if each]
        if lines and (not filled or filled.endswith("\n")):
            parts.append(Part(tuple(lines)))
            lines = []
        if link:
            words = link["label"] or words_of(language, name, link["address"])
            parts.append(Part((words,), link["address"].format_map(values)))
    return tuple(parts)


def words_of(language: str, name: str, address: str) -> str:
    """What a link without a label is called; `address` as the text has it. Raises KeyError for an unknown one."""
    by_text = WORDS_BY_TEXT[language].get(name) if "{link}" in address else None
    return by_text or WORDS_BY_ADDRESS[language][address.partition("?")[0]]

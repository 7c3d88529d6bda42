"""Moments that somebody may plan by are marked up, so that a visitor from elsewhere reads them by their own clock."""

import re

import pytest

from tests.house.source import templates

PLANNED_BY = re.compile(r"\b(?:opens_at|expires_at|cancel_until|starts_at|closes_at)(?:_ms)?\s*\|\s*(?:near_)?moment\b")
# The address of a page for those who share it: other programs show it as it is.
PLAIN = re.compile(r"\{% block summary %\}.*?\{%-? endblock %\}|\{#.*?#\}", re.DOTALL)


def unmarked(template: str) -> list[str]:
    """What a template writes of such moments outside of a `time` element."""
    text = PLAIN.sub("", template)
    return [
        found[0]
        for found in PLANNED_BY.finditer(text)
        if text.rfind("<time", 0, found.start()) <= text.rfind("</time", 0, found.start())
    ]


def test_every_moment_to_plan_by_is_marked_up() -> None:
    assert not {name: found for name, text in templates().items() if (found := unmarked(text))}


@pytest.mark.parametrize(
    ("template", "count"),
    [
        ("{{ _('Buy it before %(when)s', when=award.expires_at|moment) }}", 1),
        ("<time>{{ a.opens_at|near_moment }}</time> {{ terms.opens_at_ms|moment('second') }}", 1),
        ('<time datetime="{{ a.opens_at|iso }}">{{ a.opens_at|near_moment }}</time>', 0),
        ("{{ _('Buy it before %(when)s', when=award.expires_at|planned) }} {{ auction.ends_at|moment }}", 0),
    ],
)
def test_a_moment_without_mark_up_is_seen(template: str, count: int) -> None:
    assert len(unmarked(template)) == count

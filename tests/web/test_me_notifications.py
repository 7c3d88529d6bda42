"""Notices on my page: every kind is a sentence, and only the form marks notices as read."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.web.my_page import add_notice, seen_at, text_of, words_of


def test_a_winner_reads_what_was_won_and_until_when(
    client: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    words = words_of(sign_in(client, "alice"), "/me/notifications")
    assert "You won a VIP seat New" in words and "No. 1, seat VIP-1 for ₩150,000." in words
    assert "1 unread notification" in words


@pytest.mark.parametrize(
    ("kind", "facts", "title"),
    [
        ("not_won", {"rank": 3, "amount": 130_000, "position": 1}, "You joined the waitlist"),
        ("passed_over", {"rank": 3, "amount": 130_000, "why": "holds_ticket"}, "one person, one ticket"),
        ("passed_over", {"rank": 3, "amount": 130_000, "why": "account"}, "Your account can’t hold tickets"),
        ("voided", {}, "The auction was voided"),
        ("revoked", {"seat": "VIP-1", "reason": "fraud"}, "Your seat was revoked"),
        ("bought", {"seat": "VIP-1", "award_id": 7, "cancel_until": "2099-01-01T00:00:00Z"}, "You bought a VIP seat"),
        ("rank_out", {}, "You were outbid"),
    ],
)
def test_every_kind_of_notice_is_a_sentence(
    client: Browser, people: dict[str, Person], contested_auction: int, kind: str, facts: dict[str, Any], title: str
) -> None:
    add_notice(people["mallory"].id, contested_auction, kind, **facts)
    mallory = sign_in(client, "mallory")
    assert title in words_of(mallory, "/me/notifications")
    assert mallory.get("/me/notifications?lang=ko").status_code == 200


def test_notices_become_read_by_the_form_and_only_those_that_were_shown(
    client: Browser, people: dict[str, Person], contested_auction: int
) -> None:
    mallory, alice = people["mallory"].id, people["alice"].id
    others = add_notice(alice, contested_auction, "rank_out", 1)
    shown = add_notice(mallory, contested_auction, "rank_out", 2)
    browser = sign_in(client, "mallory")
    page = text_of(browser, "/me/notifications")
    assert seen_at(shown) is None
    arrived = add_notice(mallory, contested_auction, "rank_out", 3)
    through = re.search(r'name="through" value="(\d+)"', page)
    assert through is not None
    form = {"csrf_token": browser.token("/me/notifications"), "through": through[1]}
    answer = browser.post("/me/notifications", data=form)
    assert (answer.status_code, answer.location) == (303, "/me/notifications")
    assert seen_at(shown) is not None and seen_at(arrived) is None and seen_at(others) is None
    assert "1 unread notification" in words_of(browser, "/me/notifications")


def test_notices_are_not_marked_without_the_token_or_with_a_strange_number(
    client: Browser, people: dict[str, Person], contested_auction: int
) -> None:
    waiting = add_notice(people["mallory"].id, contested_auction, "rank_out", 1)
    browser = sign_in(client, "mallory")
    assert browser.post("/me/notifications", data={"through": str(waiting)}).status_code == 400
    for through in ("", "x", "-1", "٣", "9" * 17):
        form = {"csrf_token": browser.token("/me/notifications"), "through": through}
        assert browser.post("/me/notifications", data=form).status_code == 400
    assert seen_at(waiting) is None


def test_older_notices_are_on_the_next_page(client: Browser, people: dict[str, Person], contested_auction: int) -> None:
    first, *_ = [add_notice(people["mallory"].id, contested_auction, "rank_out", number) for number in range(1, 32)]
    browser = sign_in(client, "mallory")
    page = text_of(browser, "/me/notifications")
    assert page.count("You were outbid") == 30
    older = re.search(r'href="(/me/notifications\?before=\d+)"', page)
    assert older is not None and older[1] == f"/me/notifications?before={first + 1}"
    page = text_of(browser, older[1])
    # A page of older notices has no form, because it does not show the newest.
    assert page.count("You were outbid") == 1 and 'name="through"' not in page


def test_only_signed_in_people_see_a_count_in_the_header(
    browser: Callable[[], Browser], people: dict[str, Person], contested_auction: int
) -> None:
    for number in (1, 2):
        add_notice(people["mallory"].id, contested_auction, "rank_out", number)

    def header(visitor: Browser) -> str:
        return text_of(visitor, "/me/header") + text_of(visitor, f"/auctions/{contested_auction}/standing?with=account")

    assert header(sign_in(browser(), "mallory")).count("2 unread") == 2
    assert "unread)" not in header(sign_in(browser(), "carol"))
    assert "unread)" not in header(browser())

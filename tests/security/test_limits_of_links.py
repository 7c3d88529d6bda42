"""Mails with links: nobody floods a mailbox, and nobody takes the link that its owner needs."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from cashticket.accounts import hashing_pool, passwords
from cashticket.accounts.mail_links import Purpose
from cashticket.blueprints.request.mail_limits import FIRST_OF_MAILBOX, MORE_OF_MAILBOX
from cashticket.extensions import db
from cashticket.models import AccountMail
from tests.fixtures.people import Browser
from tests.security.limited import CAFE, ELSEWHERE, HOME, browser_at, try_sign_in
from tests.staging.mails import Mailbox
from tests.web.sign_ups import ALICE

SENT, BUSY = 303, 503


def count_mails(purpose: Purpose, email: str = "alice@example.com") -> int:
    db.session.rollback()
    rows = select(func.count()).select_from(AccountMail)
    return db.session.scalar(rows.where(AccountMail.purpose == purpose, AccountMail.email == email)) or 0


def ask_reset(client: Browser, email: str = "alice@example.com") -> None:
    answer = client.post("/reset", data={"email": email, "csrf_token": client.token("/reset")})
    assert (answer.status_code, answer.location) == (SENT, "/reset/sent"), "the answer never shows the limit"


def sign_up(client: Browser, email: str = "alice@example.com") -> None:
    form = ALICE | {"email": email, "csrf_token": client.token("/signup")}
    answer = client.post("/signup", data=form)
    assert (answer.status_code, answer.location) == (SENT, "/signup/sent")


@pytest.mark.parametrize("act", [ask_reset, sign_up])
def test_ten_mails_that_a_stranger_asked_for_leave_the_owner_theirs(
    limited: Flask, act: Callable[[Browser], None]
) -> None:
    stranger = browser_at(limited, ELSEWHERE)
    for _ in range(14):
        act(stranger)
    before = count_mails(Purpose.RESET)
    ask_reset(browser_at(limited, HOME))
    assert count_mails(Purpose.RESET) == before + 1


def test_sign_ups_take_no_reset_from_the_same_address(limited: Flask) -> None:
    campus = browser_at(limited, HOME)
    for _ in range(14):
        sign_up(campus)
    ask_reset(campus)
    assert count_mails(Purpose.RESET) == 1


def test_a_newcomer_gets_a_link_although_strangers_typed_the_address(limited: Flask) -> None:
    for number in range(6):
        stranger = browser_at(limited, f"192.0.2.{number}")
        for _ in range(6):
            sign_up(stranger, "dave@example.com")
    before = count_mails(Purpose.CONFIRM, "dave@example.com")
    sign_up(browser_at(limited, HOME), "dave@example.com")
    assert count_mails(Purpose.CONFIRM, "dave@example.com") == before + 1


def test_a_known_browser_gets_a_link_whatever_strangers_do(limited: Flask) -> None:
    home = browser_at(limited, HOME)
    assert try_sign_in(home).status_code == SENT
    for number in range(FIRST_OF_MAILBOX.tries_max + MORE_OF_MAILBOX.tries_max + 2):
        ask_reset(browser_at(limited, f"192.0.2.{number}"))
    before = count_mails(Purpose.RESET)
    ask_reset(browser_at(limited, CAFE))
    assert count_mails(Purpose.RESET) == before, "a mailbox is not flooded from many addresses either"
    ask_reset(home)
    assert count_mails(Purpose.RESET) == before + 1


def test_one_asker_sends_ten_mails_an_hour_to_a_mailbox(limited: Flask) -> None:
    stranger = browser_at(limited, ELSEWHERE)
    for _ in range(14):
        ask_reset(stranger)
    assert count_mails(Purpose.RESET) == 10


def test_all_strangers_together_send_a_bounded_number_of_mails(limited: Flask) -> None:
    for number in range(5):
        stranger = browser_at(limited, f"192.0.2.{number}")
        for _ in range(10):
            ask_reset(stranger)
    assert count_mails(Purpose.RESET) == 5 + MORE_OF_MAILBOX.tries_max


@pytest.mark.parametrize("path", ["/signup", "reset link"])
def test_a_busy_moment_keeps_the_form_and_spends_nothing(
    limited: Flask, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = browser_at(limited)
    if path == "reset link":
        ask_reset(client)
        path = Mailbox(limited).link("alice@example.com")
    form = ALICE | {"email": "dave@example.com", "csrf_token": client.token(path)}
    monkeypatch.setattr(passwords.pool, "places", 0)
    for _ in range(12):
        answer = client.post(path, data=form)
        assert (answer.status_code, answer.headers["Retry-After"]) == (BUSY, "2")
    page = answer.get_data(as_text=True)
    assert 'role="alert"' in page and 'name="password"' in page
    if path == "/signup":
        assert "dave@example.com" in page and ALICE["name"] in page
    monkeypatch.setattr(passwords.pool, "places", hashing_pool.PLACES_MAX)
    assert client.post(path, data=form).status_code == SENT

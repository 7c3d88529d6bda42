"""A sign-in from a browser that was never used for an account is told to its owner, by mail and in the inbox."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from cashticket.accounts import known_browsers
from cashticket.accounts.people import find_by_email
from cashticket.extensions import db
from cashticket.models import KnownBrowser, Person
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser, sign_in
from tests.staging.mails import Mailbox, text_of
from tests.staging.rows import PASSWORD

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1"
MAIL = {"ko": ("새 기기에서 로그인했습니다", "Safari, iPhone"), "en": ("New sign-in to your account", "Safari, iPhone")}


def sign_in_again(client: Browser, name: str = "alice") -> Browser:
    """Sign in as if the session had ended. Other cookies stay."""
    client.delete_cookie("cashticket")
    return sign_in(client, name)


def count_browsers() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(KnownBrowser)) or 0


def subjects(mailbox: Mailbox, to: str = "alice@example.com") -> list[str]:
    return [letter["Subject"] for letter in mailbox.letters(to)]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_second_browser_is_told_the_first_is_not(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], language: str
) -> None:
    in_one_unit(lambda session: session.execute(update(Person).values(locale=language)))
    mailbox = Mailbox(app)
    first = sign_in(browser(), "alice")
    assert subjects(mailbox) == []
    thief = browser()
    thief.environ_base["HTTP_USER_AGENT"] = IPHONE
    sign_in(thief, "alice")
    letter = mailbox.newest("alice@example.com")
    subject, device = MAIL[language]
    assert subject in letter["Subject"]
    assert device in text_of(letter) and "/reset" in text_of(letter)
    page = first.get("/me/notifications").get_data(as_text=True)
    title = "새 기기에서 로그인했어요" if language == "ko" else "Sign-in from a new device"
    assert title in page and device in page and 'href="/me/profile"' in page
    assert title in first.get("/me/notifications/latest").get_data(as_text=True)


def test_a_known_browser_is_not_told_again(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    mailbox, first, second = Mailbox(app), browser(), browser()
    for client in (first, second, first, second):
        sign_in_again(client)
    assert len(subjects(mailbox)) == 1


def test_two_people_may_share_a_browser(app: Flask, browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    mailbox, shared = Mailbox(app), browser()
    sign_in(shared, "alice")
    sign_in_again(shared, "bob")
    sign_in_again(shared, "alice")
    assert subjects(mailbox, "") == []
    sign_in(browser(), "alice")
    sign_in_again(shared, "bob")
    assert len(subjects(mailbox, "alice@example.com")) == 1
    assert subjects(mailbox, "bob@example.com") == []


def test_a_new_password_forgets_every_browser_but_the_one_it_came_from(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    owner, thief = sign_in(browser(), "alice"), sign_in(browser(), "alice")
    form = {"password": "another fine phrase", "current_password": PASSWORD, "csrf_token": owner.token("/me/profile")}
    assert owner.post("/me/profile/password", data=form).status_code == 303
    assert count_browsers() == 1
    mailbox = Mailbox(app)
    before = len(mailbox.letters("alice@example.com"))
    for client, mails in ((owner, 0), (thief, 1)):
        client.delete_cookie("cashticket")
        sign_in(client, "alice", "another fine phrase")
        assert len(mailbox.letters("alice@example.com")) == before + mails


def test_closing_the_account_erases_its_browsers(browser: Callable[[], Browser], people: dict[str, Person]) -> None:
    owner = sign_in(browser(), "alice")
    form = {"sure": "yes", "current_password": PASSWORD, "csrf_token": owner.token("/me/profile")}
    assert owner.post("/me/profile/close", data=form).status_code == 303
    assert count_browsers() == 0


def test_the_table_holds_no_token_and_at_most_twenty_browsers_a_person(app: Flask, people: dict[str, Person]) -> None:
    alice = find_by_email("alice@example.com")
    assert alice
    tokens = [known_browsers.new_token() for _ in range(known_browsers.BROWSERS_MAX + 5)]
    for token in tokens:
        known_browsers.remember(alice.id, token, "a browser")
    assert count_browsers() == known_browsers.BROWSERS_MAX
    assert [known_browsers.is_known("Alice@example.com", token) for token in (tokens[0], tokens[-1])] == [False, True]
    assert not known_browsers.is_known("bob@example.com", tokens[-1])
    assert not known_browsers.is_known("nonsense", tokens[-1])
    stored = set(db.session.scalars(select(KnownBrowser.token_hash)))
    assert not stored & set(tokens)

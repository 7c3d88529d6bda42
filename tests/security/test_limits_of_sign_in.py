"""Limits on passwords protect an account and never keep its owner out."""

import pytest
from flask import Flask

from cashticket.accounts import hashing_pool, passwords
from cashticket.blueprints.request.password_limits import FAILURES_OF_ACCOUNT, account_key
from cashticket.blueprints.request.rate_limits import counters
from cashticket.blueprints.request.windows import Bucket, Full
from tests.security.limited import CAFE, ELSEWHERE, HOME, browser_at, fail, try_sign_in
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD

FAILED, LIMITED, BUSY = 422, 429, 503
NEW = "another fine phrase"


def test_a_stranger_who_fails_a_hundred_times_locks_no_known_browser_out(limited: Flask) -> None:
    home = browser_at(limited, HOME)
    assert try_sign_in(home).status_code == 303
    mallory = browser_at(limited, ELSEWHERE)
    assert set(fail(mallory, 100)) == {FAILED, LIMITED}
    assert try_sign_in(browser_at(limited, CAFE)).status_code == LIMITED, "a browser that nobody knows waits"
    assert try_sign_in(home).status_code == 303


def test_a_known_browser_gets_in_although_its_address_has_failed_too_often(limited: Flask) -> None:
    home = browser_at(limited, HOME)
    assert try_sign_in(home).status_code == 303
    for number in range(11):
        fail(browser_at(limited, HOME), 10, f"somebody{number}@example.com")
    assert try_sign_in(browser_at(limited, HOME), "bob@example.com").status_code == LIMITED
    assert try_sign_in(home).status_code == 303


def test_a_known_browser_guesses_no_more_often_than_others(limited: Flask) -> None:
    home = browser_at(limited, HOME)
    try_sign_in(home)
    assert fail(home, 11) == [FAILED] * 10 + [LIMITED]
    assert try_sign_in(home).status_code == LIMITED
    assert try_sign_in(browser_at(limited, CAFE)).status_code == 303, "its failures lock no other browser out"


def test_each_known_browser_has_a_count_of_its_own(limited: Flask) -> None:
    """Somebody guesses at a computer that alice once signed in at; she is at home."""
    home, cafe = browser_at(limited, HOME), browser_at(limited, CAFE)
    assert try_sign_in(home).status_code == try_sign_in(cafe).status_code == 303
    assert fail(cafe, 11) == [FAILED] * 10 + [LIMITED]
    assert try_sign_in(home).status_code == 303


def test_being_known_for_one_account_helps_with_no_other(limited: Flask) -> None:
    mallory = browser_at(limited, ELSEWHERE)
    try_sign_in(mallory, "mallory@example.com")
    fail(browser_at(limited, CAFE), 10)
    assert try_sign_in(mallory).status_code == LIMITED


@pytest.mark.parametrize("value", ["", "rubbish", "a.b", "{token}", "{token}x", "x{token}"])
def test_a_forged_cookie_makes_no_browser_known(limited: Flask, value: str) -> None:
    home = browser_at(limited, HOME)
    try_sign_in(home)
    cookie = home.get_cookie("browser")
    assert cookie is not None
    forger = browser_at(limited, ELSEWHERE)
    forger.set_cookie("browser", value.replace("{token}", cookie.value.partition(".")[0]))
    fail(browser_at(limited, CAFE), 10)
    assert try_sign_in(forger).status_code == LIMITED


def test_the_cookie_is_for_the_server_alone_and_lasts_a_year(limited: Flask) -> None:
    answer = try_sign_in(browser_at(limited))
    cookie = next(each for each in answer.headers.getlist("Set-Cookie") if each.startswith("browser="))
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Max-Age=34560000" in cookie


def test_a_refused_try_prolongs_nothing(limited: Flask) -> None:
    mallory = browser_at(limited)
    fail(mallory, 30)
    bucket = Bucket(FAILURES_OF_ACCOUNT, account_key("alice@example.com"))
    counters().give_back(counters()._shared, [bucket])
    counters().take([bucket])
    with pytest.raises(Full):
        counters().take([bucket])


def test_right_passwords_have_a_limit_too_from_every_browser_together(limited: Flask) -> None:
    statuses = [try_sign_in(browser_at(limited, f"203.0.113.{number}")).status_code for number in range(31)]
    assert statuses == [303] * 30 + [LIMITED]


def test_a_completed_reset_clears_the_failures_and_knows_the_browser(limited: Flask) -> None:
    mailbox, owner = Mailbox(limited), browser_at(limited, CAFE)
    fail(browser_at(limited, ELSEWHERE), 12)
    assert try_sign_in(owner).status_code == LIMITED
    owner.post("/reset", data={"email": "alice@example.com", "csrf_token": owner.token("/reset")})
    link = mailbox.link("alice@example.com")
    assert owner.post(link, data={"password": NEW, "csrf_token": owner.token(link)}).status_code == 303
    fail(browser_at(limited, ELSEWHERE), 12)
    assert try_sign_in(owner, password=NEW).status_code == 303, "the attack goes on, and the owner is in"


def test_proving_a_password_has_limits_that_strangers_cannot_fill(limited: Flask) -> None:
    home = browser_at(limited)
    try_sign_in(home)
    fail(browser_at(limited, ELSEWHERE), 12)
    form = {"password": NEW, "current_password": PASSWORD, "csrf_token": home.token("/me/profile")}
    assert home.post("/me/profile/password", data=form | {"current_password": "wrong"}).status_code == FAILED
    assert home.post("/me/profile/password", data=form).status_code == 303


def test_a_stolen_session_guesses_the_password_ten_times(limited: Flask) -> None:
    thief = browser_at(limited)
    try_sign_in(thief)
    form = {"password": NEW, "current_password": "wrong", "csrf_token": thief.token("/me/profile")}
    statuses = [thief.post("/me/profile/password", data=form).status_code for _ in range(11)]
    assert statuses == [FAILED] * 10 + [LIMITED]


@pytest.mark.parametrize("door", ["sign-in", "proof"])
def test_a_busy_moment_costs_no_try_and_keeps_the_form(
    limited: Flask, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = browser_at(limited)
    try_sign_in(home)
    form = {"email": "new@example.com", "current_password": PASSWORD, "csrf_token": home.token("/me/profile")}
    monkeypatch.setattr(passwords.pool, "places", 0)
    for _ in range(31):
        answer = try_sign_in(browser_at(limited)) if door == "sign-in" else home.post("/me/profile/email", data=form)
        assert (answer.status_code, answer.headers["Retry-After"]) == (BUSY, "2")
    assert ("alice@example.com" if door == "sign-in" else "new@example.com") in answer.get_data(as_text=True)
    monkeypatch.setattr(passwords.pool, "places", hashing_pool.PLACES_MAX)
    answer = try_sign_in(browser_at(limited)) if door == "sign-in" else home.post("/me/profile/email", data=form)
    assert answer.status_code == 303

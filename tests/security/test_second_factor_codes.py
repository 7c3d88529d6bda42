"""The second step of a sign-in by codes: what it opens, and what opens nothing."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.accounts import recovery
from cashticket.accounts.second_factors import WRONG_CODES_MAX
from cashticket.extensions import db
from cashticket.models import PendingSignIn, Person, SignIn, WrongCode
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser, sign_in
from tests.staging.mails import Mailbox, text_of
from tests.staging.rows import PASSWORD
from tests.staging.second_factor import App, is_signed_in, second_step, set_app, type_password

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def app_of_alice(alice: Browser, people: dict[str, Person]) -> App:
    """Alice's authenticator app, set up."""
    return set_app(alice, people["alice"].id)


@pytest.fixture
def visitor(client: Browser, app_of_alice: App) -> Browser:
    """A new browser in which alice's password was typed, and nothing else."""
    answer = type_password(client, next="/me/bids")
    assert (answer.status_code, answer.location) == (303, "/login/second")
    return client


def test_a_sign_in_without_a_second_factor_stays_one_request(client: Browser, people: dict[str, Person]) -> None:
    assert type_password(client, next="/me/bids").location == "/me/bids"
    assert is_signed_in(client)


def test_the_code_of_the_app_ends_the_sign_in_where_it_was_going(visitor: Browser, app_of_alice: App) -> None:
    answer = second_step(visitor, code=f" {app_of_alice.next_code()[:3]} {app_of_alice.code()[3:]} ")
    assert (answer.status_code, answer.location) == (303, "/me/bids")
    assert is_signed_in(visitor)


def test_the_password_alone_opens_nothing(visitor: Browser, app: Flask) -> None:
    assert not is_signed_in(visitor)
    for path in ("/me", "/me/profile", "/me/profile/security", "/me/tickets", "/awards/1/confirm"):
        assert visitor.get(path).status_code == 303, path
    token = visitor.token("/login/second")
    for path in ("/me/profile/email", "/auctions/1/bids", "/awards/1/buy", "/me/profile/close"):
        answer = visitor.post(path, data={"csrf_token": token, "current_password": PASSWORD})
        assert (answer.status_code, answer.headers["Location"][:6]) == (303, "/login"), path


@pytest.mark.parametrize("steps_ahead", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(visitor: Browser, app_of_alice: App, steps_ahead: int) -> None:
    app_of_alice.next_code()
    assert second_step(visitor, code=app_of_alice.code(steps_ahead)).status_code == 303


@pytest.mark.parametrize("typed", ["000000", "12345", "1234567", "abcdef", "٠٠٠٠٠٠", "-00001", "0" * 500])
def test_a_wrong_code_signs_nobody_in(visitor: Browser, app_of_alice: App, typed: str) -> None:
    assert second_step(visitor, code=app_of_alice.wrong_code() if typed == "000000" else typed).status_code == 422
    assert not is_signed_in(visitor)


def test_a_recovery_code_fits_into_the_field_of_the_app(visitor: Browser, app_of_alice: App) -> None:
    page = visitor.get("/login/second").text
    lengths = [int(length) for length in re.findall(r'name="code"[^>]*maxlength="(\d+)"', page)]
    assert len(lengths) == 2 and min(lengths) >= len(app_of_alice.codes[0]), "a browser would cut it off"


def test_a_code_works_once(visitor: Browser, app_of_alice: App, browser: Callable[[], Browser]) -> None:
    code = app_of_alice.next_code()
    assert second_step(visitor, code=code).status_code == 303
    other = browser()
    type_password(other)
    assert second_step(other, code=code).status_code == 422
    assert not is_signed_in(other)


def test_the_code_that_set_up_the_app_does_not_sign_in(visitor: Browser, app_of_alice: App) -> None:
    assert second_step(visitor, code=app_of_alice.code(-1)).status_code == 422


def test_after_five_wrong_codes_the_password_is_asked_again_and_the_owner_is_told(
    visitor: Browser, app_of_alice: App, app: Flask
) -> None:
    for _ in range(4):
        assert 'action="/login/second"' in second_step(visitor, code=app_of_alice.wrong_code()).get_data(as_text=True)
    fifth = second_step(visitor, code=app_of_alice.wrong_code())
    assert (fifth.status_code, 'action="/login"' in fifth.get_data(as_text=True)) == (422, True)
    sixth = visitor.post("/login/second", data={"code": app_of_alice.next_code(), "csrf_token": visitor.token()})
    assert 'action="/login"' in sixth.get_data(as_text=True)
    assert not is_signed_in(visitor)
    assert "2단계 인증에는 다섯 번 실패" in text_of(Mailbox(app).newest("alice@example.com"))


def test_an_old_cookie_brings_no_more_tries(visitor: Browser, app_of_alice: App) -> None:
    token = visitor.token("/login/second")
    with visitor.session_transaction() as content:
        copy = dict(content)
    for _ in range(7):
        with visitor.session_transaction() as content:
            content.clear()
            content.update(copy)
        visitor.post("/login/second", data={"code": app_of_alice.wrong_code(), "csrf_token": token})
    assert len(wrong_codes(app_of_alice.person_id)) == 5


def test_wrong_codes_are_counted_over_all_browsers(app_of_alice: App, browser: Callable[[], Browser]) -> None:
    most = WRONG_CODES_MAX[0][0]
    for _ in range(most // 5):
        client = browser()
        type_password(client)
        for _ in range(5):
            second_step(client, code=app_of_alice.wrong_code())
    assert len(wrong_codes(app_of_alice.person_id)) == most
    client = browser()
    type_password(client)
    refused = second_step(client, code=app_of_alice.next_code())
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 15 * 60 + 1
    assert not is_signed_in(client)
    # The owner is not locked out: a recovery code is never counted.
    assert second_step(client, code=app_of_alice.codes[0]).status_code == 303


def test_a_new_password_by_mail_forgets_the_wrong_codes_and_keeps_the_factor(
    app_of_alice: App, browser: Callable[[], Browser], app: Flask, client: Browser
) -> None:
    now = utcnow()
    rows = [WrongCode(person_id=app_of_alice.person_id, at=now) for _ in range(50)]
    in_one_unit(lambda session: session.add_all(rows))
    client.post("/reset", data={"email": "alice@example.com", "csrf_token": client.token("/reset")})
    link = Mailbox(app).link("alice@example.com")
    new = "another fine phrase"
    client.post(link, data={"password": new, "csrf_token": client.token(link)})
    other = browser()
    assert type_password(other, password=new).location == "/login/second"
    assert not is_signed_in(other)
    assert second_step(other, code=app_of_alice.next_code()).status_code == 303


def test_a_pending_sign_in_ends_after_ten_minutes(visitor: Browser, app_of_alice: App) -> None:
    token = visitor.token("/login/second")
    old = update(PendingSignIn).values(created_at=utcnow() - timedelta(minutes=10, seconds=1))
    in_one_unit(lambda session: session.execute(old))
    answer = visitor.post("/login/second", data={"code": app_of_alice.next_code(), "csrf_token": token})
    assert (answer.status_code, 'action="/login"' in answer.get_data(as_text=True)) == (422, True)
    assert not is_signed_in(visitor)


def test_a_pending_sign_in_succeeds_once(visitor: Browser, app_of_alice: App) -> None:
    with visitor.session_transaction() as content:
        copy = dict(content)
    assert second_step(visitor, code=app_of_alice.next_code()).status_code == 303
    with visitor.session_transaction() as content:
        content.clear()
        content.update(copy)
    answer = visitor.get("/login/second")
    assert 'action="/login"' in answer.get_data(as_text=True)


def test_a_pending_sign_in_is_of_one_browser(visitor: Browser, browser: Callable[[], Browser]) -> None:
    other = browser()
    assert other.get("/login/second").location == "/login"


def test_a_changed_password_ends_a_pending_sign_in(visitor: Browser, app_of_alice: App) -> None:
    token = visitor.token("/login/second")
    recovery.change_password(app_of_alice.person_id, "another fine phrase", keep="")
    visitor.post("/login/second", data={"code": app_of_alice.next_code(), "csrf_token": token})
    assert not is_signed_in(visitor)


def test_a_new_session_has_a_new_handle(visitor: Browser, app_of_alice: App, alice: Browser) -> None:
    before = handles()
    second_step(visitor, code=app_of_alice.next_code())
    assert len(handles() - before) == 1


def test_a_recovery_code_works_once_in_any_spelling_and_the_owner_is_told(
    visitor: Browser, app_of_alice: App, browser: Callable[[], Browser], app: Flask
) -> None:
    code = app_of_alice.codes[3]
    assert second_step(visitor, code=code.lower().replace("-", " ")).status_code == 303
    assert "복구 코드가 사용되었습니다" in " ".join(
        each["Subject"] for each in Mailbox(app).letters("alice@example.com")
    )
    other = browser()
    type_password(other)
    assert second_step(other, code=code).status_code == 422
    assert not is_signed_in(other)


def test_a_recovery_code_of_somebody_else_is_refused(
    visitor: Browser, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    of_mallory = set_app(sign_in(browser(), "mallory"), people["mallory"].id)
    assert second_step(visitor, code=of_mallory.codes[0]).status_code == 422
    assert second_step(visitor, code=of_mallory.next_code()).status_code == 422


def test_an_empty_field_costs_no_try(visitor: Browser, app_of_alice: App) -> None:
    for _ in range(6):
        assert second_step(visitor, code=" ").status_code == 422
    assert second_step(visitor, code=app_of_alice.next_code()).status_code == 303


def test_a_form_that_is_out_of_date_comes_back_and_costs_no_try(visitor: Browser, app_of_alice: App) -> None:
    for _ in range(6):
        answer = visitor.post("/login/second", data={"code": app_of_alice.code(), "csrf_token": "old"})
        assert (answer.status_code, 'id="code"' in answer.get_data(as_text=True)) == (400, True)
    assert second_step(visitor, code=app_of_alice.next_code()).status_code == 303


def test_programs_are_told_in_a_document(visitor: Browser, app_of_alice: App) -> None:
    token = visitor.token("/login/second")
    form = {"code": app_of_alice.wrong_code(), "csrf_token": token}
    answer = visitor.post("/login/second", data=form, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.get_json(force=True)["reason"]) == (422, "wrong")


def wrong_codes(person_id: int) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(WrongCode.id).where(WrongCode.person_id == person_id)))


def handles() -> set[str]:
    db.session.rollback()
    return set(db.session.scalars(select(SignIn.handle)))

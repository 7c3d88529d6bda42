"""Two-step verification in the profile: each act asks for what protects the account, and its owner is told."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.accounts import recovery
from cashticket.accounts.one_time_codes import app_code, step_at
from cashticket.extensions import db
from cashticket.models import AuthenticatorApp, Passkey, Person, RecoveryCode
from cashticket.models.columns import utcnow
from tests.fixtures.people import Browser, sign_in
from tests.staging.authenticator import Authenticator
from tests.staging.mails import Mailbox
from tests.staging.second_factor import (
    PAGE,
    App,
    add_passkey,
    is_signed_in,
    options,
    second_step,
    send,
    set_app,
    shown_codes,
    shown_secret,
    type_password,
)

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ACTS = ("/app/remove", "/codes", "/off")


@pytest.fixture
def app_of_alice(alice: Browser, people: dict[str, Person]) -> App:
    """Alice's authenticator app, set up."""
    return set_app(alice, people["alice"].id)


def text_of(browser: Browser, path: str = "") -> str:
    return browser.get(PAGE + path).get_data(as_text=True)


def test_an_app_is_set_up_by_its_first_code_and_ten_codes_are_shown_once(
    alice: Browser, people: dict[str, Person], app: Flask
) -> None:
    secret = shown_secret(alice)
    assert shown_secret(alice) == secret, "a reload keeps the secret"
    answer = send(alice, "/app", new_code=app_code(secret, step_at(utcnow())))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert len(set(shown_codes(answer))) == 10
    assert shown_codes(answer)[0] not in text_of(alice) and "10개 중 10개 남음" in text_of(alice)
    assert shown_secret(alice) != secret, "the secret in force is never shown again"
    assert "인증 앱이 등록되었습니다" in subjects(app)


@pytest.mark.parametrize("wrong", [{"new_code": "000000"}, {"current_password": "wrong"}, {"new_code": ""}])
def test_nothing_is_set_up_by_a_wrong_code_or_password(
    alice: Browser, people: dict[str, Person], wrong: dict[str, str]
) -> None:
    right = app_code(shown_secret(alice), step_at(utcnow()))
    assert send(alice, "/app", **({"new_code": right} | wrong)).status_code == 422
    assert rows(AuthenticatorApp) == 0


def test_a_secret_that_was_not_confirmed_ends_after_ten_minutes(alice: Browser, people: dict[str, Person]) -> None:
    secret = shown_secret(alice)
    with alice.session_transaction() as content:
        sealed, made_at = content["app_setup"]
        content["app_setup"] = [sealed, made_at - 601]
    answer = send(alice, "/app", new_code=app_code(secret, step_at(utcnow())))
    assert (answer.status_code, answer.location) == (303, f"{PAGE}/app")
    assert rows(AuthenticatorApp) == 0
    assert shown_secret(alice) != secret


def test_a_secret_of_another_session_sets_nothing_up(
    alice: Browser, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    secret = shown_secret(alice)
    with alice.session_transaction() as content:
        of_alice = content["app_setup"]
    mallory = sign_in(browser(), "mallory")
    with mallory.session_transaction() as content:
        content["app_setup"] = of_alice
    assert send(mallory, "/app", new_code=app_code(secret, step_at(utcnow()))).status_code == 303
    assert rows(AuthenticatorApp) == 0


def test_the_table_does_not_hold_the_secret(app_of_alice: App) -> None:
    db.session.rollback()
    stored = db.session.scalars(select(AuthenticatorApp.sealed_secret)).one()
    assert app_of_alice.secret.hex() not in stored and len(stored) > 60
    hashes = db.session.scalars(select(RecoveryCode.code_hash)).all()
    assert not {code.replace("-", "") for code in app_of_alice.codes} & set(hashes)


@pytest.mark.parametrize("path", ACTS)
def test_each_act_needs_password_and_factor(alice: Browser, app_of_alice: App, path: str) -> None:
    assert send(alice, path).status_code == 422
    assert send(alice, path, code=app_of_alice.wrong_code()).status_code == 422
    assert send(alice, path, code=app_of_alice.next_code(), current_password="wrong").status_code == 422
    assert rows(AuthenticatorApp) == 1
    assert send(alice, path, code=app_of_alice.next_code()).status_code in (200, 303)


def test_another_factor_needs_the_first_one(alice: Browser, app_of_alice: App) -> None:
    assert add_passkey(alice, Authenticator()).status_code == 422
    assert rows(Passkey) == 0
    answer = add_passkey(alice, Authenticator(), code=app_of_alice.next_code())
    assert (answer.status_code, rows(Passkey)) == (303, 1), "no new codes: the first ones go on"


def test_removing_the_last_factor_removes_the_recovery_codes(alice: Browser, app_of_alice: App, app: Flask) -> None:
    add_passkey(alice, Authenticator(), code=app_of_alice.next_code())
    assert send(alice, "/app/remove", code=app_of_alice.next_code()).status_code == 303
    assert (rows(AuthenticatorApp), rows(RecoveryCode)) == (0, 10)
    assert "2단계 인증 수단이 삭제되었습니다" in subjects(app)
    [passkey] = db.session.scalars(select(Passkey.id)).all()
    assert send(alice, f"/passkeys/{passkey}/remove", code=app_of_alice.codes[0]).status_code == 303
    assert (rows(Passkey), rows(RecoveryCode)) == (0, 0)
    assert "2단계 인증이 꺼졌습니다" in subjects(app)


def test_turning_off_leaves_nothing(alice: Browser, app_of_alice: App, client: Browser) -> None:
    assert send(alice, "/off", code=app_of_alice.codes[0]).status_code == 303
    assert [rows(table) for table in (AuthenticatorApp, Passkey, RecoveryCode)] == [0, 0, 0]
    assert type_password(client).location == "/"


def test_new_recovery_codes_end_the_earlier_ones(
    alice: Browser, app_of_alice: App, client: Browser, app: Flask
) -> None:
    fresh = shown_codes(send(alice, "/codes", code=app_of_alice.next_code()))
    assert len(fresh) == 10 and not set(fresh) & set(app_of_alice.codes)
    type_password(client)
    assert second_step(client, code=app_of_alice.codes[1]).status_code == 422
    assert second_step(client, code=fresh[0]).status_code == 303
    assert "복구 코드가 새로 발급되었습니다" in subjects(app)


def test_a_passkey_gets_a_name_and_another_one(alice: Browser, people: dict[str, Person]) -> None:
    add_passkey(alice, key := Authenticator(), name="  my <b>phone</b> ")
    [passkey] = db.session.scalars(select(Passkey)).all()
    assert "my &lt;b&gt;phone&lt;/b&gt;" in text_of(alice)
    assert send(alice, f"/passkeys/{passkey.id}", name=" ", passkey=key.sign(options(alice))).status_code == 422
    assert send(alice, f"/passkeys/{passkey.id}", name="desk").status_code == 422
    assert send(alice, f"/passkeys/{passkey.id}", name="desk", passkey=key.sign(options(alice))).status_code == 303
    assert "desk" in text_of(alice)


def test_the_passkey_of_somebody_else_is_not_there(
    alice: Browser, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    add_passkey(alice, Authenticator())
    [passkey] = db.session.scalars(select(Passkey.id)).all()
    mallory = sign_in(browser(), "mallory")
    for path in (f"/passkeys/{passkey}", f"/passkeys/{passkey}/remove"):
        assert mallory.get(PAGE + path).status_code == 404
        assert send(mallory, path, name="mine").status_code == 404
    assert rows(Passkey) == 1


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/email", {"email": "new@example.com"}),
        ("/password", {"password": "another fine phrase"}),
        ("/close", {"sure": "yes"}),
    ],
)
def test_changes_of_the_account_need_the_factor_too(
    alice: Browser, app_of_alice: App, path: str, fields: dict[str, str]
) -> None:
    address = f"/me/profile{path}"
    assert send(alice, address, **fields).status_code == 422
    assert send(alice, address, **fields, code=app_of_alice.wrong_code()).status_code == 422
    assert send(alice, address, **fields, code=app_of_alice.next_code()).status_code == 303


def test_a_closed_account_keeps_no_factor(alice: Browser, app_of_alice: App) -> None:
    recovery.close(app_of_alice.person_id)
    assert [rows(table) for table in (AuthenticatorApp, Passkey, RecoveryCode)] == [0, 0, 0]


def test_after_a_reset_a_passkey_works_alone_only_once_the_new_password_was_used(
    alice: Browser, people: dict[str, Person], browser: Callable[[], Browser], app: Flask
) -> None:
    add_passkey(alice, key := Authenticator())
    visitor, new = browser(), "another fine phrase"
    visitor.post("/reset", data={"email": "alice@example.com", "csrf_token": visitor.token("/reset")})
    link = Mailbox(app).link("alice@example.com")
    visitor.post(link, data={"password": new, "csrf_token": visitor.token(link)})

    def alone(client: Browser) -> bool:
        given = options(client, "/login/passkey/options", "/login")
        client.post("/login/passkey", data={"passkey": key.sign(given), "csrf_token": client.token()})
        return is_signed_in(client)

    assert not alone(browser())
    client = browser()
    type_password(client, password=new)
    assert second_step(client, passkey=key.sign(options(client, page="/login/second"))).status_code == 303
    assert alone(browser())


def rows(table: type) -> int:
    db.session.rollback()
    return len(db.session.scalars(select(table)).all())


def subjects(app: Flask) -> str:
    return "\n".join(letter["Subject"] for letter in Mailbox(app).letters("alice@example.com"))

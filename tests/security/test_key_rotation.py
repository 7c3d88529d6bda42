"""SECRET_KEY can be replaced while people are signed in: what the former key signed is taken, and the new one signs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from flask.sessions import SecureCookieSessionInterface, session_json_serializer
from itsdangerous import BadSignature, URLSafeTimedSerializer

from cashticket import config, create_app
from cashticket.blueprints.request.form_tokens import PURPOSE
from cashticket.extensions import db
from cashticket.signing import SIGNER, NoSigningKey, key_name, keyed_hash, serializer
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.mails import Mailbox
from tests.web.sign_ups import sign_up

COOKIE = "cashticket"
OLD = "a-key-for-tests-only"
NEW = "another-key-for-tests-only"


@contextmanager
def rotated(settings: config.Settings, *former: str) -> Iterator[Flask]:
    """The installation of `settings` after its key was changed, with the `former` keys that are still taken."""
    app = create_app(replace(settings, secret_key=NEW, secret_key_fallbacks=former))
    app.test_client_class = Browser
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def cookie_of(client: Browser) -> str:
    cookie = client.get_cookie(COOKIE)
    assert cookie
    return str(cookie.value)


def moved(client: Browser, app: Flask) -> Browser:
    """The browser of `client` in front of another installation."""
    browser = app.test_client()
    browser.set_cookie(COOKIE, cookie_of(client))
    assert isinstance(browser, Browser)
    return browser


def test_who_was_signed_in_stays_so_and_their_open_forms_work(
    settings: config.Settings, app: Flask, alice: Browser
) -> None:
    token = alice.token("/me/profile")
    with rotated(settings, OLD) as app_after:
        browser = moved(alice, app_after)
        assert browser.get("/me/profile").status_code == 200
        assert browser.post("/logout", data={"csrf_token": token}).status_code == 303


def test_without_the_former_key_everybody_signs_in_again(settings: config.Settings, app: Flask, alice: Browser) -> None:
    with rotated(settings) as app_after:
        assert moved(alice, app_after).get("/me/profile").status_code == 303


def test_a_link_in_a_mail_that_was_sent_before_still_works(
    settings: config.Settings, app: Flask, client: Browser
) -> None:
    sign_up(client)
    link = Mailbox(app).link("alice@example.com")
    with rotated(settings) as app_without:
        assert app_without.test_client().get(link).status_code == 410
    with rotated(settings, OLD) as app_after:
        assert app_after.test_client().get(link).status_code == 200


def test_what_is_signed_after_the_change_is_signed_with_the_new_key(settings: config.Settings, app: Flask) -> None:
    with rotated(settings, OLD) as app_after:
        make_person("bob")
        browser = app_after.test_client()
        assert isinstance(browser, Browser)
        sign_in(browser, "bob")
        old, new = (opened(key, "cookie-session") for key in (OLD, NEW))
        assert "_user_id" in str(new(cookie_of(browser)))
        with pytest.raises(BadSignature):
            old(cookie_of(browser))
        token = browser.token("/me/profile")
        assert opened(NEW, PURPOSE)(token)
        with pytest.raises(BadSignature):
            opened(OLD, PURPOSE)(token)


def opened(key: str, purpose: str) -> Callable[[str], object]:
    """Reads what `key` has signed: session cookies, or the tokens of forms. Raises BadSignature."""
    if purpose == PURPOSE:
        return serializer([key], purpose).loads
    return URLSafeTimedSerializer(key, salt=purpose, serializer=session_json_serializer, signer_kwargs=SIGNER).loads


def test_nothing_is_signed_by_sha_1(app: Flask, alice: Browser) -> None:
    """A signature of SHA-1 has 20 bytes, which are 27 letters; one of SHA-256 has 43."""
    for signed in (cookie_of(alice), alice.token("/me/profile"), serializer([OLD], "account-mail").dumps([1, "n"])):
        assert len(str(signed).rpartition(".")[2]) == 43


def test_a_cookie_that_sha_1_signed_is_nobodys(app: Flask, alice: Browser) -> None:
    payload = opened(OLD, "cookie-session")(cookie_of(alice))
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    alice.set_cookie(COOKIE, signer.dumps(payload))
    assert alice.get("/me/profile").status_code == 303


def test_sessions_are_the_librarys_own_in_both_directions(app: Flask, alice: Browser) -> None:
    """So a release that prepares its signers and one that does not read each other's cookies."""
    library = URLSafeTimedSerializer(
        OLD, salt="cookie-session", serializer=session_json_serializer, signer_kwargs=SIGNER
    )
    content = library.loads(cookie_of(alice)) | {"_flashes": [("success", "kept"), ("error", "both")]}
    ours = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    assert ours.loads(library.dumps(content)) == library.loads(ours.dumps(content)) == content
    alice.set_cookie(COOKIE, library.dumps(content))
    assert alice.get("/me/profile").status_code == 200


def test_a_session_that_one_letter_was_changed_in_is_nobodys(app: Flask, alice: Browser) -> None:
    value, _, signature = cookie_of(alice).rpartition(".")
    for forged in (f"{value}A.{signature}", f"{value}.{'A' if signature[0] != 'A' else 'B'}{signature[1:]}", value):
        alice.set_cookie(COOKIE, forged)
        assert alice.get("/me/profile").status_code == 303


def test_a_keyed_hash_names_its_key_and_tells_nothing_about_it() -> None:
    before, after = (keyed_hash([key], "mail", "alice@example.com") for key in (OLD, NEW))
    assert before.partition(":")[0] == key_name(OLD) and after.partition(":")[0] == key_name(NEW)
    assert before.partition(":")[2] != after.partition(":")[2]
    assert keyed_hash([OLD, NEW], "mail", "alice@example.com") == after
    assert keyed_hash([NEW], "limit", "alice@example.com") != after


def test_a_process_without_a_key_signs_nothing_instead_of_signing_with_an_empty_one() -> None:
    for use in (lambda: serializer([""], "account-mail"), lambda: keyed_hash([OLD, ""], "mail", "x")):
        with pytest.raises(NoSigningKey):
            use()


def test_over_tls_every_cookie_belongs_to_this_host_alone(settings: config.Settings, app: Flask) -> None:
    with rotated(replace(settings, base_url="https://tickets.example"), OLD) as secure:
        make_person("carol")
        browser = secure.test_client()
        answers = [browser.get("/login?lang=en", base_url="https://tickets.example")]
        cookies = [cookie for answer in answers for cookie in answer.headers.getlist("Set-Cookie")]
        assert {cookie.partition("=")[0] for cookie in cookies} == {"__Host-cashticket", "__Host-lang"}
        for cookie in cookies:
            parts = {part.strip() for part in cookie.split(";")[1:]}
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= parts
            assert not [part for part in parts if part.startswith("Domain")]


@pytest.mark.parametrize("purpose", ["account-mail", "known-browser", PURPOSE])
def test_a_token_of_one_kind_is_none_of_another(purpose: str) -> None:
    token = serializer([NEW], purpose).dumps("value")
    assert serializer([NEW], purpose).loads(token) == "value"
    with pytest.raises(BadSignature):
        serializer([NEW], f"{purpose}-of-another-kind").loads(token)
    with pytest.raises(BadSignature):
        serializer([NEW], "cookie-session").loads(token)

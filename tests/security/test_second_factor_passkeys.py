"""Passkeys: as the second step, without a password, and what proves nothing."""

import json
from collections.abc import Callable

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask
from sqlalchemy import select

from cashticket.accounts import blocking
from cashticket.extensions import db
from cashticket.models import Passkey, Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.authenticator import Authenticator, base64url, unbase64url
from tests.staging.second_factor import (
    PAGE,
    add_passkey,
    is_signed_in,
    options,
    second_step,
    send,
    set_app,
    shown_codes,
    type_password,
)

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ANYBODY = "/login/passkey/options"
# Numbers of COSE: ECDSA, EdDSA, RSA-PSS and RSA with PKCS #1 v1.5, each with SHA-2 or better.
APPROVED = {-7, -35, -36, -8, -37, -38, -39, -257, -258, -259}
RSA_SHA1 = -65535


@pytest.fixture
def key(alice: Browser, people: dict[str, Person]) -> Authenticator:
    """Alice's authenticator, with a passkey of hers."""
    made = Authenticator()
    assert len(shown_codes(add_passkey(alice, made))) == 10
    return made


@pytest.fixture
def visitor(client: Browser, key: Authenticator) -> Browser:
    """A new browser in which alice's password was typed, and nothing else."""
    assert type_password(client).location == "/login/second"
    return client


def sign_in_alone(client: Browser, answer: str, **fields: str):  # type: ignore[no-untyped-def]
    return client.post("/login/passkey", data={"passkey": answer, "csrf_token": client.token()} | fields)


def ask_anybody(client: Browser):  # type: ignore[no-untyped-def]
    return options(client, ANYBODY, "/login")


def ask_pending(client: Browser):  # type: ignore[no-untyped-def]
    return options(client, page="/login/second")


def test_the_passkey_is_the_second_step(visitor: Browser, key: Authenticator) -> None:
    given = ask_pending(visitor)
    assert [each["id"] for each in given["allowCredentials"]] == [base64url(key.credential_id)]
    assert given["userVerification"] == "preferred"
    assert second_step(visitor, passkey=key.sign(given)).status_code == 303
    assert is_signed_in(visitor)


def test_a_security_key_without_a_pin_is_a_second_step_but_no_sign_in(
    visitor: Browser, key: Authenticator, browser: Callable[[], Browser]
) -> None:
    key.verifies = False
    assert second_step(visitor, passkey=key.sign(ask_pending(visitor))).status_code == 303
    other = browser()
    assert sign_in_alone(other, key.sign(ask_anybody(other))).status_code == 422
    assert not is_signed_in(other)


def test_a_passkey_that_knows_its_owner_signs_in_alone(client: Browser, key: Authenticator) -> None:
    given = ask_anybody(client)
    assert (given["userVerification"], given.get("allowCredentials", [])) == ("required", [])
    answer = sign_in_alone(client, key.sign(given), next="/me/bids")
    assert (answer.status_code, answer.location) == (303, "/me/bids")
    assert is_signed_in(client)


def test_a_next_page_elsewhere_is_not_followed(client: Browser, key: Authenticator) -> None:
    assert sign_in_alone(client, key.sign(ask_anybody(client)), next="https://evil.example/").location == "/"


@pytest.mark.parametrize("field", ["origin", "rp_id"])
def test_an_answer_given_to_another_site_is_refused(visitor: Browser, key: Authenticator, field: str) -> None:
    setattr(key, field, "http://localhost:8000.evil.example" if field == "origin" else "evil.example")
    assert second_step(visitor, passkey=key.sign(ask_pending(visitor))).status_code == 422
    assert sign_in_alone(visitor, key.sign(ask_anybody(visitor))).status_code == 422
    assert not is_signed_in(visitor)


def test_an_answer_works_once(visitor: Browser, key: Authenticator, browser: Callable[[], Browser]) -> None:
    key.counts = False
    answer = key.sign(ask_pending(visitor))
    with visitor.session_transaction() as content:
        challenge = content["passkey_challenge"]
    assert second_step(visitor, passkey=answer).status_code == 303
    other = browser()
    type_password(other)
    other.token("/login/second")
    with other.session_transaction() as content:
        content["passkey_challenge"] = challenge
    assert second_step(other, passkey=answer).status_code == 422
    assert not is_signed_in(other)


def test_a_challenge_of_somebody_else_is_not_answered(visitor: Browser, key: Authenticator) -> None:
    """Neither one that was never given nor one that was given for a sign-in without a password."""
    invented = {"challenge": base64url(b"x" * 32)}
    assert second_step(visitor, passkey=key.sign(invented)).status_code == 422
    assert second_step(visitor, passkey=key.sign(ask_anybody(visitor))).status_code == 422
    assert not is_signed_in(visitor)


def test_a_challenge_is_too_old_after_five_minutes(visitor: Browser, key: Authenticator) -> None:
    answer = key.sign(ask_pending(visitor))
    with visitor.session_transaction() as content:
        person, challenge, given_at, handle = content["passkey_challenge"]
        content["passkey_challenge"] = [person, challenge, given_at - 301, handle]
    assert second_step(visitor, passkey=answer).status_code == 422


def test_the_passkey_of_somebody_else_is_refused(
    visitor: Browser, key: Authenticator, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    of_mallory = Authenticator()
    add_passkey(sign_in(browser(), "mallory"), of_mallory)
    assert second_step(visitor, passkey=of_mallory.sign(ask_pending(visitor))).status_code == 422
    # A key that mallory has copied the public name of signs with another key.
    of_mallory.credential_id, of_mallory.user_handle = key.credential_id, key.user_handle
    assert second_step(visitor, passkey=of_mallory.sign(ask_pending(visitor))).status_code == 422
    assert sign_in_alone(visitor, of_mallory.sign(ask_anybody(visitor))).status_code == 422
    assert not is_signed_in(visitor)


def test_another_account_in_the_answer_is_refused(client: Browser, key: Authenticator) -> None:
    key.user_handle = base64url(b"somebody else")
    assert sign_in_alone(client, key.sign(ask_anybody(client))).status_code == 422


def test_a_copied_authenticator_is_refused_once_the_other_went_on(
    visitor: Browser, key: Authenticator, browser: Callable[[], Browser]
) -> None:
    key.uses = 7
    assert second_step(visitor, passkey=key.sign(ask_pending(visitor))).status_code == 303
    for uses in (3, 7):
        key.uses = uses
        other = browser()
        assert sign_in_alone(other, key.sign(ask_anybody(other))).status_code == 422
        assert not is_signed_in(other)


def test_a_changed_answer_is_refused(visitor: Browser, key: Authenticator) -> None:
    answer = json.loads(key.sign(ask_pending(visitor)))
    data = bytearray(unbase64url(answer["response"]["authenticatorData"]))
    data[-1] ^= 1
    answer["response"]["authenticatorData"] = base64url(bytes(data))
    assert second_step(visitor, passkey=json.dumps(answer)).status_code == 422


@pytest.mark.parametrize("answer", ["x", "[]", "{}", '{"id": 1}', '{"id":"a","rawId":"a","response":{}}', "{" * 9000])
def test_a_malformed_answer_is_refused(visitor: Browser, answer: str) -> None:
    ask_pending(visitor)
    assert second_step(visitor, passkey=answer).status_code == 422
    ask_anybody(visitor)
    assert sign_in_alone(visitor, answer).status_code == 422


def test_a_removed_passkey_signs_nobody_in(client: Browser, key: Authenticator, alice: Browser) -> None:
    [row] = passkeys()
    proof = {"passkey": key.sign(options(alice))}
    assert send(alice, f"/passkeys/{row.id}/remove", **proof).status_code == 303
    assert sign_in_alone(client, key.sign(ask_anybody(client))).status_code == 422
    assert type_password(client).location == "/"


def test_a_closed_or_blocked_account_has_no_passkey(client: Browser, key: Authenticator, app: Flask) -> None:
    blocking.block(passkeys()[0].person_id)
    assert passkeys() == []
    assert sign_in_alone(client, key.sign(ask_anybody(client))).status_code == 422
    assert not is_signed_in(client)


def test_a_registration_for_another_site_or_challenge_is_refused(alice: Browser, people: dict[str, Person]) -> None:
    address = f"{PAGE}/passkeys/options"
    assert send(alice, "/passkeys/new", name="x", created="").status_code == 422
    wrong_site = Authenticator(origin="https://evil.example")
    made = wrong_site.make(options(alice, address))
    assert send(alice, "/passkeys/new", name="x", created=made).status_code == 422
    other_party = Authenticator(rp_id="evil.example")
    made = other_party.make(options(alice, address))
    assert send(alice, "/passkeys/new", name="x", created=made).status_code == 422
    given = options(alice, address)
    made = Authenticator().make(given | {"challenge": base64url(b"y" * 32)})
    assert send(alice, "/passkeys/new", name="x", created=made).status_code == 422
    assert passkeys() == []


class Sha1Authenticator(Authenticator):
    """Makes keys for RSA with SHA-1, which is not approved for signatures any more."""

    def _public_key(self) -> bytes:
        numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
        return cbor2.dumps({1: 3, 3: RSA_SHA1, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")})


def test_only_approved_kinds_of_signature_are_offered_and_taken(alice: Browser, people: dict[str, Person]) -> None:
    address = f"{PAGE}/passkeys/options"
    offered = [each["alg"] for each in options(alice, address)["pubKeyCredParams"]]
    assert offered and set(offered) <= APPROVED
    made = Sha1Authenticator().make(options(alice, address))
    assert send(alice, "/passkeys/new", name="x", created=made).status_code == 422
    assert passkeys() == []
    made = Authenticator().make(options(alice, address))
    assert send(alice, "/passkeys/new", name="x", created=made).status_code in (200, 303)
    assert len(passkeys()) == 1


def test_a_passkey_belongs_to_one_account(
    key: Authenticator, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    assert add_passkey(sign_in(browser(), "mallory"), key).status_code == 422
    assert [row.person_id for row in passkeys()] == [people["alice"].id]


def test_the_same_registration_cannot_be_sent_twice(alice: Browser, people: dict[str, Person]) -> None:
    app = set_app(alice, people["alice"].id)
    made = Authenticator().make(options(alice, f"{PAGE}/passkeys/options"))
    assert send(alice, "/passkeys/new", name="x", created=made, code=app.next_code()).status_code == 303
    assert send(alice, "/passkeys/new", name="x", created=made, code=app.next_code()).status_code == 422
    assert len(passkeys()) == 1


def passkeys() -> list[Passkey]:
    db.session.rollback()
    return list(db.session.scalars(select(Passkey).order_by(Passkey.id)))

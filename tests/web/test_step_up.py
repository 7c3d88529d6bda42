"""Buying where a second factor is set: a proof of the last 15 minutes, or one with the purchase."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.extensions import db
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.authenticator import Authenticator
from tests.staging.second_factor import (
    App,
    add_passkey,
    age_proofs,
    options,
    second_step,
    set_app,
    type_password,
)
from tests.staging.settlement import award_of

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

JSON = {"Accept": "application/json"}


@pytest.fixture
def award(settled_auction: int, people: dict[str, Person]) -> int:
    """The award of alice."""
    return award_of(settled_auction, people["alice"].id).id


@pytest.fixture
def app_of_alice(alice: Browser, people: dict[str, Person], award: int) -> App:
    """Alice's authenticator app; her session has proved nothing for 16 minutes."""
    made = set_app(alice, people["alice"].id)
    age_proofs(made.person_id, 16 * 60)
    return made


@pytest.fixture
def limited(settings: config.Settings, award: int) -> Iterator[Flask]:
    """The application with its limits on."""
    application = create_app(replace(settings, rate_limits=True))
    application.test_client_class = Browser
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def buy(client: Browser, award: int, headers: dict[str, str] | None = None, **proof: str):  # type: ignore[no-untyped-def]
    token = client.token("/me/profile")
    return client.post(f"/awards/{award}/buy", data=proof | {"csrf_token": token}, headers=headers or {})


def state(auction: int, person: Person) -> str:
    return str(award_of(auction, person.id).state)


def test_without_a_factor_nothing_is_asked(
    alice: Browser, award: int, settled_auction: int, people: dict[str, Person]
) -> None:
    assert buy(alice, award).location == "/me/tickets"
    assert state(settled_auction, people["alice"]) == "bought"


def test_the_page_in_between_shows_what_is_bought_and_buys_with_the_proof(
    alice: Browser, app_of_alice: App, award: int, settled_auction: int, people: dict[str, Person]
) -> None:
    answer = buy(alice, award)
    assert (answer.status_code, answer.location) == (303, f"/awards/{award}/confirm")
    page = alice.get(answer.location).get_data(as_text=True)
    assert "VIP-1" in page and "150,000원" in page and f'action="/awards/{award}/buy"' in page
    assert state(settled_auction, people["alice"]) == "offered"
    assert buy(alice, award, code=app_of_alice.next_code()).location == "/me/tickets"
    assert state(settled_auction, people["alice"]) == "bought"


def test_a_wrong_proof_buys_nothing_and_the_page_stays(
    alice: Browser, app_of_alice: App, award: int, settled_auction: int, people: dict[str, Person]
) -> None:
    for code in (app_of_alice.wrong_code(), ""):
        answer = buy(alice, award, code=code)
        assert answer.status_code in (403, 422)
        assert f'action="/awards/{award}/buy"' in answer.get_data(as_text=True)
    assert state(settled_auction, people["alice"]) == "offered"


def test_htmx_is_led_to_the_page(alice: Browser, app_of_alice: App, award: int) -> None:
    answer = buy(alice, award, {"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, f"/awards/{award}/confirm")


def test_programs_are_told_what_is_needed_and_send_it_with_the_purchase(
    alice: Browser, app_of_alice: App, award: int
) -> None:
    answer = buy(alice, award, JSON)
    problem = answer.get_json(force=True)
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert (problem["needed"], problem["reason"]) == ("second_factor", "missing")
    bought = buy(alice, award, JSON, code=app_of_alice.next_code())
    assert (bought.status_code, bought.get_json(force=True)["state"]) == (200, "bought")


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 403)])
def test_a_proof_counts_for_fifteen_minutes(
    alice: Browser, app_of_alice: App, award: int, minutes: int, status: int
) -> None:
    age_proofs(app_of_alice.person_id, minutes * 60)
    assert buy(alice, award, JSON).status_code == status


def test_a_sign_in_with_the_factor_is_a_proof(
    client: Browser, app_of_alice: App, award: int, settled_auction: int, people: dict[str, Person]
) -> None:
    type_password(client)
    second_step(client, code=app_of_alice.next_code())
    assert buy(client, award).location == "/me/tickets"


def test_a_proof_of_another_session_does_not_count(
    alice: Browser, client: Browser, app_of_alice: App, award: int
) -> None:
    type_password(client)
    second_step(client, code=app_of_alice.next_code())
    assert buy(alice, award, JSON).status_code == 403


def test_a_passkey_proves_it_too(alice: Browser, app_of_alice: App, award: int) -> None:
    add_passkey(alice, key := Authenticator(), code=app_of_alice.next_code())
    age_proofs(app_of_alice.person_id, 16 * 60)
    assert buy(alice, award, JSON, passkey=key.sign(options(alice))).status_code == 200


def test_declining_and_cancelling_ask_for_nothing(alice: Browser, app_of_alice: App, award: int) -> None:
    token = alice.token("/me/profile")
    assert alice.post(f"/awards/{award}/decline", data={"csrf_token": token}).status_code == 303
    assert alice.get(f"/awards/{award}/confirm").location == "/me/tickets", "what cannot be bought has no page"


def test_the_award_of_somebody_else_has_no_page(
    browser: Callable[[], Browser], people: dict[str, Person], award: int, app: Flask
) -> None:
    mallory = sign_in(browser(), "mallory")
    assert mallory.get(f"/awards/{award}/confirm").status_code == 404
    set_app(mallory, people["mallory"].id)
    age_proofs(people["mallory"].id, 16 * 60)
    assert buy(mallory, award, JSON).status_code in (403, 404)


def test_a_session_without_the_password_cannot_use_up_the_codes_of_its_owner(
    limited: Flask, award: int, people: dict[str, Person]
) -> None:
    clients = [limited.test_client() for _ in range(2)]
    thief, alice = (client for client in clients if isinstance(client, Browser))
    made = set_app(sign_in(thief, "alice"), people["alice"].id)
    age_proofs(made.person_id, 16 * 60)
    assert buy(thief, award + 1, code=made.wrong_code()).status_code == 404, "no code is checked for a foreign award"
    statuses = [buy(thief, award, JSON, code=made.wrong_code()).status_code for _ in range(12)]
    assert statuses == [422] * 5 + [429] * 7
    refused = buy(thief, award, JSON, code=made.next_code())
    assert (refused.status_code, refused.json["reason"]) == (429, "sign_in_again")
    page = buy(thief, award, code=made.next_code())
    assert page.status_code == 429 and 'role="alert"' in page.text
    type_password(alice)
    assert second_step(alice, code=made.next_code()).status_code == 303, "signing in is never kept from its owner"
    assert buy(alice, award).location == "/me/tickets"

"""Every form of the product whose token died comes back on its page: filled, with a fresh token, and saying so."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cashticket.blueprints.request.rate_limits import Limit, LimitReached
from cashticket.blueprints.request.security import PROVEN_BY_ADDRESS
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.inputs.old_forms import FORMS, LED_BACK, OF_DEVELOPMENT, OF_SCRIPTS, SIGN_UP, Form
from tests.staging.account_acts import ask_reset
from tests.staging.auctions import open_auction
from tests.staging.authenticator import Authenticator
from tests.staging.identities import give_birth_date
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.staging.second_factor import add_passkey, set_app
from tests.staging.settlement import award_of
from tests.web.sign_ups import sign_up

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SENTENCE = "입력한 내용은 그대로"
SECRETS = {"password": "typed secret phrase", "current_password": PASSWORD, "code": "918273", "new_code": "817263"}


def test_the_table_names_every_door_that_takes_a_form(app: Flask) -> None:
    doors = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    assert doors == FORMS.keys() | OF_SCRIPTS | OF_DEVELOPMENT | LED_BACK | PROVEN_BY_ADDRESS


@pytest.fixture
def places(
    client: Browser, people: dict[str, Person], mailbox: Mailbox, request: pytest.FixtureRequest
) -> Callable[[str], str]:
    """Fills a path with what alice has: links, an award, a place in a line, an open auction."""
    sign_up(client, email=SIGN_UP["email"])
    known = {
        "confirmation": mailbox.link(SIGN_UP["email"]).rpartition("/")[2],
        "reset": ask_reset(client, mailbox, "alice@example.com").rpartition("/")[2],
        "settled": (settled := request.getfixturevalue("settled_auction")),
        "award": award_of(settled, people["alice"].id).id,
        "auction": open_auction(),
    }
    return lambda path: path.format_map(known)


def sent(client: Browser, form: Form, path: str, token: str = "of another session") -> TestResponse:
    secrets = {name: value for name, value in SECRETS.items() if name in form.secrets}
    return client.post(path, data=form.typed | secrets | {"csrf_token": token})


@pytest.mark.parametrize("door", FORMS)
def test_a_form_comes_back(client: Browser, people: dict[str, Person], places: Callable[[str], str], door: str) -> None:
    form = FORMS[door]
    if form.who:
        sign_in(client, form.who)
        if "passkeys" in form.path:
            add_passkey(client, Authenticator())
        elif "security" in form.path and "app" not in door.partition(".")[2]:
            set_app(client, people["alice"].id)
        elif "identity" in form.path:
            give_birth_date(people["alice"])
    path = places(form.path)
    answer = sent(client, form, path)
    text = html.unescape(answer.text)
    assert answer.status_code == 400 and SENTENCE in text and 'role="alert"' in text, text
    assert re.search(r'name="csrf_token" value="[^"]+"', answer.text.partition("<main")[2]), "a fresh token"
    assert [value for value in form.typed.values() if value not in text and value not in ("yes", "no")] == []
    assert [secret for secret in SECRETS.values() if secret in text] == [], "no secret comes back"


@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true", "HX-Request-Type": "partial"}])
def test_the_review_of_a_bid_comes_back_with_its_request_id(
    client: Browser, people: dict[str, Person], places: Callable[[str], str], headers: dict[str, str]
) -> None:
    sign_in(client, "alice")
    form = FORMS["bids.place"]
    answer = client.post(places(form.path), data=form.typed | {"csrf_token": "x"}, headers=headers)
    assert answer.status_code == 400 and SENTENCE in answer.text
    review = answer.text.partition('<section id="confirm"')[2]
    assert ('hx-swap-oob="outerHTML"' in review) == bool(headers)
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', review))
    assert fields["request_id"] == form.typed["request_id"] and fields["amount"] == form.typed["amount"]
    data = {name: html.unescape(value) for name, value in fields.items()}
    assert client.post(places(form.path), data=data).status_code == 303


def test_settings_come_back_as_they_were_chosen(client: Browser, people: dict[str, Person]) -> None:
    sign_in(client, "alice")
    chosen = re.compile(r'name="mail" value="(\w+)"[^>]* checked')
    page = "/me/notifications/settings"
    before = chosen.findall(client.get(page).text)
    answer = client.post(page, data={"mail": "line", "csrf_token": "x"})
    assert "line" in before and len(before) > 1
    assert set(chosen.findall(answer.text)) & set(before) == {"line"}
    assert chosen.findall(client.get(page).text) == before, "nothing was done"


@pytest.mark.parametrize("door", ["profile.save", "passkeys.add", "notice_settings.save"])
def test_a_form_that_is_sent_too_often_comes_back(
    app: Flask, client: Browser, people: dict[str, Person], door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise LimitReached(Limit.DEVICE_CHANGES, 60)

    sign_in(client, "alice")
    monkeypatch.setitem(app.view_functions, door, refuse)
    answer = sent(client, FORMS[door], FORMS[door].path, client.token("/me/profile"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60") and 'role="alert"' in answer.text
    assert [value for value in FORMS[door].typed.values() if value not in answer.text] == []
    assert 'name="csrf_token"' in answer.text.partition("<main")[2], "the form itself"


@pytest.mark.parametrize("door", [door for door in FORMS if FORMS[door].who])
def test_a_form_whose_session_is_lost_leads_to_a_sign_in_that_says_so(
    client: Browser, people: dict[str, Person], door: str
) -> None:
    form, here = FORMS[door], "http://localhost/me/profile?a=b"
    known = dict.fromkeys(("settled", "auction", "award"), 1)
    answer = client.post(form.path.format_map(known), data=form.typed, headers={"Referer": here})
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "로그아웃된 상태" in page.text and 'role="alert"' in page.text
    data = {"email": f"{form.who}@example.com", "password": PASSWORD, "csrf_token": client.token(answer.location)}
    found = re.search(r'name="next" value="([^"]*)"', page.text)
    assert found
    after = client.post("/login", data=data | {"next": html.unescape(found[1])})
    assert after.location == "/me/profile?a=b"

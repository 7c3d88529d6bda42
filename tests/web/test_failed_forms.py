"""A form that comes back says so in the title, is drawn as it was typed, and has the focus in what is wrong."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from cashticket.extensions import db
from cashticket.models import Passkey, Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.authenticator import Authenticator
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.staging.second_factor import add_passkey, age_proofs, options, set_app, type_password
from tests.staging.settlement import award_of
from tests.web.sign_ups import ALICE, sign_up

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

FOCUSED = re.compile(r'<input[^>]* id="([^"]+)"[^>]* autofocus')
FOR_ALL = {
    "/signup": ({}, "field-email"),
    "/login": ({"email": "alice@example.com", "password": "wrong"}, "password"),
    "/reset": ({"email": "no address"}, "field-email"),
}
OWN = {
    "/me/profile": ({"name": "Alice", "birth_date": "1999-13-40", "phone": "", "locale": "ko"}, "field-birth_date"),
    "/me/profile/password": ({"password": "another fine phrase", "current_password": "wrong"}, "current-password"),
    "/me/profile/close": ({"sure": "yes", "current_password": "wrong"}, "current-close"),
}


def title(answer: TestResponse) -> str:
    found = re.search(r"<title>(.*?)</title>", answer.get_data(as_text=True), re.DOTALL)
    assert found
    return found[1].strip()


def check(client: Browser, path: str, form: dict[str, str], focus: str, page: str = "") -> None:
    """Send the form to `path`, which stands on `page`."""
    plain = title(client.get(page or path))
    answer = client.post(path, data={**form, "csrf_token": client.token(page or path)})
    assert answer.status_code == 422
    assert title(answer) == f"오류: {plain}"
    assert FOCUSED.findall(answer.get_data(as_text=True)) == [focus]


@pytest.mark.parametrize("path", FOR_ALL)
def test_a_form_for_everybody_says_what_is_wrong(client: Browser, path: str) -> None:
    check(client, path, *FOR_ALL[path])


@pytest.mark.parametrize("path", OWN)
def test_a_form_of_the_profile_says_what_is_wrong(alice: Browser, path: str) -> None:
    check(alice, path, *OWN[path], page="/me/profile")


def test_setting_up_an_app_says_which_code_is_wrong(alice: Browser) -> None:
    check(alice, "/me/profile/security/app", {"new_code": "1", "current_password": "x"}, "new-code")


def test_a_link_opened_in_another_browser_says_that_the_password_is_another(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    sign_up(browser())
    path = "/confirm/" + mailbox.link(ALICE["email"]).rpartition("/")[2]
    check(browser(), path, {"password": "wrong"}, "field-password")


def test_a_new_password_that_is_too_short_is_asked_for_again(
    client: Browser, people: dict[str, Person], mailbox: Mailbox
) -> None:
    client.post("/reset", data={"email": "alice@example.com", "csrf_token": client.token("/reset")})
    check(client, mailbox.link("alice@example.com"), {"password": "short"}, "field-password")


def test_a_wrong_code_is_said_at_the_second_step_of_a_sign_in(
    alice: Browser, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    app, visitor = set_app(alice, people["alice"].id), browser()
    type_password(visitor)
    check(visitor, "/login/second", {"code": app.wrong_code()}, "code")


@pytest.mark.parametrize("path", ["/codes", "/off", "/app/remove"])
def test_an_act_on_the_second_factor_says_whether_password_or_code_is_wrong(
    alice: Browser, people: dict[str, Person], path: str
) -> None:
    app = set_app(alice, people["alice"].id)
    page = f"/me/profile/security{path}"
    check(alice, page, {"current_password": "wrong"}, "current-act")
    check(alice, page, {"current_password": PASSWORD, "code": app.wrong_code()}, "code-act")


def test_a_purchase_says_that_the_code_is_wrong(
    alice: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    award = award_of(settled_auction, people["alice"].id).id
    app = set_app(alice, people["alice"].id)
    age_proofs(app.person_id, 16 * 60)
    check(alice, f"/awards/{award}/buy", {"code": app.wrong_code()}, "code-buy", page=f"/awards/{award}/confirm")


def test_a_passkey_without_a_name_is_asked_for_one(alice: Browser, people: dict[str, Person]) -> None:
    add_passkey(alice, key := Authenticator())
    passkey = db.session.scalars(select(Passkey.id)).one()
    form = {"name": " ", "current_password": PASSWORD, "passkey": key.sign(options(alice))}
    check(alice, f"/me/profile/security/passkeys/{passkey}", form, "name")


def main_part(answer: TestResponse) -> str:
    return answer.get_data(as_text=True).partition("<main")[2].partition("</main>")[0]


def test_whoever_is_signed_in_is_not_asked_to_sign_in_by_the_page_of_a_forgotten_password(
    client: Browser, people: dict[str, Person]
) -> None:
    assert 'href="/login"' in main_part(client.get("/reset"))
    page = main_part(sign_in(client, "alice").get("/reset"))
    assert 'href="/login"' not in page and 'href="/me/profile"' in page


def test_the_age_stands_below_the_date_of_birth_and_nowhere_else(alice: Browser) -> None:
    form = {"name": "Alice", "birth_date": "1999-02-03", "phone": "010-1234-5678", "locale": "ko"}
    alice.post("/me/profile", data={**form, "csrf_token": alice.token("/me/profile")})
    page = main_part(alice.get("/me/profile"))
    field = page.partition('id="field-birth_date"')[2].partition("</div>")[0]
    assert re.search(r"만 \d\d세", field) and len(re.findall(r"만 \d\d세", page)) == 1

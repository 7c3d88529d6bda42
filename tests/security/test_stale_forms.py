"""A form whose token died (a lost cookie, a sign-in in another tab) comes back filled, and works when sent again."""

import html
import re
from collections.abc import Callable

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging import account_acts as acts
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.web.sign_ups import ALICE, count_people, drafts, sign_up

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

EMAIL = ALICE["email"]
SENTENCE = "입력한 내용은 그대로"


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


def lose_cookie(client: Browser) -> None:
    client.delete_cookie("cashticket")


def sent_again(client: Browser, path: str, answer: TestResponse, **secrets: str) -> TestResponse:
    """Send the form that came back, as it stands there; only passwords are typed again."""
    page = answer.text
    assert answer.status_code == 400 and SENTENCE in page and 'role="alert"' in page
    assert PASSWORD not in page and acts.NEW_PASSWORD not in page, "a password never comes back"
    form = page.partition("<main")[2]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name is not None and ('type="checkbox"' not in tag or " checked" in tag):
            fields[name[1]] = html.unescape(value[1]) if value else ""
    return client.post(path, data=fields | secrets)


@pytest.mark.parametrize("lost", ["cookie", "token", "other session"])
def test_a_sign_up_comes_back_filled(client: Browser, browser: Callable[[], Browser], lost: str) -> None:
    token = client.token("/signup")
    if lost == "cookie":
        lose_cookie(client)
    if lost == "token":
        token = ""
    if lost == "other session":
        token = browser().token("/signup")
    answer = client.post("/signup", data=ALICE | {"csrf_token": token})
    assert drafts() == []
    assert all(value in html.unescape(answer.text) for name, value in ALICE.items() if name != "password")
    assert sent_again(client, "/signup", answer, password=PASSWORD).status_code == 303
    assert [draft.email for draft in drafts()] == [EMAIL]


def test_a_sign_in_comes_back_filled_with_its_next_page(client: Browser, people: dict[str, Person]) -> None:
    token = client.token("/login")
    lose_cookie(client)
    form = {"email": EMAIL, "password": PASSWORD, "next": "/me/bids", "csrf_token": token}
    answer = client.post("/login", data=form)
    assert not acts.is_in(client)
    again = sent_again(client, "/login", answer, password=PASSWORD)
    assert (again.status_code, again.location) == (303, "/me/bids")


def test_the_second_tab_of_a_sign_in_comes_back_filled(client: Browser, people: dict[str, Person]) -> None:
    token = client.token("/login")
    sign_in(client, "alice")
    answer = client.post("/login", data={"email": "bob@example.com", "password": PASSWORD, "csrf_token": token})
    assert sent_again(client, "/login", answer, password=PASSWORD).status_code == 303
    assert "bob@example.com" in client.get("/me/profile").text


def test_a_request_for_a_reset_comes_back_filled(client: Browser, people: dict[str, Person], mailbox: Mailbox) -> None:
    token = client.token("/reset")
    lose_cookie(client)
    answer = client.post("/reset", data={"email": EMAIL, "csrf_token": token})
    assert mailbox.letters() == []
    assert sent_again(client, "/reset", answer).status_code == 303
    assert len(acts.links_in(mailbox, EMAIL)) == 1


def test_the_forms_behind_links_come_back(client: Browser, people: dict[str, Person], mailbox: Mailbox) -> None:
    link = acts.ask_reset(client, mailbox, EMAIL)
    token = client.token(link)
    lose_cookie(client)
    answer = client.post(link, data={"password": acts.NEW_PASSWORD, "csrf_token": token})
    assert acts.may_sign_in(client, EMAIL, PASSWORD), "nothing was done"
    lose_cookie(client)
    answer = client.post(link, data={"password": acts.NEW_PASSWORD, "csrf_token": token})
    assert sent_again(client, link, answer, password=acts.NEW_PASSWORD).status_code == 303
    assert acts.may_sign_in(client, EMAIL, acts.NEW_PASSWORD)


@pytest.mark.parametrize("anew", [False, True])
def test_the_form_of_a_confirmation_comes_back_filled(client: Browser, mailbox: Mailbox, anew: bool) -> None:
    sign_up(client)
    link = mailbox.link(EMAIL)
    typed = {"anew": "yes", "name": "김둘", "birth_date": "1998-02-03", "phone": "010-2222-3333"}
    fields = typed | {"terms": "yes", "privacy": "yes"} if anew else {}
    token = client.token(link)
    lose_cookie(client)
    answer = client.post(link, data=fields | {"password": PASSWORD, "csrf_token": token})
    assert count_people() == 0
    assert all(value in html.unescape(answer.text) for value in fields.values())
    assert sent_again(client, link, answer, **({"password": PASSWORD} if anew else {})).status_code == 303
    confirmed = acts.account(EMAIL)
    assert confirmed is not None and confirmed.name == ("김둘" if anew else ALICE["name"])


def test_a_form_of_another_site_is_not_shown_again(client: Browser, people: dict[str, Person]) -> None:
    form = {"email": EMAIL, "password": PASSWORD, "csrf_token": client.token("/login")}
    answer = client.post("/login", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400 and 'name="password"' not in answer.text


def test_programs_get_a_problem_document(client: Browser) -> None:
    for path in ("/signup", "/login", "/reset", "/reset/x", "/confirm/x"):
        answer = client.post(path, data={"csrf_token": "x"}, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.content_type) == (400, "application/problem+json"), path


def test_a_dead_link_with_a_dead_token_says_that_the_link_is_dead(client: Browser) -> None:
    for path in ("/reset/x", "/confirm/x"):
        answer = client.post(path, data={"csrf_token": "x"})
        assert answer.status_code == 400 and "잘린 링크" in answer.text, path


@pytest.mark.parametrize("way", ["signing out", "closing", "reset"])
def test_leaving_clears_what_the_browser_keeps_but_the_language(
    client: Browser, people: dict[str, Person], mailbox: Mailbox, way: str
) -> None:
    sign_in(client, "alice")
    client.set_cookie("lang", "en")
    if way == "signing out":
        answer = client.post("/logout", data={"csrf_token": client.token("/no-such-page")})
    elif way == "closing":
        answer = acts.post(client, "/close", sure="yes", current_password=PASSWORD)
    else:
        answer = acts.open_link(client, acts.ask_reset(client, mailbox, EMAIL), password=acts.NEW_PASSWORD)
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get_cookie("lang") is not None


def test_a_profile_comes_back_as_it_was_typed(client: Browser, people: dict[str, Person]) -> None:
    sign_in(client, "alice")
    form = {"name": "Alice the Second", "birth_date": "1990-01-01", "phone": "010-9999-8888", "locale": "en"}
    answer = client.post("/me/profile", data=form | {"csrf_token": "of another session"})
    assert answer.headers["Cache-Control"] == "no-store" and '<option value="en" selected>' in answer.text
    assert "Alice the Second" not in client.get("/me/profile").text, "nothing was done"
    answer = client.post("/me/profile", data=form | {"csrf_token": "of another session"})
    assert sent_again(client, "/me/profile", answer, locale="en").status_code == 303
    profile = html.unescape(client.get("/me/profile").text)
    assert "Alice the Second" in profile and "010-9999-8888" in profile


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("/me/profile/email", {"email": "alice.new@example.com"}),
        ("/me/profile/password", {"password": acts.NEW_PASSWORD}),
        ("/me/profile/close", {"sure": "yes"}),
    ],
)
def test_an_act_on_the_account_comes_back_without_its_secrets_and_undone(
    client: Browser, people: dict[str, Person], mailbox: Mailbox, path: str, typed: dict[str, str]
) -> None:
    sign_in(client, "alice")
    secrets = {"current_password": PASSWORD, "code": "918273", "csrf_token": "of another session"}
    answer = client.post(path, data=typed | secrets)
    assert answer.status_code == 400 and SENTENCE in answer.text
    assert ("alice.new@example.com" in answer.text) == ("email" in typed)
    kept = [secret for secret in (*secrets.values(), acts.NEW_PASSWORD) if secret in answer.text]
    assert kept == [] and " checked" not in answer.text
    assert mailbox.letters() == [] and acts.may_sign_in(client, EMAIL, PASSWORD), "nothing was done"


def test_what_has_no_form_to_come_back_leads_back_to_its_page(client: Browser, people: dict[str, Person]) -> None:
    sign_in(client, "alice")
    headers = {"Referer": "http://localhost/me/profile"}
    answer = client.post("/logout", data={"csrf_token": "x"}, headers=headers)
    assert answer.status_code == 400 and ways_back(answer) == ["/me/profile"]
    answer = client.post("/me/profile", data={"csrf_token": "x"}, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")


def ways_back(answer: TestResponse) -> list[str]:
    return [html.unescape(link) for link in re.findall(r'class="btn btn-primary" href="([^"]+)"', answer.text)]


@pytest.mark.parametrize(
    ("came_from", "leads"),
    [
        ("http://localhost/auctions/7/confirm?amount=120000", "/auctions/7/confirm?amount=120000"),
        ("https://evil.example/auctions/7/confirm?amount=900000", ""),
        ("http://localhost//evil.example/", ""),
        ("http://localhost/logout", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_a_form_that_cannot_come_back_leads_back_to_its_page(
    client: Browser, people: dict[str, Person], came_from: str, leads: str
) -> None:
    sign_in(client, "alice")
    headers = {"Referer": came_from} if came_from else {}
    answer = client.post("/auctions/7/bids", data={"amount": "120000", "request_id": "r"}, headers=headers)
    assert answer.status_code == 400 and ways_back(answer) == [leads] * bool(leads)


def test_a_form_of_another_site_leads_nowhere(client: Browser, people: dict[str, Person]) -> None:
    sign_in(client, "alice")
    headers = {"Origin": "https://evil.example", "Referer": "http://localhost/auctions/7"}
    answer = client.post("/auctions/7/bids", data={"amount": "120000", "request_id": "r"}, headers=headers)
    assert answer.status_code == 400 and ways_back(answer) == []

"""Whoever signs up on the way to an auction comes back to it: over the form, the mail's link and the sign-in."""

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from cashticket.models import Person
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.web.sign_ups import ALICE, follow, sign_up

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

BACK = "/auctions/7?amount=120000"
QUOTED = "/auctions/7%3Famount%3D120000"
FOREIGN = ("https://evil.example/", "//evil.example", "/\\evil.example", "/nowhere", "javascript:alert(1)", "/login")


def links(client: Browser, path: str) -> set[str]:
    page = client.get(path).get_data(as_text=True).partition("<main")[2].partition("</main>")[0]
    return {html.unescape(link) for link in re.findall(r'href="([^"]+)"', page)}


def test_the_way_back_goes_over_every_page_of_the_sign_up(client: Browser, mailbox: Mailbox) -> None:
    assert f"/signup?next={QUOTED}" in links(client, f"/login?next={QUOTED}")
    assert f"/login?next={QUOTED}" in links(client, f"/signup?next={QUOTED}")
    assert sign_up(client, next=BACK).status_code == 303
    assert {f"/login?next={QUOTED}", f"/signup?next={QUOTED}"} <= links(client, "/signup/sent")
    follow(client, mailbox.link(ALICE["email"]))
    assert f"/login?next={QUOTED}" in links(client, "/confirm/done")
    form = {"email": ALICE["email"], "password": PASSWORD, "next": BACK, "csrf_token": client.token("/login")}
    assert client.post("/login", data=form).location == BACK


def test_a_form_that_comes_back_keeps_the_way(client: Browser) -> None:
    answer = sign_up(client, next=BACK, phone="1")
    assert answer.status_code == 422
    assert f'name="next" value="{BACK}"' in answer.get_data(as_text=True)


@pytest.mark.parametrize("target", FOREIGN)
def test_only_a_page_of_ours_is_a_way_back(client: Browser, mailbox: Mailbox, target: str) -> None:
    answer = client.get("/signup", query_string={"next": target}).get_data(as_text=True)
    assert 'name="next" value="/"' in answer
    sign_up(client, next=target)
    follow(client, mailbox.link(ALICE["email"]))
    assert {link for link in links(client, "/confirm/done") if link.startswith("/login")} == {"/login"}


def test_a_later_sign_up_without_a_way_forgets_the_earlier_one(client: Browser) -> None:
    sign_up(client, next=BACK)
    sign_up(client)
    assert "/login" in links(client, "/signup/sent")


def test_who_is_signed_in_goes_on_at_once(client: Browser) -> None:
    make_person("alice")
    sign_in(client, "alice")
    assert client.get(f"/signup?next={QUOTED}").location == BACK
    assert client.get("/signup").location == "/me/profile"


def test_the_next_step_names_the_address_and_offers_to_correct_it(client: Browser) -> None:
    sign_up(client)
    page = client.get("/signup/sent").get_data(as_text=True)
    assert f"{ALICE['email']} 주소로" in page and "주소 고치기" in page and 'action="/confirm/again"' in page
    sign_up(client, email="mistyped@example.com")
    page = client.get("/signup/sent").get_data(as_text=True)
    assert "mistyped@example.com" in page and ALICE["email"] not in page


def test_the_next_step_names_an_address_that_has_an_account_too(client: Browser, people: dict[str, Person]) -> None:
    sign_up(client, email="bob@example.com")
    assert "bob@example.com" in client.get("/signup/sent").get_data(as_text=True)


def test_a_stranger_reads_no_address(client: Browser) -> None:
    assert "@" not in client.get("/signup/sent").get_data(as_text=True).partition("<main")[2]


def test_the_first_wrong_field_has_the_focus_and_the_title_says_so(client: Browser) -> None:
    page = sign_up(client, name="", phone="1").get_data(as_text=True)
    focused = re.findall(r"<input[^>]*\bautofocus\b[^>]*>", page)
    assert len(focused) == 1 and 'name="name"' in focused[0]
    assert re.search(r"<title>\s*오류: 회원가입", page)
    assert "autofocus" not in client.get("/signup").get_data(as_text=True)


def test_a_refused_sign_in_says_so_in_its_title(client: Browser) -> None:
    form = {"email": "nobody@example.com", "password": PASSWORD, "csrf_token": client.token("/login")}
    assert "<title>오류: 로그인" in client.post("/login", data=form).get_data(as_text=True)


def test_six_digits_are_a_date_and_what_was_understood_is_said(client: Browser) -> None:
    form = {"birth_date": "990203", "csrf_token": client.token("/signup")}
    page = client.post("/signup/hint?field=birth_date", data=form).get_data(as_text=True)
    assert "1999년 2월 3일" in page and "field-problem" not in page


def test_a_stranger_who_typed_an_amount_finds_it_in_the_form_after_signing_in(
    auction: int, client: Browser, people: dict[str, Person]
) -> None:
    asked = client.get(f"/auctions/{auction}/confirm?amount=20만원", headers={"HX-Request": "true"})
    assert asked.status_code == 204
    page = client.get(asked.headers["HX-Redirect"])
    assert "로그인하면 하던 일을 이어서 할 수 있어요." in page.get_data(as_text=True)
    way_back = parse_qs(urlsplit(asked.headers["HX-Redirect"]).query)["next"][0]
    form = {
        "email": people["alice"].email,
        "password": PASSWORD,
        "next": way_back,
        "csrf_token": client.token("/login"),
    }
    answer = client.post("/login", data=form)
    assert answer.status_code == 303 and urlsplit(answer.location).path == f"/auctions/{auction}"
    assert 'value="200,000"' in client.get(answer.location).get_data(as_text=True)

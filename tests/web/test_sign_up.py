"""Sign-up: an account, its confirmation, and nothing about other accounts."""

import contextvars
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from flask import Flask

from cashticket.accounts import fields
from cashticket.accounts.drafts import OF_ADDRESS_MAX
from cashticket.accounts.people import find_by_email
from cashticket.auction.terms import Terms
from cashticket.auction.values import Permission, Reason, Refused
from cashticket.extensions import db
from cashticket.models import Person
from cashticket.wiring import current_engine, queue
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.mails import LINK, Mailbox, text_of
from tests.staging.rows import PASSWORD
from tests.web.sign_ups import ALICE, become_member, count_people, drafts, follow, only_person, sign_up


def test_a_newcomer_confirms_the_address_and_may_bid(client: Browser, mailbox: Mailbox) -> None:
    answer = sign_up(client)
    assert (answer.status_code, answer.location) == (303, "/signup/sent")
    assert client.get("/signup/sent").status_code == 200
    assert queue("mail").count == 1, "a worker is told of the mail"
    assert count_people() == 0, "an unconfirmed sign-up is nobody's account"
    answer = follow(client, mailbox.link("alice@example.com"))
    assert (answer.status_code, answer.location) == (303, "/confirm/done")
    assert client.get("/confirm/done").status_code == 200
    alice = only_person()
    assert (alice.name, alice.birth_date, alice.phone) == ("김앨리스", date(1999, 2, 3), "+821012345678")
    assert alice.permission == "ok"
    assert drafts() == []
    sign_in(client, "alice")


def test_an_open_auction_knows_of_the_confirmation_at_once(app: Flask, client: Browser, mailbox: Mailbox) -> None:
    make_person("alice", verified=False)
    sign_up(client)
    alice, engine = only_person(), current_engine()
    now = int(datetime.now(UTC).timestamp() * 1000)
    engine.open(Terms(1, 1, 1000, 1000, now - 60_000, now + 600_000, alias_salt="salt"))
    engine.introduce(1, alice.id, Permission.UNVERIFIED, alice.session_epoch, alice.revision)
    assert engine.place_bid(1, alice.id, 1, 5000, "r1") == Refused(Reason.NOT_VERIFIED, None)
    follow(client, mailbox.link(alice.email))
    answer = engine.place_bid(1, alice.id, only_person().session_epoch, 5000, "r1")
    assert not isinstance(answer, Refused)


def test_sign_up_takes_five_fields_and_nothing_else(client: Browser, mailbox: Mailbox) -> None:
    extra = {"is_staff": "1", "verified_at": "2020-01-01", "id": "77", "session_epoch": "9", "locale": "xx"}
    sign_up(client, **extra, blocked_at="", created_at="2020-01-01", token_hash="x", draft_id="7")
    follow(client, mailbox.link("alice@example.com"), **extra)
    alice = only_person()
    assert (alice.is_staff, alice.session_epoch, alice.locale) == (False, 1, "ko")
    assert alice.verified_at is not None and alice.verified_at.year > 2020
    assert alice.id != 77


@pytest.mark.parametrize("missing", fields.FIELDS)
def test_every_field_is_needed(client: Browser, missing: str) -> None:
    for value in ("", "   "):
        answer = sign_up(client, **{missing: value})
        assert answer.status_code == 422
        assert f'id="field-{missing}"' in answer.get_data(as_text=True)
    assert count_people() == 0


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("email", "alice", "malformed"),
        ("password", "short 7", "too_short"),
        ("password", "일곱글자입니다", "too_short"),
        ("password", "x" * 201, "too_long"),
        ("password", "Password1", "too_common"),
        ("password", "qwer1234", "too_common"),
        ("password", "12345678", "too_common"),
        ("password", "98765432", "too_common"),
        ("password", "aaaaaaaaaa", "too_common"),
        ("password", "abababab", "too_common"),
        ("password", "Alice@example.com", "like_email"),
        ("name", "x" * 81, "too_long"),
        ("name", "a\u202eb", "unprintable"),
        ("name", "a\x07b", "unprintable"),
        ("birth_date", "1999-02-30", "no_such_date"),
        ("birth_date", "990230", "no_such_date"),
        ("birth_date", "99023", "malformed"),
        ("birth_date", "030299", "no_such_date"),
        ("birth_date", "3.2.1999", "malformed"),
        ("birth_date", "١٩٩٩-٠٢-٠٣", "malformed"),
        ("birth_date", "9999-01-01", "future"),
        ("birth_date", "1850-01-01", "too_old"),
        ("phone", "12", "malformed"),
        ("phone", "010-1234-567x", "malformed"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_marked(client: Browser, field: str, value: str, code: str) -> None:
    _, wrong = fields.check(ALICE | {field: value}, date(2026, 1, 1))
    assert wrong == {field: code}
    answer = sign_up(client, **{field: value})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert page.count('aria-invalid="true"') == 1
    assert PASSWORD not in page
    assert count_people() == 0


def test_wrong_fields_are_a_problem_document_for_programs(client: Browser) -> None:
    form = ALICE | {"phone": "1", "name": "", "csrf_token": client.token("/signup")}
    answer = client.post("/signup", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 422
    assert set(json.loads(answer.data)["errors"]) == {"phone", "name"}


@pytest.mark.parametrize(
    ("born", "good"),
    [("2012-01-01", True), ("2012-01-02", False), ("1906-01-01", True), ("2011-2-3", True), ("20110203", True)],
)
def test_age_is_counted_by_birthdays(born: str, good: bool) -> None:
    _, wrong = fields.check({"birth_date": born}, date(2026, 1, 1), ("birth_date",))
    assert (wrong == {}) == good


@pytest.mark.parametrize(("day", "years"), [(date(2026, 2, 2), 26), (date(2026, 2, 3), 27), (date(2000, 2, 29), 1)])
def test_age_grows_on_the_birthday(day: date, years: int) -> None:
    assert fields.age(date(1999, 2, 3), day) == years


@pytest.mark.parametrize(
    "password", ["correct horse battery", "여덟글자이상이에요", "x7!kQ2mz", "p" + "q" * 7 + "r", "é" * 4 + "wxyz"]
)
def test_good_passwords_are_accepted(password: str) -> None:
    assert fields.password(password, "alice@example.com") == password


def test_a_password_is_the_same_in_every_unicode_normalisation(client: Browser, mailbox: Mailbox) -> None:
    import unicodedata

    become_member(client, mailbox, password=unicodedata.normalize("NFD", "비밀번호는길어야해요"))
    sign_in(client, "alice", unicodedata.normalize("NFC", "비밀번호는길어야해요"))


def test_each_field_is_checked_while_typing(client: Browser) -> None:
    token = client.token("/signup")
    headers = {"HX-Request": "true", "HX-Request-Type": "partial"}

    def hint(field: str, value: str) -> str:
        data = {field: value, "csrf_token": token}
        return client.post(f"/signup/hint?field={field}", data=data, headers=headers).get_data(as_text=True)

    assert "field-problem" in hint("phone", "12")
    assert 'id="hint-phone"' in hint("phone", "12")
    assert "field-problem" not in hint("phone", "+82 10 1234 5678")
    assert client.post("/signup/hint?field=id", data={"csrf_token": token}).status_code == 404


def test_the_live_check_does_not_tell_whether_an_address_has_an_account(
    client: Browser, people: dict[str, Person]
) -> None:
    data = {"email": "alice@example.com", "csrf_token": client.token("/signup")}
    page = client.post("/signup/hint?field=email", data=data).get_data(as_text=True)
    assert "field-problem" not in page


def answers_alike(browser: Callable[[], Browser], taken: dict[str, str], free: dict[str, str]) -> bool:
    def answer(fields: dict[str, str]) -> tuple[int, str, bytes, list[tuple[str, str]]]:
        response = sign_up(browser(), **fields)
        headers = [(name, value) for name, value in response.headers if name != "Set-Cookie"]
        return response.status_code, str(response.location), response.data, headers

    return answer(taken) == answer(free)


def test_an_address_with_an_account_gets_the_same_answer_and_a_mail(
    browser: Callable[[], Browser], mailbox: Mailbox, people: dict[str, Person]
) -> None:
    taken = {"email": "alice@example.com", "phone": "010-1111-1111"}
    free = {"email": "new@example.com", "phone": "010-2222-2222"}
    assert answers_alike(browser, taken, free)
    assert count_people() == len(people)
    assert "/login" in text_of(mailbox.newest("alice@example.com"))
    assert "/confirm/" not in text_of(mailbox.newest("alice@example.com"))
    assert "/confirm/" in text_of(mailbox.newest("new@example.com"))
    alice = db.session.get(Person, people["alice"].id)
    assert alice is not None
    assert alice.name == "Alice", "the account was not touched"


def test_a_phone_with_an_account_is_told_of_only_to_who_has_proved_the_address(
    browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    become_member(browser(), mailbox)
    asker = browser()
    same = {"email": "second@example.com", "phone": "+82 10 1234 5678"}
    assert answers_alike(browser, same, {"email": "third@example.com", "phone": "010-3333-3333"})
    letters = [mailbox.newest(address) for address in ("second@example.com", "third@example.com")]
    assert letters[0]["Subject"] == letters[1]["Subject"]
    sign_up(asker, **same)
    link = mailbox.link("second@example.com")
    answer = follow(asker, link)
    assert answer.status_code == 422 and 'id="field-phone"' in answer.get_data(as_text=True)
    assert follow(asker, link, phone="010-12").status_code == 422
    assert follow(asker, link, phone="010-7777-7777").status_code == 303
    second = find_by_email("second@example.com")
    assert second is not None and second.phone == "+821077777777"


@pytest.mark.usefixtures("patient_hashing")
def test_twenty_forms_and_their_links_sent_at_once_make_one_account(
    app: Flask, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    clients = [browser() for _ in range(20)]
    forms = [ALICE | {"csrf_token": client.token("/signup")} for client in clients]

    def send(number: int) -> int:
        return clients[number].post("/signup", data=forms[number]).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda number: contextvars.Context().run(send, number), range(20)))
    assert set(statuses) == {303}
    sign_up(browser())
    assert len(drafts()) == OF_ADDRESS_MAX, "their number is bounded"
    links = [LINK.findall(text_of(letter))[0] for letter in mailbox.letters("alice@example.com")]
    assert len(links) == OF_ADDRESS_MAX, "a draft that was replaced needs no mail"
    tokens = [client.token() for client in clients]

    def confirm(number: int) -> int:
        form = {"csrf_token": tokens[number], "password": PASSWORD}
        return clients[number].post(links[number % len(links)], data=form).status_code

    with ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda number: contextvars.Context().run(confirm, number), range(20)))
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 200, 410}
    assert (count_people(), drafts()) == (1, [])


@pytest.mark.parametrize(
    ("typed", "born"),
    [("990203", date(1999, 2, 3)), ("050203", date(2005, 2, 3)), ("260101", None), ("260102", date(1926, 1, 2))],
)
def test_six_digits_are_of_this_century_unless_that_day_is_to_come(typed: str, born: date | None) -> None:
    good, wrong = fields.check({"birth_date": typed}, date(2026, 1, 1), ("birth_date",))
    assert (good.get("birth_date"), wrong) == (born, {} if born else {"birth_date": "too_young"})

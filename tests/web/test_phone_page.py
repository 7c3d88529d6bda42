"""Proving a phone in the profile: a code is sent to a number, and whoever types it has that number."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from cashticket.accounts.people import find_by_email
from cashticket.extensions import db
from cashticket.identity import phone_codes
from cashticket.models import OutboxMessage, Person, PhoneCode
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser
from tests.staging.mails import Mailbox
from tests.staging.sms import Phones
from tests.web.sign_ups import become_member

PAGE = "/me/profile/phone"
ALICES, BOBS = "+821012345678", "+821087654321"
SAVED = {"name": "Alice", "birth_date": "1999-02-03", "phone": "010-1234-5678", "locale": "ko"}


@pytest.fixture
def phones(app: Flask, tmp_path: Path) -> Phones:
    return Phones(app, tmp_path / "sms")


def ask(client: Browser, number: str = "010-1234-5678", **fields: str) -> TestResponse:
    return client.post(PAGE, data={"phone": number, "csrf_token": client.token(PAGE), **fields})


def type_in(client: Browser, code: str, **fields: str) -> TestResponse:
    return client.post(f"{PAGE}/code", data={"code": code, "csrf_token": client.token(PAGE), **fields})


def present(person: Person) -> Person:
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_alice_proves_her_phone_by_the_code_that_came_there(
    alice: Browser, people: dict[str, Person], phones: Phones
) -> None:
    assert ask(alice).location == PAGE
    page = alice.get(PAGE).get_data(as_text=True)
    assert 'autocomplete="one-time-code"' in page and "010-1234-5678" in page
    code = phones.code(ALICES)
    answer = type_in(alice, f" {code[:3]}-{code[3:]} ")
    assert (answer.status_code, answer.location) == (303, "/me/profile")
    proven = present(people["alice"])
    assert proven.phone == ALICES and proven.phone_proven_at is not None
    assert "휴대폰을 인증했어요" in alice.get("/me/profile").get_data(as_text=True)
    assert db.session.scalar(select(func.count()).select_from(PhoneCode)) == 0, "the code works once"
    assert type_in(alice, code).status_code == 422


def test_the_sms_names_the_site_so_that_a_phone_offers_the_code_there_alone(alice: Browser, phones: Phones) -> None:
    ask(alice)
    [text] = phones.texts(ALICES)
    assert text.rstrip().splitlines()[-1] == f"@127.0.0.1 #{phones.code(ALICES)}"
    assert len(text.partition("\n\n")[2].encode("cp949")) <= 90, "a longer SMS is another kind, and costs more"


def test_no_page_waits_for_the_sms_and_no_table_holds_the_code(alice: Browser, phones: Phones, app: Flask) -> None:
    ask(alice)
    row = db.session.scalars(select(OutboxMessage)).one()
    assert (row.channel, row.state, row.address) == ("sms", "waiting", None)
    code = phones.code(ALICES)
    for table in db.metadata.sorted_tables:
        assert code not in str(db.session.execute(select(table)).all()), table.name


def test_the_way_leads_back_to_the_auction(alice: Browser, phones: Phones) -> None:
    assert ask(alice, next="/concerts/").location == f"{PAGE}?next=/concerts/"
    assert 'value="/concerts/"' in alice.get(f"{PAGE}?next=/concerts/").get_data(as_text=True)
    assert type_in(alice, phones.code(ALICES), next="//evil.example").location == "/me/profile"


def test_a_wrong_code_says_how_many_tries_are_left_and_the_fifth_ends_it(
    alice: Browser, people: dict[str, Person], phones: Phones
) -> None:
    ask(alice)
    code = phones.code(ALICES)
    for left in (4, 3, 2, 1):
        answer = type_in(alice, wrong(code))
        assert answer.status_code == 422 and f"{left}번 더" in answer.get_data(as_text=True)
    assert "더 이상 쓸 수 없는" in type_in(alice, wrong(code)).get_data(as_text=True)
    assert type_in(alice, code).status_code == 422, "the right code comes too late"
    assert present(people["alice"]).phone_proven_at is None


def test_a_code_works_for_five_minutes(alice: Browser, phones: Phones) -> None:
    ask(alice)
    code = phones.code(ALICES)
    sent_at = db.session.scalars(select(PhoneCode.created_at)).one()
    for earlier, status in ((phone_codes.LIFETIME, 422), (phone_codes.LIFETIME - timedelta(minutes=1), 303)):
        then = update(PhoneCode).values(created_at=sent_at - earlier)
        in_one_unit(lambda session, then=then: session.execute(then))
        assert type_in(alice, code).status_code == status


def test_another_code_ends_the_one_before_and_its_sms_if_that_still_waits(alice: Browser, phones: Phones) -> None:
    ask(alice)
    first = phones.code(ALICES)
    ask(alice, "010-8765-4321")
    ask(alice)
    assert len(phones.texts(ALICES)) == 2 and phones.texts(BOBS) == [], "the second was replaced before it left"
    second = phones.code(ALICES)
    assert first == second or type_in(alice, first).status_code == 422
    assert type_in(alice, second).status_code == 303


def test_a_code_of_alice_proves_nothing_for_bob(
    alice: Browser, bob: Browser, people: dict[str, Person], phones: Phones
) -> None:
    ask(alice)
    ask(bob, "010-8765-4321")
    hers, his = phones.code(ALICES), phones.code(BOBS)
    assert hers == his or type_in(bob, hers).status_code == 422
    assert present(people["bob"]).phone_proven_at is None


def test_who_proves_a_number_frees_it_from_who_only_claimed_it(
    alice: Browser, mallory: Browser, people: dict[str, Person], phones: Phones
) -> None:
    mallory.post("/me/profile", data=SAVED | {"csrf_token": mallory.token("/me/profile")})
    assert present(people["mallory"]).phone == ALICES
    ask(alice)
    assert type_in(alice, phones.code(ALICES)).status_code == 303
    assert present(people["alice"]).phone == ALICES and present(people["mallory"]).phone is None


def test_a_claim_keeps_nobody_out_who_signs_up_or_enters_the_number(
    mallory: Browser, bob: Browser, browser: Callable[[], Browser], phones: Phones, app: Flask
) -> None:
    mallory.post("/me/profile", data=SAVED | {"csrf_token": mallory.token("/me/profile")})
    dora, mailbox = browser(), Mailbox(app)
    become_member(dora, mailbox, email="dora@example.com", phone=SAVED["phone"])
    made = find_by_email("dora@example.com")
    assert made is not None and made.phone is None
    answer = bob.post("/me/profile", data=SAVED | {"csrf_token": bob.token("/me/profile")})
    assert answer.status_code == 422 and "본인 번호라면 아래에서" in answer.get_data(as_text=True)


def test_a_proven_number_stays_with_its_account(
    alice: Browser, bob: Browser, people: dict[str, Person], phones: Phones
) -> None:
    ask(alice)
    type_in(alice, phones.code(ALICES))
    ask(bob)
    answer = type_in(bob, phones.code(ALICES))
    assert answer.status_code == 422 and "다른 계정에서 인증" in answer.get_data(as_text=True)
    assert present(people["alice"]).phone == ALICES and present(people["bob"]).phone is None


def test_another_number_in_the_profile_takes_the_proof_away(
    alice: Browser, people: dict[str, Person], phones: Phones
) -> None:
    ask(alice)
    type_in(alice, phones.code(ALICES))
    save = {"csrf_token": alice.token("/me/profile")}
    assert alice.post("/me/profile", data=SAVED | save).status_code == 303
    assert present(people["alice"]).phone_proven_at is not None, "the same number stays proven"
    assert alice.post("/me/profile", data=SAVED | save | {"phone": "010-8765-4321"}).status_code == 303
    changed = present(people["alice"])
    assert changed.phone == BOBS and changed.phone_proven_at is None


def test_what_is_no_number_is_said_and_nothing_is_sent(alice: Browser, phones: Phones) -> None:
    answer = ask(alice, "010-12")
    assert answer.status_code == 422 and "field-problem" in answer.get_data(as_text=True)
    assert phones.texts() == []


@pytest.mark.parametrize("language", ["ko", "en"])
def test_sms_and_page_speak_the_readers_language(
    browser: Callable[[], Browser], people: dict[str, Person], phones: Phones, alice: Browser, language: str
) -> None:
    in_one_unit(lambda session: session.execute(update(Person).values(locale=language)))
    ask(alice)
    words = {"ko": ("인증번호", "휴대폰 인증하기"), "en": ("Your code is", "Verify your phone")}[language]
    assert words[0] in phones.texts(ALICES)[0]
    assert words[1] in alice.get(f"{PAGE}?lang={language}").get_data(as_text=True)


def test_without_sms_there_is_no_such_page(alice: Browser) -> None:
    assert alice.get(PAGE).status_code == 404
    assert "phone-title" not in alice.get("/me/profile").get_data(as_text=True)


def test_closing_an_account_deletes_its_code_and_the_sms(
    alice: Browser, people: dict[str, Person], phones: Phones
) -> None:
    ask(alice)
    form = {"sure": "yes", "current_password": "correct horse battery", "csrf_token": alice.token("/me/profile")}
    assert alice.post("/me/profile/close", data=form).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(PhoneCode)) == 0
    assert phones.texts(ALICES) == []

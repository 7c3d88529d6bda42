"""Accounts on both databases: one address one account, one phone one account, and what ends a session."""

import contextvars
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import argon2
import pytest
from flask import Flask
from sqlalchemy import func, select

from cashticket.accounts import blocking, passwords, people, recovery, sessions
from cashticket.accounts.addresses import BadEmail, BadPhone, normalise_email, normalise_phone, written_phone
from cashticket.extensions import db
from cashticket.models import Person
from cashticket.models.units import in_one_unit
from tests.fixtures.people import make_person
from tests.staging.rows import PASSWORD

AT_ONCE = 20


def add(**fields: Any) -> Person:
    given = {"email": "alice@example.com", "name": "Alice", "password": PASSWORD} | fields
    return people.add_person(**given)


def fresh(person: Person) -> Person:
    db.session.rollback()
    row = db.session.get(Person, person.id, populate_existing=True)
    assert row is not None
    return row


def all_at_once(app: Flask, work: Callable[[int], object]) -> Counter[str]:
    """Run `work(n)` in 20 threads that start together. Returns how often each outcome came."""
    barrier = Barrier(AT_ONCE)

    def one(number: int) -> str:
        with app.app_context():
            barrier.wait()
            try:
                work(number)
            except Exception as error:
                return type(error).__name__
            finally:
                db.session.remove()
            return "made"

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(lambda number: contextvars.Context().run(one, number), range(AT_ONCE)))


def test_an_account_keeps_what_it_was_given(app: Flask) -> None:
    made = add(birth_date=date(1999, 2, 3), phone="010-1234-5678", locale="en", staff=True)
    row = fresh(made)
    assert (row.email, row.name, row.birth_date) == ("alice@example.com", "Alice", date(1999, 2, 3))
    assert (row.phone, row.locale, row.is_staff, row.permission) == ("+821012345678", "en", True, "blocked")
    assert PASSWORD not in row.password_hash


@pytest.mark.parametrize("spelling", ["ALICE@example.com", " alice@EXAMPLE.COM ", "ａlice@example.com"])
def test_another_spelling_of_an_address_is_the_same_account(app: Flask, spelling: str) -> None:
    add()
    with pytest.raises(people.EmailTaken):
        add(email=spelling)
    assert people.find_by_email(spelling) is not None


@pytest.mark.parametrize("spelling", ["+82 10-1234-5678", "01012345678", "010 1234 5678", "+82-010-1234-5678"])
def test_another_spelling_of_a_phone_is_the_same_phone(app: Flask, spelling: str) -> None:
    add(phone="010-1234-5678")
    with pytest.raises(people.PhoneTaken):
        add(email="bob@example.com", phone=spelling)


def test_accounts_without_a_phone_do_not_collide(app: Flask) -> None:
    add()
    add(email="bob@example.com")


@pytest.mark.usefixtures("patient_hashing")
def test_twenty_sign_ups_for_one_address_make_one_account(app: Flask) -> None:
    outcomes = all_at_once(app, lambda number: add(phone=f"010-1234-56{number:02}"))
    assert outcomes == {"made": 1, "EmailTaken": AT_ONCE - 1}
    assert db.session.scalar(select(func.count()).select_from(Person)) == 1


@pytest.mark.usefixtures("patient_hashing")
def test_twenty_sign_ups_with_one_phone_make_one_account(app: Flask) -> None:
    outcomes = all_at_once(app, lambda number: add(email=f"p{number}@example.com", phone="010-1234-5678"))
    assert outcomes == {"made": 1, "PhoneTaken": AT_ONCE - 1}


@pytest.mark.parametrize(
    "text",
    ["", "@", "a@b", "a b@example.com", "a@example..com", "a@-example.com", "a\x00@example.com", "a@b.com\n\nb",
     "a@exam_ple.com", "é@example.com", "a" * 65 + "@example.com", "a@" + "b" * 250 + ".com", "a@[127.0.0.1]",
     "<a@example.com>"],
)  # fmt: skip
def test_what_mail_cannot_be_sent_to_is_no_address(text: str) -> None:
    with pytest.raises(BadEmail):
        normalise_email(text)


def test_an_international_domain_has_one_spelling() -> None:
    assert normalise_email("alice@한국.kr") == normalise_email("alice@xn--3e0b707e.kr") == "alice@xn--3e0b707e.kr"


@pytest.mark.parametrize(
    "text",
    ["", "1", "010-1234", "010-1234-56789", "+82", "+8210123456789", "abc", "010-1234-567a", "+0123456789",
     "٠١٠١٢٣٤٥٦٧٨", "010-1234-5678\x00", "+1" * 10],
)  # fmt: skip
def test_what_cannot_be_dialled_is_no_phone(text: str) -> None:
    with pytest.raises(BadPhone):
        normalise_phone(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [("+1 (202) 555-0123", "+12025550123"), ("0082 10 1234 5678", "+821012345678"), ("011-123-4567", "+82111234567")],
)
def test_phones_of_everywhere_are_kept_in_one_form(text: str, number: str) -> None:
    assert normalise_phone(text) == number


@pytest.mark.parametrize(
    "text",
    ["\u202d010-1234-5678\u202c", "010\u20111234\u20115678", "010\u20131234\u20135678", "010-1234-5678\u200b",
     "010\u22121234\u22125678", "\ufeff010 1234 5678"],
)  # fmt: skip
def test_what_looks_like_a_phone_is_one(text: str) -> None:
    """Contacts are copied with marks of direction, zero-width spaces and dashes that only look alike."""
    assert normalise_phone(text) == "+821012345678"


def test_invisible_marks_around_an_address_are_left_out_and_those_within_refused() -> None:
    assert normalise_email("\u200b alice@example.com\u200b\u2060") == "alice@example.com"
    with pytest.raises(BadEmail):
        normalise_email("ali\u200bce@example.com")


@pytest.mark.parametrize(
    ("number", "written"),
    [("+821012345678", "010-1234-5678"), ("+82111234567", "011-123-4567"), ("+12025550123", "+12025550123"), ("", "")],
)
def test_a_korean_phone_is_shown_as_koreans_write_it(number: str, written: str) -> None:
    assert written_phone(number) == written
    if number:
        assert normalise_phone(written) == number


def test_the_right_password_and_no_other_opens_an_account(app: Flask) -> None:
    alice = add()
    person = people.authenticate("Alice@example.com", PASSWORD)
    assert person is not None
    assert person.id == alice.id
    assert people.authenticate("alice@example.com", PASSWORD + "!") is None
    assert people.authenticate("nobody@example.com", PASSWORD) is None
    assert people.authenticate("no address", PASSWORD) is None


def test_the_password_of_nobody_opens_nothing() -> None:
    assert not passwords.verify(None, "nobody has this password")
    assert not passwords.outdated(passwords.DUMMY_HASH), "it must cost what every other hash costs"


def test_a_hash_of_weaker_times_is_made_anew_at_sign_in(app: Flask) -> None:
    alice = add()
    weak = argon2.PasswordHasher(time_cost=1, memory_cost=1024).hash(PASSWORD)
    people.change(alice.id, lambda row: setattr(row, "password_hash", weak))
    assert people.authenticate("alice@example.com", "wrong") is None
    assert fresh(alice).password_hash == weak
    assert people.authenticate("alice@example.com", PASSWORD) is not None
    assert not passwords.outdated(fresh(alice).password_hash)
    assert people.authenticate("alice@example.com", PASSWORD) is not None


def test_hashes_are_expensive_enough() -> None:
    parameters = argon2.extract_parameters(passwords.hash_password(PASSWORD))
    assert parameters.type is argon2.Type.ID
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2


@pytest.mark.parametrize(
    ("change", "permission", "ends_sessions"),
    [(people.verify, "ok", False), (blocking.block, "blocked", True)],
    ids=["verify", "block"],
)
def test_changes_that_auctions_must_hear_of_grow_the_revision(
    app: Flask, change: Callable[[int], Person], permission: str, ends_sessions: bool
) -> None:
    alice = make_person("alice", verified=False)
    here = sessions.begin(alice, "a browser")
    changed = change(alice.id)
    assert changed.permission == permission
    assert changed.revision == 2
    assert changed.session_epoch == (2 if ends_sessions else 1)
    assert (here.row is None) == ends_sessions
    assert change(alice.id).permission == permission, "repeating is harmless"


def test_a_change_of_password_ends_every_session_but_the_one_it_came_from(app: Flask) -> None:
    alice = make_person("alice")
    here, there = sessions.begin(alice, "here"), sessions.begin(alice, "there")
    changed, handle, _ = recovery.change_password(alice.id, "another fine phrase", keep=here.handle)
    assert here.row is None, "a copy of its cookie ends too"
    assert there.row is None
    assert handle != here.handle
    assert sessions.Principal(alice.id, changed.session_epoch, handle).row is not None
    assert changed.session_epoch == 2


def test_a_session_ends_once_and_only_for_its_owner(app: Flask) -> None:
    alice, mallory = make_person("alice"), make_person("mallory")
    here = sessions.begin(alice, "here")
    assert sessions.end_session(mallory.id, here.handle) is None
    ended = sessions.end_session(alice.id, here.handle)
    assert ended is not None
    assert ended.session_epoch == 2
    assert sessions.end_session(alice.id, here.handle) is None
    assert fresh(alice).session_epoch == 2


def test_a_person_that_is_not_there_cannot_be_changed(app: Flask) -> None:
    for change in (people.verify, blocking.block):
        with pytest.raises(people.PersonNotFound):
            change(4711)


@pytest.mark.parametrize("text", ["", "1", "1.2", "1.2.3.4", "a.1.x", "-1.1.x", "١.1.x", "1.1e3.x", "1 .1.x"])
def test_a_cookie_that_names_nobody_is_nobody(text: str) -> None:
    assert sessions.Principal.parse(text) is None


def test_twenty_changes_at_once_are_each_heard_of(app: Flask) -> None:
    alice = make_person("alice")
    assert all_at_once(app, lambda number: people.verify(alice.id)) == {"made": AT_ONCE}
    assert fresh(alice).revision == 1 + AT_ONCE


def test_a_closed_account_signs_nobody_in(app: Flask) -> None:
    alice = make_person("alice")
    here = sessions.begin(alice, "here")

    def close(session: Any) -> None:
        row = session.get(Person, alice.id)
        row.closed_at = row.created_at

    in_one_unit(close)
    assert people.authenticate("alice@example.com", PASSWORD) is None
    assert here.row is None

"""Verifying in the profile who one is, by the provider that pretends: what counts, what does not, and what is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket.extensions import db
from cashticket.identity import checks
from cashticket.identity.local import Local
from cashticket.identity.provider import LIFETIME, Identity
from cashticket.models import IdentityCheck, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from tests.fixtures.logs import LogLines
from tests.fixtures.people import Browser, sign_in
from tests.staging.identities import (
    BACK,
    BORN,
    KEY,
    LOCAL,
    PAGE,
    begin,
    finish,
    give_birth_date,
    keys,
    present,
    seen,
    turn_on,
    verify,
)


@pytest.fixture(autouse=True)
def provider(app: Flask, people: dict[str, Person]) -> None:
    turn_on(app)
    give_birth_date(*people.values())


def test_alice_verifies_who_she_is_and_a_keyed_hash_is_all_that_stays(
    alice: Browser, people: dict[str, Person], log_lines: LogLines
) -> None:
    answer = verify(alice)
    assert (answer.status_code, answer.location) == (303, "/me/profile")
    assert present(people["alice"]).identity_proven_at is not None
    assert "본인인증을 마쳤어요" in alice.get(PAGE).text
    [row] = keys()
    assert (row.person_id, row.live) == (people["alice"].id, 1)
    for table in db.metadata.sorted_tables:
        rows = str(db.session.execute(db.select(table)).all())
        assert KEY not in rows, table.name
        assert table.name == "people" or not (repr(BORN) in rows or BORN.isoformat() in rows), table.name
    assert KEY not in log_lines.text and "1999-02-03" not in log_lines.text and "Alice" not in log_lines.text


def test_the_way_leads_back_to_the_auction(alice: Browser) -> None:
    path = begin(alice, next="/concerts/")
    assert finish(alice, seen(alice, path)).location == "/concerts/"


@pytest.mark.parametrize(
    ("person", "words"),
    [
        ({"name": "Bob"}, "이름이 계정의 이름과 달라요"),
        ({"born": "1999-02-04"}, "생년월일이 계정의 생년월일과 달라요"),
        ({"key": ""}, "다른 방법으로"),
    ],
)
def test_another_name_or_birth_date_or_no_key_proves_nothing(
    alice: Browser, people: dict[str, Person], person: dict[str, str], words: str
) -> None:
    answer = verify(alice, **person)
    assert answer.status_code == 422 and words in answer.text
    assert present(people["alice"]).identity_proven_at is None and keys() == []


def test_a_name_may_be_written_in_another_case_and_with_other_blanks(alice: Browser) -> None:
    assert verify(alice, name="ALI CE").status_code == 303


def test_an_answer_counts_once(alice: Browser, people: dict[str, Person]) -> None:
    way_back = seen(alice, begin(alice))
    assert finish(alice, way_back).status_code == 303
    again = finish(alice, way_back)
    assert again.status_code == 422 and "이미 쓴" in again.text


def test_a_changed_answer_is_refused_and_ends_the_verification(alice: Browser, people: dict[str, Person]) -> None:
    way_back = seen(alice, begin(alice), name="Bob")
    answer = way_back.rpartition("answer=")[2]
    forged = finish(alice, way_back, answer=f"{answer[:4]}{'A' if answer[4] != 'A' else 'B'}{answer[5:]}")
    assert forged.status_code == 422 and "본인인증 서비스가 보낸 결과가 아니에요" in forged.text
    assert finish(alice, way_back).status_code == 422, "the right answer comes too late"
    assert present(people["alice"]).identity_proven_at is None


def test_an_answer_for_another_verification_is_refused(alice: Browser) -> None:
    """An answer of the verification before, which names alice rightly and was never used."""
    before = seen(alice, begin(alice)).rpartition("answer=")[2]
    refused = finish(alice, seen(alice, begin(alice)), answer=before)
    assert refused.status_code == 422 and "본인인증 서비스가 보낸 결과가 아니에요" in refused.text and keys() == []


def test_somebody_else_cannot_finish_a_verification(
    alice: Browser, mallory: Browser, people: dict[str, Person]
) -> None:
    way_back = seen(alice, begin(alice))
    assert finish(mallory, way_back).status_code == 422
    assert present(people["mallory"]).identity_proven_at is None


def test_another_session_of_the_same_account_cannot_finish_it(
    alice: Browser, people: dict[str, Person], browser: Callable[[], Browser]
) -> None:
    way_back = seen(alice, begin(alice))
    refused = finish(sign_in(browser(), "alice"), way_back)
    assert refused.status_code == 422 and "다른 브라우저" in refused.text
    assert present(people["alice"]).identity_proven_at is None


def test_a_verification_works_for_ten_minutes(alice: Browser) -> None:
    way_back = seen(alice, begin(alice))
    then = update(IdentityCheck).values(created_at=utcnow() - LIFETIME)
    in_one_unit(lambda session: session.execute(then))
    refused = finish(alice, way_back)
    assert refused.status_code == 422 and "너무 오래 걸렸거나" in refused.text


def test_an_answer_of_long_ago_is_refused_however_young_the_verification_is(app: Flask, alice: Browser) -> None:
    way_back = seen(alice, begin(alice))
    keys_of_site = app.extensions["settings"].signing_keys
    reference = way_back.partition("reference=")[2].partition("&")[0]
    old = Local(keys_of_site).signed(
        reference, Identity("Alice", BORN, KEY), utcnow() - LIFETIME - timedelta(seconds=1)
    )
    assert "너무 오래 걸렸거나" in finish(alice, way_back, answer=old).text


def test_who_stops_at_the_provider_may_begin_again(alice: Browser) -> None:
    path = begin(alice)
    request = path.partition("request=")[2]
    stopped = alice.post(path, data={"stop": "yes", "csrf_token": alice.token(path)})
    assert request and "끝나지 않았어요" in finish(alice, stopped.location).text
    assert verify(alice).status_code == 303


def test_a_second_account_is_led_to_the_first(alice: Browser, bob: Browser, people: dict[str, Person]) -> None:
    verify(alice)
    refused = verify(bob, name="Bob")
    assert refused.status_code == 422
    assert "al***@example.com" in refused.text and 'id="identity-taken"' in refused.text
    assert "alice@example.com" not in refused.text
    assert present(people["bob"]).identity_proven_at is None and len(keys()) == 1


def test_an_account_cannot_become_another_persons(alice: Browser, people: dict[str, Person]) -> None:
    verify(alice)
    in_one_unit(lambda session: session.execute(update(Person).values(identity_proven_at=None)))
    refused = verify(alice, key="another-key")
    assert refused.status_code == 422 and "다른 사람이 인증한" in refused.text


def test_another_name_takes_the_proof_away_and_keeps_the_account_that_persons(
    alice: Browser, bob: Browser, people: dict[str, Person]
) -> None:
    verify(alice)
    form = {"name": "Alicia", "birth_date": "1999-02-03", "phone": "010-8765-4321", "locale": "ko"}
    assert alice.post("/me/profile", data=form | {"csrf_token": alice.token("/me/profile")}).status_code == 303
    assert present(people["alice"]).identity_proven_at is None
    assert verify(bob, name="Bob").status_code == 422, "the key is still alice's"
    assert verify(alice, name="Alicia").status_code == 303


def test_without_a_date_of_birth_there_is_nothing_to_compare(alice: Browser, people: dict[str, Person]) -> None:
    in_one_unit(lambda session: session.execute(update(Person).values(birth_date=None)))
    assert "생년월일이 없어요" in alice.get(PAGE).text
    assert alice.post(PAGE, data={"csrf_token": alice.token("/me/profile")}).status_code == 422


def test_the_way_back_alone_does_nothing(alice: Browser, people: dict[str, Person]) -> None:
    assert alice.get(seen(alice, begin(alice))).status_code == 200
    assert present(people["alice"]).identity_proven_at is None


def test_the_pretence_signs_for_no_request_that_is_not_ours(alice: Browser) -> None:
    assert alice.get(f"{LOCAL}?request=nonsense").status_code == 404
    assert alice.get(LOCAL).status_code == 404


@pytest.mark.parametrize("path", [PAGE, BACK, LOCAL, f"{PAGE}/window"])
def test_there_are_no_such_pages_without_a_provider(app: Flask, alice: Browser, path: str) -> None:
    turn_on(app, "")
    assert alice.get(path).status_code == 404


@pytest.mark.parametrize(
    ("address", "hidden"), [("alice@example.com", "al***@example.com"), ("bob@example.com", "b***@example.com")]
)
def test_an_address_is_known_to_its_owner_alone(address: str, hidden: str) -> None:
    assert checks.hidden_address(address) == hidden

"""PortOne's identity verification: the window's page, the answer that a worker fetches, and every way it can fail."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket import jobs
from cashticket.extensions import db
from cashticket.models import IdentityCheck, Person
from cashticket.models.identity_checks import CheckOutcome
from cashticket.wiring import queue
from tests.fixtures.logs import LogLines
from tests.fixtures.people import Browser
from tests.staging.identities import PAGE, begin, finish, give_birth_date, keys, present, turn_on
from tests.staging.portone import CHANNEL, SECRET, STORE, PortOneApi, running_portone, verified

# Both kinds of database are tried by the pages of the pretended provider.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def api(app: Flask, people: dict[str, Person]) -> Iterator[PortOneApi]:
    give_birth_date(*people.values())
    with running_portone() as service:
        turn_on(app, service.url)
        yield service


def check() -> IdentityCheck:
    db.session.rollback()
    return db.session.scalars(select(IdentityCheck)).one()


def go_and_return(client: Browser) -> str:
    """Begin, and come back from the window. Returns the reference."""
    assert begin(client) == f"{PAGE}/window"
    reference = check().reference
    answer = finish(client, f"{PAGE}/back?identityVerificationId={reference}")
    assert (answer.status_code, answer.location) == (303, PAGE)
    return reference


def test_the_window_knows_store_channel_and_reference_and_no_secret(api: PortOneApi, alice: Browser) -> None:
    page = alice.get(begin(alice))
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self' https://cdn.portone.io;" in policy and "'unsafe" not in policy
    for part in (STORE, CHANNEL, check().reference, "browser-sdk.js"):
        assert part in page.text
    assert SECRET not in page.text and SECRET.replace("/", "%2F") not in page.text


def test_a_worker_fetches_the_answer_and_the_account_is_verified(
    api: PortOneApi, alice: Browser, people: dict[str, Person], log_lines: LogLines
) -> None:
    reference = go_and_return(alice)
    api.documents[reference] = verified(reference)
    assert 'http-equiv="refresh"' in alice.get(PAGE).text, "the page waits"
    assert api.requests == [], "no web process reaches outside"
    assert [job.func_name for job in queue("mail").jobs] == ["cashticket.jobs.identities_due"]
    jobs.identities_due()
    assert api.requests == [(f"/identity-verifications/{reference}?storeId={STORE}", f"PortOne {SECRET}")]
    assert present(people["alice"]).identity_proven_at is not None and len(keys()) == 1
    page = alice.get(PAGE).text
    assert "본인인증을 마쳤어요" in page and 'http-equiv="refresh"' not in page
    assert not re.search(r"CI\+of|1999-02-03|Alice|api-secret", log_lines.text)
    jobs.identities_due()
    assert len(api.requests) == 1, "it is asked once"


@pytest.mark.parametrize(
    ("customer", "outcome"),
    [
        ({"name": "Bob"}, CheckOutcome.OTHER_NAME),
        ({"birthDate": "1980-01-01"}, CheckOutcome.OTHER_BIRTH),
        ({"ci": None}, CheckOutcome.NO_KEY),
        ({"ci": None, "di": "DI1"}, CheckOutcome.PROVEN),
        ({"birthDate": None}, CheckOutcome.NO_KEY),
    ],
)
def test_what_portone_says_of_the_person_decides(
    api: PortOneApi, alice: Browser, customer: dict[str, str | None], outcome: CheckOutcome
) -> None:
    reference = go_and_return(alice)
    api.documents[reference] = verified(reference, **customer)
    jobs.identities_due()
    assert check().outcome is outcome


def test_a_verification_that_was_not_finished_or_is_another_proves_nothing(api: PortOneApi, alice: Browser) -> None:
    for document, outcome in (
        (None, CheckOutcome.NOT_DONE),
        ({"status": "READY"}, CheckOutcome.NOT_DONE),
        ({"status": "FAILED"}, CheckOutcome.NOT_DONE),
        (verified("identity-of-somebody-else"), CheckOutcome.FORGED),
    ):
        api.documents[go_and_return(alice)] = document
        jobs.identities_due()
        assert check().outcome is outcome
    assert keys() == []


@pytest.mark.parametrize(
    ("key", "outcome"), [("a-channel-for-tests", CheckOutcome.FORGED), (CHANNEL, CheckOutcome.PROVEN)]
)
def test_a_window_that_was_opened_with_another_channel_of_the_shop_proves_nothing(
    api: PortOneApi, alice: Browser, key: str, outcome: CheckOutcome
) -> None:
    reference = go_and_return(alice)
    api.documents[reference] = verified(reference) | {"channel": {"type": "TEST", "key": key}}
    jobs.identities_due()
    assert check().outcome is outcome


def test_while_portone_is_away_the_verification_waits(api: PortOneApi, alice: Browser, log_lines: LogLines) -> None:
    reference = go_and_return(alice)
    api.documents[reference] = verified(reference)
    for status in (500, 401, 429):
        api.status = status
        jobs.identities_due()
        assert check().outcome is None and f"PortOne answered {status}" in log_lines.text
    api.status = 200
    mail = queue("mail")
    mail.empty()
    for number in range(3):
        mail.enqueue("cashticket.jobs.deliver_due", number)
    alice.get(PAGE)
    alice.get(PAGE)
    asking = [place for place, job in enumerate(mail.jobs) if job.func_name == "cashticket.jobs.identities_due"]
    assert asking == [3], "mails get their turn, and it is queued once"
    mail.empty()
    alice.get(PAGE)
    assert len(queue("mail").jobs) == 1, "whoever waits has it asked again"
    jobs.identities_due()
    assert check().outcome is CheckOutcome.PROVEN


def test_a_worker_without_a_provider_says_so_and_the_verification_waits(
    app: Flask, api: PortOneApi, alice: Browser, log_lines: LogLines
) -> None:
    go_and_return(alice)
    turn_on(app, "")
    jobs.identities_due()
    assert "this process has no IDENTITY_URL" in log_lines.text and check().outcome is None

"""Sign-up asks for consent to terms and privacy policy; what was agreed to is kept with its version and time."""

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.accounts import recovery
from cashticket.accounts.consent import PRIVACY_VERSION, TERMS_VERSION
from cashticket.accounts.fields import AGREEMENTS
from cashticket.accounts.people import find_by_email
from cashticket.extensions import db
from cashticket.models import Person, SignUpDraft
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.web.sign_ups import ALICE, become_member, drafts, follow, sign_up

VERSIONS = (TERMS_VERSION, PRIVACY_VERSION)
OTHER = {"terms": "privacy", "privacy": "terms"}


def box(page: str, name: str) -> str:
    """The tag of one box."""
    found = re.search(rf'<input[^>]*id="field-{name}"[^>]*>', page)
    assert found
    return found[0]


@pytest.mark.parametrize("name", AGREEMENTS)
@pytest.mark.parametrize("value", ["", "no", "YES", "yes "])
def test_nobody_signs_up_without_agreeing(client: Browser, name: str, value: str) -> None:
    answer = sign_up(client, **{name: value})
    assert answer.status_code == 422 and drafts() == []
    page = html.unescape(answer.get_data(as_text=True))
    # The sentence stands under the box, which has the focus; everything else is as it was typed.
    hint = page.partition(f'id="hint-{name}"')[2].partition("</p>")[0]
    assert "동의해 주세요" in hint
    assert 'aria-invalid="true"' in box(page, name) and "autofocus" in box(page, name)
    assert " checked" in box(page, OTHER[name]) and " checked" not in box(page, name)
    assert page.count('aria-invalid="true"') == 1 and "동의해 주세요" not in page.replace(hint, "")
    assert all(ALICE[field] in page for field in ("email", "name", "birth_date", "phone")) and PASSWORD not in page


def test_the_first_wrong_field_has_the_focus_and_no_box(client: Browser) -> None:
    page = sign_up(client, phone="1", terms="").get_data(as_text=True)
    assert page.count("autofocus") == 1 and "autofocus" not in box(page, "terms")


def test_programs_are_told_what_is_missing(client: Browser) -> None:
    form = {name: text for name, text in ALICE.items() if name not in AGREEMENTS}
    form["csrf_token"] = client.token("/signup")
    answer = client.post("/signup", data=form, headers={"Accept": "application/json"})
    assert answer.status_code == 422 and set(json.loads(answer.data)["errors"]) == set(AGREEMENTS)


def test_the_boxes_begin_empty_and_lead_to_their_texts(client: Browser) -> None:
    page = client.get("/signup").get_data(as_text=True)
    for name in AGREEMENTS:
        assert " checked" not in box(page, name) and f'href="/{name}" target="_blank"' in page


def test_what_was_agreed_to_goes_from_the_sign_up_to_the_account(client: Browser, mailbox: Mailbox) -> None:
    before = datetime.now(UTC)
    sign_up(client)
    (draft,) = drafts()
    assert (draft.terms_version, draft.privacy_version) == VERSIONS
    assert draft.consented_at is not None and before <= draft.consented_at <= datetime.now(UTC)
    agreed_at = draft.consented_at
    follow(client, mailbox.link(ALICE["email"]))
    alice = find_by_email(ALICE["email"])
    assert alice is not None
    assert (alice.terms_version, alice.privacy_version, alice.consented_at) == (*VERSIONS, agreed_at)


def test_whoever_signs_up_anew_agrees_for_themselves(browser: Callable[[], Browser], mailbox: Mailbox) -> None:
    sign_up(browser())
    link = mailbox.link(ALICE["email"])
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    in_one_unit(lambda session: setattr(session.scalars(select(SignUpDraft)).one(), "consented_at", an_hour_ago))
    owner = browser()
    page = owner.get(f"{link}?anew=yes").get_data(as_text=True)
    assert all(" checked" not in box(page, name) for name in AGREEMENTS)
    facts = {name: text for name, text in ALICE.items() if name != "email"} | {"anew": "yes"}
    assert follow(owner, link, **facts | {"privacy": ""}).status_code == 422
    assert follow(owner, link, **facts).status_code == 303
    alice = find_by_email(ALICE["email"])
    assert alice is not None and alice.consented_at is not None and alice.consented_at > an_hour_ago


def test_a_sign_up_of_an_earlier_release_is_confirmed_without_a_consent(client: Browser, mailbox: Mailbox) -> None:
    sign_up(client)
    nothing = {"terms_version": None, "privacy_version": None, "consented_at": None}
    in_one_unit(lambda session: session.execute(update(SignUpDraft).values(nothing)))
    assert follow(client, mailbox.link(ALICE["email"])).status_code == 303
    alice = find_by_email(ALICE["email"])
    assert alice is not None and alice.consented_at is None and alice.terms_version is None


def test_an_account_that_an_operator_adds_needs_none(app: Flask) -> None:
    words = ["user", "add", "--email", "bob@example.com", "--name", "Bob", "--verified", "--json"]
    added = app.test_cli_runner().invoke(args=words, input=f"{PASSWORD}\n")
    assert added.exit_code == 0
    bob = db.session.get_one(Person, json.loads(added.stdout)["id"])
    assert (bob.terms_version, bob.privacy_version, bob.consented_at) == (None, None, None)


def test_closing_the_account_deletes_it(client: Browser, mailbox: Mailbox) -> None:
    alice = become_member(client, mailbox)
    recovery.close(alice.id)
    db.session.rollback()
    row = db.session.get_one(Person, alice.id, populate_existing=True)
    assert (row.terms_version, row.privacy_version, row.consented_at) == (None, None, None)

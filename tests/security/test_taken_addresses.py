"""A thief changes the address of an account: the owner gets it back by the link in the old mailbox, whatever the thief
does meanwhile."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket.models import AccountMail, Person
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser, sign_in
from tests.staging import account_acts as acts
from tests.staging import second_factor
from tests.staging.mails import Mailbox, text_of
from tests.staging.rows import PASSWORD
from tests.web.sign_ups import sign_up

ALICE, TAKEN, FURTHER = "alice@example.com", "taken@evil.example", "further@evil.example"
THIEFS_PASSWORD = "the phrase of a thief"


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    return Mailbox(app)


@pytest.fixture
def thief(browser: Callable[[], Browser], people: dict[str, Person]) -> Browser:
    return sign_in(browser(), "alice")


def test_a_change_asked_for_before_the_reset_does_not_take_the_account_after_it(
    thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    stale = acts.ask_change(thief, mailbox, TAKEN)
    acts.reset(browser(), mailbox, ALICE)
    assert acts.open_link(thief, stale).status_code == 410
    assert acts.account(TAKEN) is None
    assert acts.may_sign_in(browser(), ALICE, acts.NEW_PASSWORD)


def test_the_old_address_is_told_and_takes_the_account_back(
    thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    undo = acts.change_address(thief, mailbox, ALICE, TAKEN)
    letter = text_of(mailbox.newest(ALICE))
    assert TAKEN not in letter, "the old mailbox learns nothing of the new one"
    alice = browser()
    assert alice.get(undo).status_code == 200
    assert acts.account(TAKEN) is not None, "opening the link undoes nothing"
    answer = acts.open_link(alice, undo)
    assert answer.status_code == 303 and answer.location.startswith("/reset/")
    assert '"storage"' in answer.headers["Clear-Site-Data"]
    assert not acts.is_in(thief)
    for email in (ALICE, TAKEN):
        assert not acts.may_sign_in(browser(), email, PASSWORD), "the password that the thief knows opens nothing"
    assert acts.open_link(alice, answer.location, password=acts.NEW_PASSWORD).status_code == 303
    assert acts.may_sign_in(browser(), ALICE, acts.NEW_PASSWORD)
    assert "고객센터" in text_of(mailbox.newest(TAKEN)), "the other mailbox is told"
    assert acts.open_link(browser(), undo).status_code == 410


def test_the_way_back_survives_a_reset_a_new_password_and_a_second_change_by_the_thief(
    thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    undo = acts.change_address(thief, mailbox, ALICE, TAKEN)
    acts.reset(browser(), mailbox, TAKEN, THIEFS_PASSWORD)
    again = browser()
    assert acts.may_sign_in(again, TAKEN, THIEFS_PASSWORD)
    later_undo = acts.change_address(again, mailbox, TAKEN, FURTHER, THIEFS_PASSWORD)
    acts.change_password(again, "a third phrase of the thief", THIEFS_PASSWORD)
    pending = acts.ask_change(again, mailbox, "last@evil.example", "a third phrase of the thief")
    acts.undo(browser(), undo)
    assert acts.account(ALICE) is not None
    for link in (later_undo, pending):
        assert acts.open_link(browser(), link).status_code == 410
    assert not acts.is_in(again)
    assert acts.may_sign_in(browser(), ALICE, acts.NEW_PASSWORD)


def test_the_way_back_of_the_thief_does_not_close_the_owners(
    thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    undo = acts.change_address(thief, mailbox, ALICE, TAKEN)
    later_undo = acts.change_address(thief, mailbox, TAKEN, FURTHER)
    acts.undo(browser(), later_undo, THIEFS_PASSWORD)
    assert acts.account(TAKEN) is not None
    acts.undo(browser(), undo)
    assert acts.account(ALICE) is not None and acts.account(TAKEN) is None
    assert not acts.may_sign_in(browser(), ALICE, THIEFS_PASSWORD)


def test_second_factors_that_the_thief_has_set_do_not_keep_the_owner_out(
    thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox, people: dict[str, Person]
) -> None:
    undo = acts.change_address(thief, mailbox, ALICE, TAKEN)
    thiefs_app = second_factor.set_app(thief, people["alice"].id)
    acts.undo(browser(), undo)
    alice = browser()
    assert acts.may_sign_in(alice, ALICE, acts.NEW_PASSWORD) and acts.is_in(alice)
    assert thiefs_app.codes, "the thief had recovery codes too"


def test_who_reads_the_old_mailbox_does_not_get_past_the_owners_second_factor(
    browser: Callable[[], Browser], mailbox: Mailbox, people: dict[str, Person]
) -> None:
    alice = sign_in(browser(), "alice")
    app = second_factor.set_app(alice, people["alice"].id)
    form = {"email": "moved@example.com", "current_password": PASSWORD, "code": app.next_code()}
    assert acts.post(alice, "/email", **form).status_code == 303
    assert acts.open_link(alice, mailbox.link("moved@example.com")).status_code == 303
    [undo] = [link for link in acts.links_in(mailbox, ALICE) if link.startswith("/confirm/")]
    acts.undo(browser(), undo, THIEFS_PASSWORD)
    reader = browser()
    step = second_factor.type_password(reader, password=THIEFS_PASSWORD)
    assert step.location == "/login/second" and not acts.is_in(reader)
    assert second_factor.second_step(reader, code=app.next_code()).status_code == 303
    assert acts.is_in(reader), "the owner, who has the app, gets in"


def test_a_change_can_be_undone_for_72_hours(thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox) -> None:
    undo = acts.change_address(thief, mailbox, ALICE, TAKEN)
    for age, status in ((timedelta(hours=71, minutes=55), 200), (timedelta(hours=72, minutes=1), 410)):
        made = datetime.now(UTC) - age
        in_one_unit(lambda session, made=made: session.execute(update(AccountMail).values(created_at=made)))
        assert browser().get(undo).status_code == status
    assert acts.open_link(browser(), undo).status_code == 410
    assert acts.account(TAKEN) is not None


def test_an_address_that_somebody_else_has_meanwhile_is_not_taken_from_them(
    thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    undo = acts.change_address(thief, mailbox, ALICE, TAKEN)
    newcomer = browser()
    sign_up(newcomer)
    assert acts.open_link(newcomer, mailbox.link(ALICE)).status_code == 303
    answer = acts.open_link(browser(), undo)
    assert answer.status_code == 410
    held = acts.account(ALICE)
    assert held is not None and held.name == "김앨리스"


def test_drafts_of_an_address_end_when_an_account_gets_it(
    thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox
) -> None:
    stranger = browser()
    sign_up(stranger, email=TAKEN)
    draft = mailbox.link(TAKEN)
    acts.change_address(thief, mailbox, ALICE, TAKEN)
    assert acts.open_link(stranger, draft).status_code == 200, "says that the address is confirmed"
    held = acts.account(TAKEN)
    assert held is not None and held.name == "Alice"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_no_link_acts_by_being_opened(
    thief: Browser, browser: Callable[[], Browser], mailbox: Mailbox, method: str
) -> None:
    undo = acts.change_address(thief, mailbox, ALICE, TAKEN)
    links = [undo, acts.ask_change(thief, mailbox, FURTHER), acts.ask_reset(browser(), mailbox, TAKEN)]
    for link in links:
        answer = browser().open(link, method=method, headers={"Sec-Purpose": "prefetch", "User-Agent": "a scanner"})
        assert answer.status_code == 200, link
        assert browser().post(link).status_code == 400, "nor by a form of another site"
    assert acts.account(TAKEN) is not None
    assert acts.is_in(thief)
    for link in links:
        assert browser().get(link).status_code == 200, "each is still open"

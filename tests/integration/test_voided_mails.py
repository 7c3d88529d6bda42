"""Mails about a voided auction tell its public reason, as one line that looks like no other part of the mail."""

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket.extensions import db
from cashticket.models import OperatorAct, Person
from cashticket.models.columns import utcnow
from cashticket.models.operator_acts import WHY_MAX
from cashticket.models.units import in_one_unit
from cashticket.notify.mail import compose
from cashticket.notify.notices import reason_line
from cashticket.notify.texts import Letter
from cashticket.settlement import awards
from cashticket.work.closing import close_and_settle
from cashticket.work.messages import letter_of
from cashticket.work.voiding import void_and_announce
from tests.staging.auctions import Stage
from tests.staging.mails import html_of
from tests.staging.outbox import messages
from tests.staging.settlement import award_of

WHY = "the hall burned down"
HOSTILE = "fire\r\nBcc: all@example.org\n\n{person} \u202e\x1b[31m%(why)s <b>now</b>"
HOSTILE_SHOWN = "fire Bcc: all@example.org {person} [31m%(why)s <b>now</b>"


@pytest.fixture
def voided(app: Flask) -> Stage:
    """Alice had bought, bob was offered a seat, carol was in line."""
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000)):
        stage.bid(name, amount)
    close_and_settle(stage.engine, stage.id)
    alice = stage.people["alice"]
    awards.buy(award_of(stage.id, alice).id, alice, utcnow())
    void_and_announce(stage.engine, stage.id, WHY, "olga", utcnow())
    return stage


def change_act(**values: object) -> None:
    in_one_unit(lambda session: session.execute(update(OperatorAct).values(**values)))


def mails(language: str) -> list[Letter]:
    """The mails about the voided auction as they would leave now."""
    in_one_unit(lambda session: session.execute(update(Person).values(locale=language)))
    db.session.rollback()
    return [letter for message in messages(kind="voided") if (letter := letter_of(message, utcnow()))]


@pytest.mark.parametrize(("language", "said"), [("ko", "\n주최사가 밝힌 이유: "), ("en", "\nReason given: ")])
def test_the_mails_of_buyers_and_of_all_others_tell_why(voided: Stage, language: str, said: str) -> None:
    written = mails(language)
    assert sorted("/me/tickets" in mail.body for mail in written) == [False, False, True]
    for mail in written:
        assert mail.body.count(f"{said}{WHY}\n\n") == 1 and "olga" not in mail.body
        assert WHY not in mail.subject


def test_a_hostile_reason_stays_one_line_of_the_body(voided: Stage) -> None:
    plain = mails("en")
    change_act(why=HOSTILE)
    for before, after in zip(plain, mails("en"), strict=True):
        assert after.subject == before.subject
        assert after.body == before.body.replace(WHY, HOSTILE_SHOWN)
        sent = compose(after, "CashTicket <post@example.org>", "1")
        assert sent["Bcc"] is None and [part["Bcc"] for part in sent.iter_parts()] == [None, None]
        assert "<b>now" not in html_of(sent) and "&lt;b&gt;now" in html_of(sent)


def test_a_reason_that_was_given_to_an_earlier_release_is_mailed_to_nobody(voided: Stage) -> None:
    change_act(facts={"was": "settled"})
    for mail in mails("en"):
        assert WHY not in mail.body and "Reason given" not in mail.body and "\n\n\n" not in mail.body


def test_a_long_reason_is_cut_and_one_that_shows_nothing_has_no_line() -> None:
    assert reason_line("x" * WHY_MAX, "en") == f"Reason given: {'x' * WHY_MAX}\n"
    assert reason_line("x" * 10_000, "en") == f"Reason given: {'x' * (WHY_MAX - 1)}…\n"
    assert reason_line("half a sign: \ud800", "en") == "Reason given: half a sign:\n"
    assert reason_line(" \r\n\u200b", "en") == reason_line("", "en") == ""

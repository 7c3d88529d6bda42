"""An address that a mail server refused for good gets only mails that its reader needs, until one of them arrives."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, select

from cashticket.accounts.mail_links import Purpose
from cashticket.accounts.recovery import close
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Person, RefusedAddress
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.models.units import in_one_unit
from cashticket.notify import refused_addresses
from cashticket.notify.outbox import BOUNCED
from cashticket.wiring import current_engine
from cashticket.work import forgetting, messages, resending
from tests.staging.failed_mails import NOBODY, message, tell
from tests.staging.mail_server import MailServer
from tests.staging.outbox import deliver, store_mail
from tests.staging.push_service import running_push_service
from tests.staging.pushes import phone_of, push, use_push_service
from tests.staging.rows import add_person, change_person

pytestmark = pytest.mark.usefixtures("server")

ALICE, ELSEWHERE = "alice@example.org", "alice@elsewhere.example"


@pytest.fixture
def alice(app: Flask) -> int:
    return add_person("alice", email=ALICE).id


@pytest.fixture
def refused(server: MailServer, alice: int) -> int:
    """Alice, whose address was refused and takes mail again, which nobody knows yet."""
    server.recipients[ALICE] = NOBODY
    store_mail(alice, Purpose.RESET, ALICE)
    deliver()
    server.recipients.clear()
    server.tried.clear()
    return alice


def marked() -> list[str]:
    """The codes of all addresses that are marked."""
    db.session.rollback()
    return list(db.session.scalars(select(RefusedAddress.code)))


def ended(message_id: int) -> tuple[MessageState, str]:
    """What became of a message, and its last error."""
    row = message(message_id)
    return row.state, row.last_error


def test_a_mail_that_can_be_turned_off_is_not_sent_to_a_refused_address(server: MailServer, refused: int) -> None:
    assert marked() == ["550 5.1.1"]
    result = tell(refused, NoticeKind.NOT_WON)
    deliver()
    assert ended(result) == (MessageState.DROPPED, BOUNCED) and server.tried == []
    assert marked() == ["550 5.1.1"] and message(result).tries == 0


def test_needed_mails_are_still_tried_and_one_that_arrives_lets_all_leave_again(
    server: MailServer, refused: int
) -> None:
    server.recipients[ALICE] = NOBODY
    won = tell(refused, NoticeKind.WON)
    deliver()
    assert ended(won) == (MessageState.FAILED, "550 5.1.1") and server.tried == [ALICE]
    server.recipients.clear()
    won_again = tell(refused, NoticeKind.WON)
    deliver()
    assert ended(won_again) == (MessageState.SENT, "") and marked() == []
    result = tell(refused, NoticeKind.NOT_WON)
    deliver()
    assert ended(result) == (MessageState.SENT, "")


def test_a_mail_about_the_account_is_tried_too(server: MailServer, refused: int) -> None:
    store_mail(refused, Purpose.PASSWORD_CHANGED, ALICE)
    deliver()
    assert [letter["To"] for letter in server.letters()] == [ALICE] and marked() == []


def test_another_address_is_free_at_once_and_the_first_stays_marked(server: MailServer, refused: int) -> None:
    change_person(refused, email=ELSEWHERE)
    tell(refused, NoticeKind.NOT_WON)
    deliver()
    assert server.tried == [ELSEWHERE] and len(marked()) == 1


@pytest.mark.parametrize("answer", ["550 5.7.1 policy", "552 5.2.2 full", "450 4.2.1 busy"])
def test_a_refusal_for_another_reason_marks_nothing(server: MailServer, alice: int, answer: str) -> None:
    server.recipients[ALICE] = answer
    tell(alice, NoticeKind.NOT_WON)
    deliver()
    assert server.tried[0] == ALICE and marked() == []


def test_a_mail_whose_content_is_refused_marks_nothing(server: MailServer, alice: int) -> None:
    server.answers["."] = "550 looks like spam"
    result = tell(alice, NoticeKind.NOT_WON)
    deliver()
    assert ended(result) == (MessageState.FAILED, "550") and marked() == []


def test_an_address_that_no_account_has_leaves_nothing_behind(server: MailServer, alice: int) -> None:
    server.recipients["typo@example.org"] = NOBODY
    store_mail(alice, Purpose.CHANGE, "typo@example.org")
    deliver()
    assert server.tried == ["typo@example.org"] and marked() == []


def test_what_an_operator_saw_come_back_is_not_lifted_by_a_mail_that_was_taken(server: MailServer, alice: int) -> None:
    """The server took the mails that came back later as well."""
    in_one_unit(lambda session: refused_addresses.mark(session, ALICE, by_operator=True))
    won, result = tell(alice, NoticeKind.WON), tell(alice, NoticeKind.NOT_WON)
    deliver()
    assert ended(won) == (MessageState.SENT, "") and ended(result) == (MessageState.DROPPED, BOUNCED)
    assert marked() == [""]


def test_an_address_stands_in_the_table_as_a_keyed_hash(refused: int) -> None:
    key = db.session.scalars(select(RefusedAddress.address_key)).one()
    assert "alice" not in key and "example" not in key
    assert refused_addresses.find(" Alice@Example.org") is not None, "however it is written"


def test_closing_the_account_leaves_no_mark_even_when_the_last_mail_is_refused(
    server: MailServer, refused: int
) -> None:
    server.recipients[ALICE] = NOBODY
    close(refused)
    assert marked() == []
    deliver()
    assert server.tried == [ALICE] and marked() == []


def test_a_mark_is_forgotten_after_a_year(refused: int) -> None:
    for days, left in ((364, 1), (366, 0)):
        counts = forgetting.forget(utcnow() + timedelta(days=days), dry=False, progress=lambda rule, count: None)
        assert (counts["refused_addresses"], len(marked())) == (1 - left, left)


def test_a_push_leaves_as_before(app: Flask, refused: int) -> None:
    with running_push_service() as service:
        use_push_service(app, service)
        phone = phone_of(service, refused)
        result = tell(refused, NoticeKind.NOT_WON)
        deliver()
        push()
        assert ended(result)[1] == BOUNCED and len(phone.requests()) == 1


def test_a_mail_costs_one_statement_to_look_its_address_up(server: MailServer, alice: int) -> None:
    statements: list[str] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def note(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    tell(alice, NoticeKind.NOT_WON)
    deliver()
    assert len(server.received) == 1
    assert len([each for each in statements if "refused_addresses" in each]) == 1


def test_a_database_that_is_away_after_a_mail_has_left_does_not_send_it_twice(
    server: MailServer, refused: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(work: object) -> None:
        raise messages.DATABASE_AWAY[1]("no connection")

    monkeypatch.setattr(messages, "in_one_unit", away)
    won = tell(refused, NoticeKind.WON)
    deliver()
    deliver()
    assert ended(won) == (MessageState.SENT, "") and server.tried == [ALICE] and len(marked()) == 1


def test_what_is_marked_stays_as_it_was_first_marked(server: MailServer, refused: int) -> None:
    server.recipients[ALICE] = "550 5.2.1 closed"
    tell(refused, NoticeKind.WON)
    deliver()
    assert server.tried == [ALICE] and marked() == ["550 5.1.1"]
    db.session.rollback()
    assert db.session.get_one(Person, refused).email == ALICE


def test_what_an_operator_sends_again_is_tried_whatever_the_server_said_of_its_address(
    server: MailServer, alice: int
) -> None:
    """The server had been told wrong, and said of everybody that there is no such mailbox."""
    server.recipients[ALICE] = NOBODY
    result = tell(alice, NoticeKind.NOT_WON)
    deliver()
    server.recipients.clear()
    resending.resend(current_engine(), result, "their list was broken", "olga", utcnow())
    deliver()
    assert ended(result) == (MessageState.SENT, "") and marked() == []


def test_sent_again_a_mail_does_not_go_where_an_operator_saw_it_come_back(server: MailServer, alice: int) -> None:
    server.recipients[ALICE] = "552 5.2.2 full"
    result = tell(alice, NoticeKind.NOT_WON)
    deliver()
    server.recipients.clear()
    in_one_unit(lambda session: refused_addresses.mark(session, ALICE, by_operator=True))
    resending.resend(current_engine(), result, "there is room again", "olga", utcnow())
    deliver()
    assert ended(result) == (MessageState.DROPPED, BOUNCED) and marked() == [""]
    with pytest.raises(resending.NotResent, match="come back"):
        resending.resend(current_engine(), result, "there is room again", "olga", utcnow())

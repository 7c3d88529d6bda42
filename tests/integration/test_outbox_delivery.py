"""What becomes of a message: sent once, refused for good, tried again later, or dropped because nobody needs it."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket import redis_keys
from cashticket.accounts.mail_links import LINK_LIFETIME, OUTBOX_TERMS, Purpose
from cashticket.models import AccountMail
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState, Priority
from cashticket.models.units import in_one_unit
from cashticket.notify import outbox
from cashticket.wiring import current_engine, queue_redis
from cashticket.work import delivering, mail_server
from cashticket.work.delivering import Deliverer
from tests.staging.mail_server import MailServer
from tests.staging.mails import text_of
from tests.staging.outbox import deliver, messages, store_mail
from tests.staging.rows import add_person

DAY = timedelta(days=1)


@pytest.fixture
def alice(app: Flask) -> int:
    return add_person("alice").id


def states() -> list[MessageState]:
    return [message.state for message in messages()]


def test_a_message_is_sent_once_and_its_address_forgotten(server: MailServer, alice: int) -> None:
    store_mail(alice, Purpose.RESET, "alice@example.org")
    deliver()
    deliver()
    [letter] = server.letters()
    assert letter["To"] == "alice@example.org" and "/reset/" in text_of(letter)
    [message] = messages()
    assert (message.state, message.address, message.tries) == (MessageState.SENT, None, 1)
    assert message.ended_at and message.address_key


def test_a_run_uses_one_connection_and_most_urgent_first(server: MailServer, alice: int) -> None:
    for purpose in (Purpose.IN_USE, Purpose.CHANGE, Purpose.RESET):
        store_mail(alice, purpose, f"{purpose}@example.org")
    deliver()
    assert server.tried[0] == "reset@example.org" and len(server.tried) == 3
    assert (server.connections, server.farewells) == (1, 1)


def test_a_recipient_that_is_refused_is_tried_once(
    server: MailServer, alice: int, caplog: pytest.LogCaptureFixture
) -> None:
    server.recipients["gone@example.org"] = "550 5.1.1 <gone@example.org> nobody"
    store_mail(alice, Purpose.IN_USE, "gone@example.org")
    deliver()
    deliver(utcnow() + DAY)
    [message] = messages()
    assert (message.state, message.last_error, message.address) == (MessageState.FAILED, "550 5.1.1", None)
    assert server.tried == ["gone@example.org"]
    assert len(caplog.records) == 1 and "gone" not in caplog.text and "Traceback" not in caplog.text


def test_a_recipient_that_is_put_off_gets_the_mail_later_under_the_same_id(server: MailServer, alice: int) -> None:
    server.answers["."] = "451 4.3.0 later"
    store_mail(alice, Purpose.IN_USE, "busy@example.org")
    deliver()
    assert states() == [MessageState.WAITING] and messages()[0].due_at > utcnow() + timedelta(seconds=40)
    deliver()
    assert len(server.tried) == 1, "not before its time"
    server.answers.clear()
    deliver(utcnow() + timedelta(minutes=2))
    deliver(utcnow() + DAY)
    assert states() == [MessageState.SENT] and len(server.received) == 1


def test_a_message_killed_after_sending_is_repeated_under_the_same_id(server: MailServer, alice: int) -> None:
    store_mail(alice, Purpose.IN_USE, "alice@example.org")
    deliver()
    # As if the deliverer had died before it marked the message.
    forgotten = {"state": MessageState.LEASED, "lease_owner": "dead", "leased_until": utcnow(), "ended_at": None}
    table = outbox.OutboxMessage
    in_one_unit(lambda session: session.execute(update(table).values(address="alice@example.org", **forgotten)))
    deliver(utcnow() + outbox.LEASE)
    assert len({letter["Message-ID"] for letter in server.letters()}) == 1 and len(server.received) == 2


@pytest.mark.parametrize(
    ("verb", "answer"), [("MAIL", "553 5.7.1 not yours"), ("RCPT", "553 5.7.1 not yours"), ("RCPT", "421 no")]
)
def test_a_server_that_refuses_everybody_costs_no_message(
    server: MailServer, alice: int, verb: str, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    server.answers[verb] = answer
    for number in range(20):
        store_mail(alice, Purpose.PASSWORD_CHANGED, f"{number}@example.org")
    waiting = states().count(MessageState.WAITING)
    deliver()
    assert mail_server.is_paused() and mail_server.trouble() == answer[: len(mail_server.trouble())]
    delivering.deliver(current_engine(), threading.Event(), 5)
    assert server.connections == 1 and len(caplog.records) == 1, "one try and one line a minute"
    assert states().count(MessageState.WAITING) == waiting
    server.answers.clear()
    deliver(utcnow() + timedelta(minutes=10))
    assert states().count(MessageState.SENT) == waiting and mail_server.trouble() == ""


def test_what_the_server_refuses_about_us_does_not_stand_in_the_way_of_others(server: MailServer, alice: int) -> None:
    """Some server may say so for one recipient only: the next minute begins with another message."""
    server.recipients = {"odd@example.org": "530 5.7.0 sign in first"}
    store_mail(alice, Purpose.RESET, "odd@example.org")
    store_mail(alice, Purpose.RESET, "alice@example.org")
    deliver()
    deliver()
    assert [letter["To"] for letter in server.letters()] == ["alice@example.org"]


def test_a_link_that_works_no_more_is_not_sent(server: MailServer, alice: int) -> None:
    store_mail(alice, Purpose.RESET, "alice@example.org")
    in_one_unit(lambda session: session.execute(update(AccountMail).values(used_at=utcnow())))
    deliver()
    [message] = messages()
    assert (message.state, message.last_error) == (MessageState.DROPPED, outbox.NEEDLESS) and server.tried == []


def test_a_message_is_dropped_when_its_time_is_over(server: MailServer, alice: int) -> None:
    store_mail(alice, Purpose.RESET, "alice@example.org")
    deliver(utcnow() + timedelta(hours=2))
    [message] = messages()
    assert (message.state, message.last_error) == (MessageState.DROPPED, outbox.EXPIRED) and server.tried == []


def test_a_message_that_cannot_be_written_waits_and_others_leave(
    server: MailServer, alice: int, caplog: pytest.LogCaptureFixture
) -> None:
    broken = store_mail(alice, Purpose.RESET, "alice@example.org")
    store_mail(alice, Purpose.IN_USE, "alice@example.org")
    malformed = update(AccountMail).where(AccountMail.id == broken).values(purpose="unheard of")
    in_one_unit(lambda session: session.execute(malformed))
    deliver()
    assert len(server.received) == 1 and states().count(MessageState.WAITING) == 1
    assert "cannot be written: ValueError" in caplog.text and "Traceback" not in caplog.text


def test_a_stop_comes_between_two_mails(server: MailServer, alice: int) -> None:
    stop = threading.Event()
    server.on_mail = stop.set
    for number in range(3):
        store_mail(alice, Purpose.RESET, f"{number}@example.org")
    delivering.deliver(current_engine(), stop, 30)
    assert sorted(states()) == [MessageState.SENT, MessageState.WAITING, MessageState.WAITING]


def test_a_run_ends_after_its_time_and_says_that_more_is_due(server: MailServer, alice: int) -> None:
    store_mail(alice, Purpose.RESET, "alice@example.org")
    assert deliver(seconds=0) and states() == [MessageState.WAITING]
    assert not deliver()
    assert not queue_redis().exists(redis_keys.DELIVERER_ALIVE)


def test_an_interrupted_message_is_free_at_once(server: MailServer, alice: int) -> None:
    class Interrupted(BaseException):
        """As RQ raises when a job takes too long."""

    class Silent:
        def send(self, message: object) -> None:
            raise Interrupted

        def close(self) -> None:
            """Nothing is open."""

    store_mail(alice, Purpose.RESET, "alice@example.org")
    with pytest.raises(Interrupted):
        Deliverer(current_engine(), Silent(), threading.Event(), utcnow).run(5)
    assert states() == [MessageState.WAITING]
    deliver()
    assert states() == [MessageState.SENT]


@pytest.mark.parametrize("purpose", [purpose for purpose in Purpose if purpose not in LINK_LIFETIME])
def test_news_of_an_account_goes_before_notices_and_leaves(server: MailServer, alice: int, purpose: Purpose) -> None:
    store_mail(alice, purpose, "alice@example.org")
    [message] = messages()
    assert message.priority == (Priority.CONFIRMATION if purpose is Purpose.IN_USE else Priority.ACCOUNT)
    deliver()
    assert server.tried == ["alice@example.org"] and states() == [MessageState.SENT]


def test_nobody_learns_of_accounts_by_waiting(app: Flask) -> None:
    assert OUTBOX_TERMS[Purpose.CONFIRM] == OUTBOX_TERMS[Purpose.IN_USE]


def test_outcomes_are_counted(server: MailServer, alice: int) -> None:
    server.recipients = {"gone@example.org": "550 no", "busy@example.org": "451 no"}
    for address in ("alice@example.org", "gone@example.org", "busy@example.org"):
        store_mail(alice, Purpose.RESET, address)
    deliver()
    assert mail_server.counts() == {"sent": 1, "deferred": 1, "failed": 1, "dropped": 0}

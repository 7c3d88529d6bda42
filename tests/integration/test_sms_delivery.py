"""What becomes of an SMS: handed to the gateway, tried again within seconds, given up, or dropped as needless."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import redis
from flask import Flask
from sqlalchemy import select, update

from cashticket import jobs
from cashticket.extensions import db
from cashticket.identity import phone_codes
from cashticket.models import OutboxMessage, PhoneCode
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.models.units import in_one_unit
from cashticket.notify.refusals import RecipientDeferred, RecipientRefused, ServerRefused
from cashticket.notify.sms import sender
from cashticket.wiring import queue
from cashticket.work import proving_phones, sms_delivering, sms_queueing
from tests.staging.push_service import PushService, running_push_service
from tests.staging.rows import add_people

NUMBER = "+821012345678"


@pytest.fixture
def gateway() -> Iterator[PushService]:
    with running_push_service() as service:
        yield service


@pytest.fixture
def code(app: Flask, gateway: PushService) -> PhoneCode:
    """A code that waits to be sent through the gateway of this test."""
    url = f"http://:a%2Ftoken@127.0.0.1:{gateway.server_address[1]}/sms"
    app.extensions["settings"] = replace(app.extensions["settings"], sms_url=url)
    return proving_phones.send_code(add_people(1)[0], NUMBER)


def deliver(at: datetime | None = None) -> OutboxMessage:
    """Send what is due at a moment (UTC), and return the only message as it is then."""
    sms_delivering.deliver(threading.Event(), 5.0, lambda: at or utcnow())
    return message()


def message() -> OutboxMessage:
    db.session.rollback()
    return db.session.scalars(select(OutboxMessage)).one()


def test_the_gateway_gets_number_text_and_a_name_for_the_message(code: PhoneCode, gateway: PushService) -> None:
    assert deliver().state is MessageState.SENT
    [sent] = gateway.sent
    body = json.loads(sent.body)
    assert body["to"] == NUMBER and phone_codes.digits_of(code, "a-key-for-tests-only") in body["text"]
    assert body["id"] == sent.headers["Idempotency-Key"]
    assert (sent.path, sent.headers["Authorization"]) == ("/sms", "Bearer a/token")
    assert deliver().state is MessageState.SENT and len(gateway.sent) == 1


def test_a_gateway_in_trouble_is_asked_again_within_seconds_under_the_same_name(
    code: PhoneCode, gateway: PushService
) -> None:
    gateway.answers["/sms"] = 503
    waiting, now = deliver(), utcnow()
    assert (waiting.state, waiting.last_error, waiting.tries) == (MessageState.WAITING, "503", 1)
    assert waiting.due_at <= now + timedelta(seconds=3)
    gateway.answers.clear()
    assert deliver(now + timedelta(seconds=4)).state is MessageState.SENT
    first, second = (json.loads(sent.body)["id"] for sent in gateway.sent)
    assert first == second


def test_a_number_that_the_gateway_refuses_is_not_tried_again(code: PhoneCode, gateway: PushService) -> None:
    gateway.answers["/sms"] = 422
    failed = deliver()
    assert (failed.state, failed.last_error) == (MessageState.FAILED, "422")


def test_nothing_is_sent_whose_code_has_ended(code: PhoneCode, gateway: PushService) -> None:
    dropped = deliver(utcnow() + phone_codes.LIFETIME)
    assert dropped.state is MessageState.DROPPED and gateway.sent == []
    assert db.session.scalar(select(PhoneCode)) is None, "old codes are deleted with the number in them"


def test_a_gateway_that_is_away_until_the_end_is_given_up(code: PhoneCode, gateway: PushService) -> None:
    gateway.answers["/sms"] = 500
    ends_at = message().expires_at
    in_one_unit(lambda session: session.execute(update(OutboxMessage).values(tries=4)))
    given_up = deliver(ends_at - timedelta(seconds=30))
    assert (given_up.state, given_up.last_error) == (MessageState.FAILED, "500")


def test_an_sms_goes_before_the_mails_that_wait_and_is_queued_once(code: PhoneCode, queue_redis: redis.Redis) -> None:
    mail = queue("mail")
    mail.empty()
    mail.enqueue("cashticket.jobs.deliver_due")
    assert sms_queueing.send() and not sms_queueing.send()
    first = mail.fetch_job(mail.get_job_ids(0, 1)[0])
    assert first is not None and first.func_name == "cashticket.jobs.sms_due"


def test_while_the_gateway_is_in_trouble_mails_get_their_turn(code: PhoneCode, gateway: PushService) -> None:
    mail = queue("mail")
    mail.empty()
    mail.enqueue("cashticket.jobs.deliver_due")
    gateway.answers["/sms"] = 503
    deliver()
    assert sms_queueing.send() and not sms_queueing.send()
    assert [job.func_name for job in mail.jobs] == ["cashticket.jobs.deliver_due", "cashticket.jobs.sms_due"]


def test_a_mail_worker_without_a_gateway_drops_it_and_says_so(app: Flask, code: PhoneCode) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], sms_url="")
    jobs.sms_due()
    assert (message().state, message().last_error) == (MessageState.DROPPED, sms_delivering.OFF)


@pytest.mark.parametrize(
    ("status", "refusal"),
    [(400, RecipientRefused), (401, ServerRefused), (302, ServerRefused), (429, RecipientDeferred)],
)
def test_the_answer_of_a_gateway_says_whose_fault_it_is(
    gateway: PushService, status: int, refusal: type[Exception]
) -> None:
    gateway.answers["/x"] = status
    with pytest.raises(refusal):
        sender(f"http://127.0.0.1:{gateway.server_address[1]}/x").send(NUMBER, "text", os.urandom(4).hex())

"""Nobody can use the product's mail against others: no flood delays a win or a reset, and no mailbox that refuses mail
fills a store or a log."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from rq.registry import FailedJobRegistry

from cashticket.accounts.mail_links import Purpose
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState, Priority
from cashticket.models.outbox_adding import OPEN_MAX, OPEN_OF_ASKER_MAX
from cashticket.notify import outbox
from cashticket.wiring import current_engine, queue, queue_redis
from cashticket.work.watch.due import queue_due
from tests.staging.mail_server import MailServer, running_mail_server
from tests.staging.outbox import add_rows, deliver, messages, store_mail, use_server
from tests.staging.rows import add_people, add_person
from tests.staging.settlement import add_settled_auction

STEP = timedelta(minutes=5)
REFUSED, PUT_OFF = "gone@example.org", "busy@example.org"


@pytest.fixture
def server(app: Flask) -> Iterator[MailServer]:
    with running_mail_server() as server:
        use_server(app, server)
        yield server


@pytest.mark.parametrize("kind", ["reset", "won"])
def test_a_flood_of_confirmations_delays_no_reset_and_no_win(app: Flask, kind: str) -> None:
    add_rows(1_000, kind="confirm", priority=Priority.CONFIRMATION, due_at=utcnow() - timedelta(hours=1))
    add_rows(1, kind=kind, priority=Priority.ACCOUNT if kind == "reset" else Priority.URGENT)
    message = outbox.lease("me", utcnow())
    assert message is not None and message.kind == kind


def test_a_flood_that_arrives_while_a_deliverer_works_delays_no_reset_either(server: MailServer, app: Flask) -> None:
    alice = add_person("alice").id
    for number in range(OPEN_OF_ASKER_MAX):
        store_mail(add_person("mallory").id, Purpose.IN_USE, f"{number}@example.org")

    def once() -> None:
        server.on_mail = lambda: None
        with app.app_context():
            store_mail(alice, Purpose.RESET, "alice@example.org")

    server.on_mail = once
    deliver()
    assert server.tried.index("alice@example.org") == 1, "right after the mail that was on its way"


def test_a_reset_leaves_right_after_the_mail_on_its_way_however_many_have_won(server: MailServer, app: Flask) -> None:
    people = add_people(10)
    add_settled_auction([(person, 100_000) for person in people], seats=10, ends_at=utcnow())

    def once() -> None:
        server.on_mail = lambda: None
        with app.app_context():
            store_mail(people[0], Purpose.RESET, "reset@example.org")

    server.on_mail = once
    deliver()
    assert len(server.tried) == 11 and server.tried.index("reset@example.org") == 1


def test_one_account_cannot_have_strangers_mailed_without_limit(app: Flask) -> None:
    mallory = add_person("mallory").id
    for number in range(150):
        store_mail(mallory, Purpose.CHANGE, f"stranger-{number}@example.org")
    assert len(messages(state=MessageState.WAITING)) == OPEN_OF_ASKER_MAX


def test_one_mailbox_cannot_be_filled_with_one_kind_of_mail(app: Flask) -> None:
    for _ in range(50):
        store_mail(add_person("mallory").id, Purpose.IN_USE, "alice@example.org")
    store_mail(add_person("alice").id, Purpose.RESET, "alice@example.org")
    waiting = messages(state=MessageState.WAITING)
    assert sorted(message.kind for message in waiting) == ["in_use"] * OPEN_MAX + ["reset"]


def test_mailboxes_that_take_nothing_fill_no_store_and_no_log(
    server: MailServer, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three days of a server that answers 550 for one address and 451 for another."""
    # At random moments the last try might fall due in the last minutes, and the mail be dropped as late.
    monkeypatch.setattr(outbox, "JITTER", 0)
    server.recipients = {REFUSED: "550 5.1.1 nobody of that name", PUT_OFF: "451 4.7.1 later"}
    for name, address in (("alice", REFUSED), ("bob", PUT_OFF)):
        store_mail(add_person(name).id, Purpose.IN_USE, address)
    now = utcnow()
    deliver(now)
    keys, size = len(queue_redis().keys()), store_bytes()
    for step in range(1, int(timedelta(days=3, hours=1) / STEP)):
        if outbox.any_due(now + step * STEP):
            deliver(now + step * STEP)
    assert server.tried.count(REFUSED) == 1
    assert 12 <= server.tried.count(PUT_OFF) <= 20, "1, 5, 30 min, 2 h, then each 6 h"
    assert [message.state for message in messages()] == [MessageState.FAILED, MessageState.FAILED]
    assert len(queue_redis().keys()) <= keys + 1 and store_bytes() <= size + 1_000
    assert queue("mail").count == 0 and FailedJobRegistry(queue=queue("mail")).count == 0
    assert len(caplog.records) == 2, "one line for each that is given up"
    assert "example.org" not in caplog.text and "Traceback" not in caplog.text


def store_bytes() -> int:
    """What every key of the queue store takes, together."""
    client = queue_redis()
    return sum(client.memory_usage(key) or 0 for key in client.scan_iter())


def test_the_watch_queues_one_job_for_any_number_of_mails(app: Flask) -> None:
    add_rows(1_000)
    for _ in range(20):
        queue_due(current_engine())
    [job] = [job for job in queue("mail").jobs if job.func_name == "cashticket.jobs.deliver_due"]
    assert job.args == [] and job.failure_ttl <= 600

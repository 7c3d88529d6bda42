"""Deliverers are killed in the middle of their mails: every mail leaves, none more than twice.

A repeat has the same Message-ID.
"""

import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket import redis_keys
from cashticket.accounts.mail_links import Purpose
from cashticket.models import OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.models.units import in_one_unit
from cashticket.wiring import queue_redis
from cashticket.work import queueing
from lab.servers.processes import Process, running
from lab.servers.redis_server import RedisServer
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment
from tests.staging.mail_server import MailServer, running_mail_server
from tests.staging.outbox import messages, store_mail
from tests.staging.rows import add_person

pytestmark = [pytest.mark.slow, pytest.mark.timeout(500), pytest.mark.sweep]

MAILS, KILLS = 60, 4


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


@pytest.fixture
def start(
    app: Flask, database_url: str, redis_server: RedisServer, tmp_path: Path, server: MailServer
) -> Iterator[Callable[..., Process]]:
    environment = make_environment(database_url, redis_server.url) | {"MAIL_URL": server.url}
    with running(environment, tmp_path) as start:
        yield start


def let_leases_end() -> None:
    """As if the time of every lease had passed, and that of the mark that a deliverer works."""
    ended = update(OutboxMessage).where(OutboxMessage.state == MessageState.LEASED).values(leased_until=utcnow())
    in_one_unit(lambda session: session.execute(ended))
    queue_redis().delete(redis_keys.DELIVERER_ALIVE)


def kill_with_children(process: Process) -> None:
    """SIGKILL to the worker; its child, the deliverer, dies with it."""
    os.kill(process.popen.pid, signal.SIGKILL)
    process.popen.wait(10)


def is_open(message: OutboxMessage) -> bool:
    return message.state in (MessageState.WAITING, MessageState.LEASED)


def test_killing_deliverers_between_and_in_mails_loses_nothing_and_repeats_little(
    app: Flask, server: MailServer, start: Callable[..., Process]
) -> None:
    addresses = [f"person-{number}@example.org" for number in range(MAILS)]
    for address in addresses:
        store_mail(add_person("alice").id, Purpose.RESET, address)
    for kill in range(KILLS):
        goal, hand = len(server.received) + 5, threading.Event()
        server.on_mail = lambda goal=goal, hand=hand: hand.set() if len(server.received) >= goal else None  # type: ignore[misc]
        worker = start("worker.py", "mail")
        queueing.deliver()
        assert hand.wait(60), f"the deliverer before kill {kill}: {worker.log.read_text()}"
        kill_with_children(worker)
        let_leases_end()
    server.on_mail = lambda: None
    # Jobs of killed workers are forgotten: the queue only wakes, the outbox holds the mails.
    queue_redis().flushdb()
    start("worker.py", "mail")

    def all_sent() -> bool:
        queueing.deliver()
        return not any(is_open(message) for message in messages())

    wait_until(all_sent, "every mail to be sent", 60)
    assert all(message.state is MessageState.SENT for message in messages())
    copies = Counter(letter["To"] for letter in server.letters())
    assert copies.keys() == set(addresses)
    assert max(copies.values()) <= 2 and sum(copies.values()) <= MAILS + KILLS
    assert len({letter["Message-ID"] for letter in server.letters()}) == MAILS

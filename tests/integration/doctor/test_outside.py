"""The doctor on the certificate of the site and on the mail server."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import redis
from flask import Flask

from cashticket.notify.refusals import ServerRefused
from cashticket.work import mail_server
from cashticket.work.doctor import machine, post
from cashticket.work.doctor.diagnoses import Diagnosis, Health
from lab.servers.certificates import Certificate, issue
from lab.servers.redis_server import RedisServer
from tests.staging.doctor import configured, is_told, only
from tests.staging.mail_server import running_mail_server


@contextmanager
def shown_to_browsers(certificate: Certificate) -> Iterator[int]:
    """A server that shows a certificate to everybody who connects. Gives its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)

    def serve(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError), context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join()


def test_a_certificate_that_ends_soon_is_told_and_one_that_does_not_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = issue(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
    with shown_to_browsers(certificate) as port:
        is_told(machine.certificate_at("localhost", port), Health.BAD, "good for 7 days", "renew it")
        monkeypatch.setattr(machine, "DAYS_TOO_FEW", 3)
        is_told(machine.certificate_at("localhost", port), Health.WARN, "good for 7 days", "renew it")
        monkeypatch.setattr(machine, "DAYS_FEW", 5)
        is_told(machine.certificate_at("localhost", port), Health.OK, "good for 7 days", "")


def test_a_certificate_that_browsers_refuse_is_told_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = issue(tmp_path, "tickets.example")
    with shown_to_browsers(certificate) as port:
        is_told(machine.certificate_at("localhost", port), Health.BAD, "chain is not complete", "chain behind it")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.authority))
        is_told(machine.certificate_at("localhost", port), Health.BAD, "for another name", "host in BASE_URL")
    is_told(machine.certificate_at("localhost", port), Health.WARN, "cannot be reached", "nginx runs")
    is_told(machine.certificate_at("no host", port), Health.WARN, "cannot be looked up", "DNS")


def test_nothing_is_asked_where_there_is_no_certificate(tmp_path: Path) -> None:
    for address in ("http://127.0.0.1:8000", "https://localhost", "http://tickets.example"):
        with configured(tmp_path, base_url=address).app_context():
            assert only(machine.look_at_certificate).health is Health.SKIPPED


@pytest.fixture
def queue_client(redis_server: RedisServer, redis_client: redis.Redis) -> Iterator[redis.Redis]:
    """The queue store as the application speaks to it."""
    with redis.Redis.from_url(redis_server.url) as client:
        yield client


def mail_of(app: Flask, client: redis.Redis) -> Diagnosis:
    app.extensions["queue_redis"] = client
    with app.app_context():
        return only(post.look_at_server)


def test_a_mail_server_that_answers_is_well_and_gets_no_mail(tmp_path: Path, queue_client: redis.Redis) -> None:
    with running_mail_server() as server:
        app = configured(tmp_path, mail_url=server.url)
        is_told(mail_of(app, queue_client), Health.OK, "answers", "")
        assert (server.connections, server.farewells, server.tried, server.received) == (1, 1, [], [])


@pytest.mark.parametrize(
    ("answers", "seen", "mend"),
    [
        ({"greeting": "421 4.3.2 later"}, "421 4.3.2", "log of the mail server"),
        ({"greeting": "535 5.7.8 no"}, "535 5.7.8", "user and password in MAIL_URL"),
    ],
)
def test_a_mail_server_that_refuses_us_is_told(
    tmp_path: Path, queue_client: redis.Redis, answers: dict[str, Any], seen: str, mend: str
) -> None:
    with running_mail_server() as server:
        vars(server).update(answers)
        is_told(mail_of(configured(tmp_path, mail_url=server.url), queue_client), Health.BAD, seen, mend)


def test_a_mail_server_without_encryption_is_given_no_password(tmp_path: Path, queue_client: redis.Redis) -> None:
    with running_mail_server() as server:
        url = server.url.replace("//", "//cashticket:p4ssw0rd@")
        told = mail_of(configured(tmp_path, mail_url=url), queue_client)
    is_told(told, Health.BAD, "no encryption", "smtps://")
    assert "p4ssw0rd" not in str(told)


def test_a_mail_server_that_is_away_is_told_without_its_password(tmp_path: Path, queue_client: redis.Redis) -> None:
    told = mail_of(configured(tmp_path), queue_client)
    is_told(told, Health.BAD, "127.0.0.1:1 takes no mail: ConnectionRefusedError", "host and port")
    assert "p4ssw0rd" not in str(told)


def test_what_deliverers_found_is_told_also_by_processes_that_send_no_mail(
    tmp_path: Path, queue_client: redis.Redis
) -> None:
    app = configured(tmp_path, role="worker")
    assert mail_of(app, queue_client).health is Health.SKIPPED
    with app.app_context():
        mail_server.pause(ServerRefused("553 5.7.1"))
    is_told(mail_of(app, queue_client), Health.BAD, "553 5.7.1", "MAIL_FROM")
    queue_client.flushall()
    folder = configured(tmp_path, {})
    assert mail_of(folder, queue_client).health is Health.SKIPPED

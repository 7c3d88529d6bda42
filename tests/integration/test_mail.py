"""Mail is sent by every transport, in the reader's language, once."""

import email
import logging
import socketserver
import threading
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from cashticket import jobs
from cashticket.extensions import db
from cashticket.locale import LANGUAGES
from cashticket.models import Auction, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.notify.mail import MailRefused, compose, send
from cashticket.notify.notices import deliver_once, write
from tests.staging.rows import add_auction, add_concert, add_person

BASE_URL = "https://tickets.example"
AWARD = {"award_id": 1, "seat": "VIP-1", "price": 150_000, "rank": 1, "expires_at": "2026-11-23T03:00:00.000Z"}
LINE = {"rank": 3, "amount": 140_000}
KINDS = {
    "won": AWARD,
    "offered": AWARD,
    "lapsed": AWARD,
    "not_won": LINE | {"position": 1},
    "passed_over": LINE | {"why": "holds_ticket"},
    "voided": {},
    "rank_out": {"amount": 140_000, "cutoff": 135_000},
}


def message(to: str = "alice@example.org") -> EmailMessage:
    return compose(to, "축하합니다 & <b>", "첫 줄\n.\n마지막 줄\n", BASE_URL)


def read(folder: Path) -> list[EmailMessage]:
    return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]


# Transports


def test_a_message_lands_in_its_folder_as_one_file(tmp_path: Path) -> None:
    send(f"file:{tmp_path}/new/mail", message())
    [mail] = read(tmp_path / "new" / "mail")
    assert (mail["To"], mail["Subject"]) == ("alice@example.org", "축하합니다 & <b>")
    assert mail.get_content().splitlines() == ["첫 줄", ".", "마지막 줄"]
    assert mail["From"] == "CashTicket <no-reply@tickets.example>" and mail["Message-ID"] and mail["Date"]


def test_a_message_is_shown_on_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    send("console:", message())
    shown = capsys.readouterr()
    assert "alice@example.org" in shown.err and shown.out == ""


class MailServer(socketserver.ThreadingTCPServer):
    """Answers the few SMTP verbs that sending needs. `refuse` makes it decline every recipient."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Conversation)
        self.received: list[bytes] = []
        self.refuse = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


class _Conversation(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say(b"220 test")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self._say(b"354 go on")
                self.server.received.append(b"".join(iter(self.rfile.readline, b".\r\n")))
                self._say(b"250 stored")
            elif verb == b"RCPT" and self.server.refuse:
                self._say(b"550 nobody of that name")
            elif verb == b"QUIT":
                self._say(b"221 bye")
                return
            else:
                self._say(b"250 ok")

    def _say(self, line: bytes) -> None:
        self.wfile.write(line + b"\r\n")


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_a_message_is_handed_to_a_mail_server(mail_server: MailServer) -> None:
    send(mail_server.url, message())
    [raw] = mail_server.received
    assert email.message_from_bytes(raw, policy=policy.default)["To"] == "alice@example.org"


def test_a_server_that_refuses_is_named(mail_server: MailServer) -> None:
    mail_server.refuse = True
    with pytest.raises(MailRefused, match=r"127\.0\.0\.1 refused"):
        send(mail_server.url, message())


def test_a_server_that_is_not_there_is_a_refusal() -> None:
    with pytest.raises(MailRefused):
        send("smtp://127.0.0.1:1", message())


@pytest.mark.parametrize("url", ["", "pigeon:home", "smtp://", "file:", "http://mail.example"])
def test_a_mail_url_of_no_known_kind_says_what_is_possible(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://USER:PASSWORD@HOST:587"):
        send(url, message())


@pytest.mark.parametrize("to", ["a@example.org\r\nBcc: all@example.org", "a@example.org\nX: 1", "a\0@example.org"])
def test_an_address_that_would_break_its_line_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="single line"):
        message(to)


# Notices


@pytest.fixture
def alice(app: Flask) -> Person:
    return db.session.get_one(Person, add_person("alice").id)


@pytest.fixture
def auction(app: Flask) -> Auction:
    return db.session.get_one(Auction, add_auction(add_concert(title="한여름 밤의 {공연}")).id)


def add_notice(auction: Auction, person: Person, kind: str = "won") -> Notification:
    row = Notification(person_id=person.id, auction_id=auction.id, kind=kind, occasion=1, facts=KINDS[kind])
    db.session.add(row)
    db.session.commit()
    return row


@pytest.fixture
def folder(app: Flask) -> Path:
    return Path(app.extensions["settings"].mail_url.removeprefix("file:"))


def test_a_notice_is_mailed_once_however_often_its_job_runs(auction, alice, folder) -> None:
    notice_id = add_notice(auction, alice).id
    address = alice.email
    jobs.deliver(notice_id)
    jobs.deliver(notice_id)
    [mail] = read(folder)
    assert mail["To"] == address and "한여름 밤의 {공연}" in mail["Subject"]
    text = mail.get_content()
    assert "150,000원" in text and "2026년 11월 23일 12:00" in text and "/me/tickets" in text


def test_two_workers_mail_a_notice_once(app, auction, alice, folder) -> None:
    notice_id = add_notice(auction, alice).id
    sent: list[bool] = []

    def deliver() -> None:
        with app.app_context():
            sent.append(deliver_once(notice_id, app.extensions["settings"].mail_url, BASE_URL))

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sent) == [False] * 5 + [True] and len(read(folder)) == 1


def test_a_refused_mail_waits_for_another_try(auction, alice, mail_server, folder) -> None:
    notice_id = add_notice(auction, alice).id
    mail_server.refuse = True
    with pytest.raises(MailRefused):
        deliver_once(notice_id, mail_server.url, BASE_URL)
    mail_server.refuse = False
    assert deliver_once(notice_id, mail_server.url, BASE_URL) and len(mail_server.received) == 1


def test_a_closed_account_gets_no_mail(auction, alice, folder) -> None:
    notice_id = add_notice(auction, alice).id
    alice.closed_at = utcnow()
    db.session.commit()
    jobs.deliver(notice_id)
    assert read(folder) == []


def test_a_notice_nobody_wrote_is_an_error(app) -> None:
    with pytest.raises(LookupError, match="no notice 4711"):
        jobs.deliver(4711)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_notice_has_a_text_in_every_language(auction, alice, kind, language, caplog) -> None:
    alice.locale = language
    with caplog.at_level(logging.WARNING):
        subject, body = write(add_notice(auction, alice, kind), alice, auction.concert, BASE_URL)
    assert subject.startswith("[CashTicket]") and "한여름 밤의 {공연}" in subject and "\n" not in subject
    assert alice.name in body and BASE_URL in body
    assert any("가" <= character <= "힣" for character in body.replace("한여름 밤의 {공연}", "")) == (language == "ko")

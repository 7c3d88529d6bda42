"""Mail is sent by every transport, and a refusal says whose fault it is."""

import email
from collections.abc import Iterator
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from cashticket.notify.mail import compose, transport
from cashticket.notify.refusals import MailNotTaken, RecipientDeferred, RecipientRefused, ServerRefused
from cashticket.notify.texts import Letter, Part
from tests.staging.mail_server import MailServer, running_mail_server
from tests.staging.mails import html_of, text_of

SENDER = "캐시티켓 <tickets@tickets.example>"
ALICE, BOB = "alice@example.org", "bob@example.org"


def message(to: str = ALICE, subject: str = "축하합니다 & <b>") -> EmailMessage:
    parts = (Part(("첫 줄", ".", "마지막 줄")),)
    return compose(Letter(to, subject, "첫 줄\n.\n마지막 줄\n", parts=parts), SENDER, "one-message")


def read(folder: Path) -> list[EmailMessage]:
    return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]


def send(mail_url: str, *messages: EmailMessage) -> None:
    sending = transport(mail_url)
    try:
        for each in messages:
            sending.send(each)
    finally:
        sending.close()


@pytest.fixture
def server() -> Iterator[MailServer]:
    with running_mail_server() as server:
        yield server


def refusal(server: MailServer, to: str = ALICE) -> MailNotTaken:
    with pytest.raises(MailNotTaken) as refused:
        send(server.url, message(to))
    return refused.value


def test_a_message_lands_in_its_folder_as_one_file(tmp_path: Path) -> None:
    send(f"file:{tmp_path}/new/mail", message())
    [mail] = read(tmp_path / "new" / "mail")
    assert (mail["To"], mail["Subject"], mail["From"]) == (ALICE, "축하합니다 & <b>", SENDER)
    assert text_of(mail).splitlines() == ["첫 줄", ".", "마지막 줄"] and mail["Date"]
    assert mail.get_content_type() == "multipart/alternative" and "첫 줄<br>" in html_of(mail)


def test_a_message_asks_for_no_automatic_answer_and_is_no_list(tmp_path: Path) -> None:
    send(f"file:{tmp_path}/mail", message())
    [mail] = read(tmp_path / "mail")
    assert (mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"]) == ("auto-generated", "All")
    assert not [name for name in mail.keys() if name.lower().startswith(("list-", "precedence"))]  # noqa: SIM118


def test_the_same_message_has_the_same_id_whenever_it_is_sent(tmp_path: Path) -> None:
    send(f"file:{tmp_path}/mail", message(), message())
    assert {mail["Message-ID"] for mail in read(tmp_path / "mail")} == {"<one-message@tickets.example>"}


def test_a_message_is_shown_on_the_console(capsys: pytest.CaptureFixture[str]) -> None:
    send("console:", message())
    shown = capsys.readouterr()
    assert f"To: {ALICE}\n" in shown.err and "첫 줄\n.\n마지막 줄\n" in shown.err and shown.out == ""
    assert "<p" not in shown.err and "Content-Type" not in shown.err


def test_a_folder_that_takes_nothing_is_no_fault_of_the_mail(tmp_path: Path) -> None:
    (tmp_path / "mail").write_text("a file where the folder should be")
    with pytest.raises(ServerRefused):
        send(f"file:{tmp_path}/mail", message())


def test_a_batch_goes_over_one_connection_that_ends_politely(server: MailServer) -> None:
    send(server.url, message(ALICE), message(BOB), message(ALICE))
    assert [letter["To"] for letter in server.letters()] == [ALICE, BOB, ALICE]
    assert text_of(server.letters()[0]).splitlines() == ["첫 줄", ".", "마지막 줄"]
    assert "첫 줄<br>" in html_of(server.letters()[0])
    assert (server.connections, server.farewells) == (1, 1)
    assert server.received[0].isascii(), "no server has to know 8-bit mail"


def test_a_connection_that_the_server_ended_is_made_anew(server: MailServer) -> None:
    server.mails_a_connection = 1
    send(server.url, message(ALICE), message(BOB))
    assert [letter["To"] for letter in server.letters()] == [ALICE, BOB] and server.connections == 2


# Whose fault


@pytest.mark.parametrize("answer", ["550 5.1.1 nobody", "550 nobody of that name", "553 5.1.3 bad", "552 5.2.2 full"])
def test_a_recipient_that_is_refused_is_refused_for_good(server: MailServer, answer: str) -> None:
    server.recipients[ALICE] = answer
    refused = refusal(server)
    assert isinstance(refused, RecipientRefused) and answer.startswith(refused.code) and "nobody" not in refused.code


@pytest.mark.parametrize("answer", ["450 4.2.1 busy", "451 later", "452 4.3.1 full"])
def test_a_recipient_that_is_put_off_may_be_tried_later(server: MailServer, answer: str) -> None:
    server.recipients[ALICE] = answer
    assert isinstance(refusal(server), RecipientDeferred)


@pytest.mark.parametrize(
    ("verb", "answer", "kind"),
    [
        (".", "554 5.6.0 bad content", RecipientRefused),
        (".", "451 4.3.0 disk", RecipientDeferred),
        ("DATA", "554 no", RecipientRefused),
        ("MAIL", "553 5.7.1 not your sender", ServerRefused),
        ("MAIL", "451 later", ServerRefused),
        ("RCPT", "530 5.7.0 sign in first", ServerRefused),
        ("RCPT", "421 4.7.0 enough for now", ServerRefused),
    ],
)
def test_a_refusal_says_whose_fault_it_is(server: MailServer, verb: str, answer: str, kind: type) -> None:
    server.answers[verb] = answer
    refused = refusal(server)
    assert type(refused) is kind and answer.startswith(refused.code)


def test_a_sender_that_is_refused_only_at_the_recipient_is_no_fault_of_the_mail(server: MailServer) -> None:
    """As many servers do for a sender that the signed-in user does not own."""
    server.answers["RCPT"] = "553 5.7.1 sender address rejected: not owned by user"
    refused = refusal(server)
    assert isinstance(refused, ServerRefused) and refused.tried


def test_a_policy_against_one_recipient_is_about_that_recipient(server: MailServer) -> None:
    server.recipients[ALICE] = "550 5.7.1 this mailbox takes no mail from outside"
    assert isinstance(refusal(server), RecipientRefused)
    assert server.tried == [ALICE, "tickets@tickets.example"]


@pytest.mark.parametrize(
    ("verb", "answer", "is_about_address"),
    [
        ("RCPT", "550 5.1.1 nobody", True),
        ("RCPT", "550 5.2.1 closed", True),
        ("RCPT", "552 5.2.2 full", False),
        ("DATA", "550 5.1.1 nobody", False),
        (".", "550 looks like spam", False),
    ],
)
def test_only_what_is_said_of_a_recipient_may_be_about_its_address(
    server: MailServer, verb: str, answer: str, is_about_address: bool
) -> None:
    server.answers[verb] = answer
    refused = refusal(server)
    assert isinstance(refused, RecipientRefused) and refused.about_address is is_about_address


def test_a_bare_code_is_about_an_address_unless_our_own_gets_it_too(server: MailServer) -> None:
    """Servers that have us on a list of spammers often say no more to any recipient."""
    server.recipients[ALICE] = "550 no"
    refused = refusal(server)
    assert isinstance(refused, RecipientRefused) and refused.about_address
    server.answers["RCPT"] = "550 no"
    refused = refusal(server)
    assert isinstance(refused, RecipientRefused) and not refused.about_address


def test_after_a_refused_recipient_the_connection_serves_the_next_one(server: MailServer) -> None:
    server.recipients[ALICE] = "550 5.1.1 nobody"
    sending = transport(server.url)
    with pytest.raises(RecipientRefused):
        sending.send(message(ALICE))
    sending.send(message(BOB))
    sending.close()
    assert server.connections == 1 and [letter["To"] for letter in server.letters()] == [BOB]


def test_a_server_that_refuses_to_talk_is_no_fault_of_the_mail(server: MailServer) -> None:
    server.greeting = "554 5.3.2 not today"
    assert isinstance(refusal(server), ServerRefused)


def test_a_server_that_is_not_there_is_no_fault_of_the_mail() -> None:
    with pytest.raises(ServerRefused, match="ConnectionRefusedError"):
        send("smtp://127.0.0.1:1", message())


def test_a_wrong_password_is_no_fault_of_the_mail_and_never_told(server: MailServer) -> None:
    server.extensions = ("AUTH PLAIN",)
    with pytest.raises(ServerRefused) as refused:
        send(server.url.replace("//", "//me:secret@"), message())
    assert "secret" not in str(refused.value)


def test_a_password_is_never_sent_unencrypted(server: MailServer) -> None:
    server.extensions = ("AUTH PLAIN",)
    with pytest.raises(ServerRefused, match="no encryption"):
        send(server.url.replace("//", "//shop:secret@"), message())
    assert server.received == []


# What cannot be sent


@pytest.mark.parametrize("url", ["", "pigeon:home", "smtp://", "file:", "http://mail.example", "smtp://mail:0"])
def test_a_mail_url_of_no_known_kind_says_what_is_possible(url: str) -> None:
    with pytest.raises(ValueError, match="smtp://USER:PASSWORD@HOST:587"):
        transport(url)


@pytest.mark.parametrize("to", ["a@example.org\r\nBcc: all@example.org", "a@example.org\nX: 1", "a\0@example.org"])
def test_an_address_that_would_break_its_line_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="single line"):
        message(to)

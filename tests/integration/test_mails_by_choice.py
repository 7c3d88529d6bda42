"""A mail that its reader may turn off says where, to readers and to mail programs; one that is needed says nothing."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket.accounts.mail_links import Purpose
from cashticket.auction.notice_topics import MAILED_BY_CHOICE, MAILS_NAME_SETTINGS, TOPICS, Topic
from cashticket.auction.values import NoticeKind
from cashticket.locale import LANGUAGES
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify.mail import compose, transport
from cashticket.notify.texts import Letter
from cashticket.work.messages import letter_of
from tests.staging.every_mail import notice_mail
from tests.staging.failed_mails import tell
from tests.staging.mail_server import running_mail_server
from tests.staging.mails import Mailbox, html_of, text_of
from tests.staging.outbox import messages, store_mail
from tests.staging.rows import add_person

PAGE = "/me/notifications/settings"
FACTS: dict[NoticeKind, dict[str, Any]] = {
    NoticeKind.PASSED_OVER: {"why": "holds_ticket"},
    NoticeKind.AUCTION_REMINDER: {"why": "hour", "ends_at": "2099-11-23T03:00:00.000Z"},
    NoticeKind.RIGHT_REMINDER: {"why": "half"},
    NoticeKind.BID_GIVEN_UP: {"why": "lost"},
    NoticeKind.REVOKED: {"reason": "a stolen card"},
    NoticeKind.CANCELLED: {"award_id": 1, "seat": "VIP-1", "price": 150_000, "ended_at": "2099-11-23T03:00:00.000Z"},
    NoticeKind.DECLINED: {"seat": "VIP-1", "ended_at": "2099-11-23T03:00:00.000Z"},
    NoticeKind.LEFT: {"rank": 3, "left_at": "2099-11-23T03:00:00.000Z"},
}
# Whether a displaced person is mailed is for the live store to say; who moved up waits in a settled auction; the others
# need a seat.
OTHERS = {NoticeKind.RANK_OUT, NoticeKind.RIGHT_REMINDER, NoticeKind.BOUGHT, NoticeKind.MOVED_UP, NoticeKind.MOVED_IN}
KINDS = sorted(TOPICS.keys() - OTHERS)


def written(app: Flask, kind: NoticeKind, language: str) -> EmailMessage:
    """The mail of a notice of this kind, as it left."""
    person = add_person("alice", email="alice@example.org").id
    in_one_unit(lambda session: session.execute(update(Person).values(locale=language)))
    tell(person, kind, **FACTS.get(kind, {}))
    return Mailbox(app).newest("alice@example.org")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_names_the_settings_if_it_may_be_turned_off(app: Flask, kind: NoticeKind, language: str) -> None:
    mail, base_url = written(app, kind, language), app.extensions["settings"].base_url
    assert mail.get_content_type() == "multipart/alternative"
    *_, gap, off, last = text_of(mail).splitlines()
    if TOPICS[kind] in (Topic.RESULT, Topic.FOLLOWED):
        address = str(mail["List-Unsubscribe"]).strip("<>")
        assert address.startswith(f"{base_url}/unsubscribe/") and address.endswith("?lang=en") == (language == "en")
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert gap == "" and off.endswith(f": {address}") and f'href="{address}"' in html_of(mail)
        assert last.endswith(f": {base_url}{PAGE}") and last.count("알림 설정") == (language == "ko")
    else:
        assert mail["List-Unsubscribe"] is None and mail["List-Unsubscribe-Post"] is None
        assert not [each for each in (PAGE, "/unsubscribe/") if each in text_of(mail) + html_of(mail)]
    assert (PAGE in html_of(mail)) == (PAGE in text_of(mail)) and f'lang="{language}"' in html_of(mail)


def test_a_mail_about_a_displacement_names_the_settings_and_a_reminder_of_a_deadline_does_not(app: Flask) -> None:
    tell(add_person("alice").id, NoticeKind.RANK_OUT, cutoff=200_000)
    letter = letter_of(messages()[-1], utcnow())
    assert letter and letter.settings_url.endswith(PAGE) and letter.body.endswith(f": {letter.settings_url}\n")
    reminder = notice_mail("en", NoticeKind.RIGHT_REMINDER, "half")
    assert (reminder.settings_url, reminder.unsubscribe_url) == ("", "")


def test_a_mail_about_an_account_names_no_settings(app: Flask) -> None:
    store_mail(add_person("alice").id, Purpose.NEW_BROWSER, "alice@example.org")
    mail = Mailbox(app).newest("alice@example.org")
    assert mail["List-Unsubscribe"] is None and PAGE not in text_of(mail)


def test_only_what_may_be_turned_off_names_the_settings_and_no_deadline_does() -> None:
    assert set(MAILED_BY_CHOICE) - set(MAILS_NAME_SETTINGS) == {Topic.DEADLINE}
    assert set(MAILS_NAME_SETTINGS) < set(MAILED_BY_CHOICE)


@pytest.mark.parametrize("length", [1, 25, 60, 200])
def test_the_address_arrives_whole_however_long_it_is(tmp_path: Path, length: int) -> None:
    address = f"https://{'a' * length}.example{PAGE}"
    letter = Letter("alice@example.org", "제목", "본문\n", unsubscribe_url=address)
    mail = compose(letter, "CashTicket <no-reply@tickets.example>", "one")
    with running_mail_server() as server:
        for url in (server.url, f"file:{tmp_path}"):
            sending = transport(url)
            sending.send(mail)
            sending.close()
        for raw in (*server.received, *(path.read_bytes() for path in tmp_path.glob("*.eml"))):
            assert f"\r\nList-Unsubscribe: <{address}>\r\n".encode() in raw
            assert message_from_bytes(raw, policy=policy.default)["List-Unsubscribe"] == f"<{address}>"

"""The link in mails that may be turned off: one request of a mail program is enough, and opening it changes nothing."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.auction.notice_topics import Topic
from cashticket.auction.values import NoticeKind
from cashticket.blueprints.request.rate_limits import UNSUBSCRIBES
from cashticket.extensions import db
from cashticket.models import MutedTopic, Person
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Channel
from cashticket.models.units import in_one_unit
from cashticket.notify import unsubscribing
from cashticket.signing import serializer
from tests.fixtures.people import Browser, sign_in
from tests.staging.failed_mails import tell
from tests.staging.mails import Mailbox
from tests.staging.rows import change_person

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def alice(people: dict[str, Person]) -> int:
    return people["alice"].id


@pytest.fixture
def link(app: Flask, alice: int) -> str:
    """The path of the link in a mail to alice about an auction that she did not win."""
    tell(alice, NoticeKind.NOT_WON)
    mail = Mailbox(app).newest("alice@example.com")
    return str(mail["List-Unsubscribe"]).strip("<>").removeprefix(app.extensions["settings"].base_url)


def muted() -> list[tuple[int, Channel, Topic]]:
    db.session.rollback()
    rows = db.session.execute(select(MutedTopic.person_id, MutedTopic.channel, MutedTopic.topic))
    return [(person_id, channel, topic) for person_id, channel, topic in rows]


def spoilt(app: Flask) -> list[str]:
    """Tokens that nobody was sent."""
    keys = app.extensions["settings"].signing_keys
    good = unsubscribing.token_of(1, Topic.RESULT, keys)
    of_seats = unsubscribing.token_of(1, Topic.SEAT, keys)
    shaped = [serializer(keys, unsubscribing.PURPOSE).dumps(each) for each in (7, [1], [1, "x"], [None, "result"], {})]
    other = [serializer(keys, "account-mail").dumps([1, "result"]), unsubscribing.token_of(1, Topic.RESULT, ["x"])]
    return ["x", good[:-1], f"{good}x", of_seats, *map(str, other), *map(str, shaped)]


def test_one_request_of_a_mail_program_turns_mails_of_that_kind_off(client: Browser, link: str, alice: int) -> None:
    headers = {"Origin": "https://mail.example", "Sec-Fetch-Site": "cross-site"}
    answer = client.post(link, data=ONE_CLICK, headers=headers)
    assert answer.status_code == 200 and "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert muted() == [(alice, Channel.MAIL, Topic.RESULT)]


def test_afterwards_no_such_mail_leaves_and_others_do(app: Flask, client: Browser, link: str, alice: int) -> None:
    client.post(link, data=ONE_CLICK)
    tell(alice, NoticeKind.WON)
    with pytest.raises(ValueError, match="empty"):
        tell(alice, NoticeKind.PASSED_OVER, why="holds_ticket")
    subjects = [str(mail["Subject"]) for mail in Mailbox(app).letters("alice@example.com")]
    assert len(subjects) == 2 and subjects[-1].startswith("[낙찰]")


def test_repeating_it_changes_nothing(client: Browser, link: str) -> None:
    assert [client.post(link, data=data).status_code for data in (ONE_CLICK, {}, ONE_CLICK)] == [200] * 3
    assert len(muted()) == 1


@pytest.mark.parametrize(
    ("query", "words"), [("", ("이 메일을 끌까요?", "끄기")), ("?lang=en", ("Turn these mails off?", "Turn off"))]
)
def test_opening_it_asks_and_changes_nothing(client: Browser, link: str, query: str, words: tuple[str, str]) -> None:
    answer = client.get(link + query)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 200 and all(each in page for each in words) and '<form method="post">' in page
    assert client.head(link).status_code == 200 and muted() == []
    assert "Set-Cookie" not in answer.headers or "session" not in answer.headers["Set-Cookie"]
    assert not [each for each in ("alice", "Alice", "@example") if each in page], (
        "whoever opens it learns nobody's name"
    )


def test_an_english_mail_leads_to_an_english_page(app: Flask, client: Browser, alice: int) -> None:
    in_one_unit(lambda session: session.execute(update(Person).values(locale="en")))
    tell(alice, NoticeKind.NOT_WON)
    link = str(Mailbox(app).newest("alice@example.com")["List-Unsubscribe"]).strip("<>").partition("/unsubscribe/")[2]
    assert "Turn these mails off?" in client.get(f"/unsubscribe/{link}").get_data(as_text=True)
    assert "won’t get these mails" in client.post(f"/unsubscribe/{link}").get_data(as_text=True)


def test_a_token_that_is_none_turns_nothing_off_and_says_so(app: Flask, client: Browser, alice: int) -> None:
    for token in spoilt(app):
        for answer in (client.get(f"/unsubscribe/{token}?lang=en"), client.post(f"/unsubscribe/{token}?lang=en")):
            assert answer.status_code == 410 and "incomplete or too old" in answer.get_data(as_text=True), token
    assert muted() == []


def test_another_session_does_not_change_whose_mails_are_turned_off(
    browser: Callable[[], Browser], people: dict[str, Person], link: str, alice: int
) -> None:
    mallory = sign_in(browser(), "mallory")
    assert mallory.post(link).status_code == 200 and [person for person, _, _ in muted()] == [alice]


def test_a_closed_account_is_left_as_it_is(client: Browser, link: str, alice: int) -> None:
    change_person(alice, closed_at=utcnow())
    assert client.post(link).status_code == 200 and muted() == []


def test_what_was_turned_off_can_be_turned_on_again(browser: Callable[[], Browser], link: str) -> None:
    browser().post(link)
    alice = sign_in(browser(), "alice")
    form = {"mail": ["rank_out", "result", "line", "followed", "deadline"], "csrf_token": alice.token("/me/profile")}
    assert alice.post("/me/notifications/settings", data=form).status_code == 303 and muted() == []


def test_it_is_done_only_so_often(app: Flask, client: Browser, link: str) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], rate_limits=True)
    statuses = [client.post(link).status_code for _ in range(UNSUBSCRIBES.tries_max + 1)]
    assert statuses == [200] * UNSUBSCRIBES.tries_max + [429]


def test_a_token_of_a_former_key_works_while_that_key_is_taken(app: Flask) -> None:
    old = unsubscribing.token_of(7, Topic.FOLLOWED, ["former"])
    assert unsubscribing.read(old, ["former", "present"]) == (7, Topic.FOLLOWED)
    with pytest.raises(unsubscribing.BadToken):
        unsubscribing.read(old, ["present"])

"""Failed messages leave again when somebody still needs them: once, to the address they had, with fresh tries."""

import json
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, update

from cashticket.accounts.mail_links import Purpose
from cashticket.auction.notice_topics import Topic
from cashticket.auction.values import NoticeKind
from cashticket.ledger.operator_acts import find_acts
from cashticket.locale import iso
from cashticket.models import AccountMail, Notification, OutboxMessage, Person, PushSubscription
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Channel, MessageState
from cashticket.models.units import in_one_unit
from cashticket.notify import outbox_again, preferences
from cashticket.notify.outbox_again import Again, Hindrance
from cashticket.notify.preferences import Preferences
from cashticket.wiring import current_engine
from cashticket.work import resending
from cashticket.work.resending import NotResent, Resent
from tests.staging.failed_mails import fail_all, message, tell
from tests.staging.mail_server import MailServer
from tests.staging.outbox import deliver, messages, store_mail
from tests.staging.push_service import running_push_service
from tests.staging.pushes import phone_of, pushes, use_push_service
from tests.staging.rows import add_auction, add_person

DAY = timedelta(days=1)


@pytest.fixture
def alice(app: Flask) -> int:
    return add_person("alice").id


def resend(message_id: int, *, dry: bool = False) -> None:
    resending.resend(current_engine(), message_id, "their server is back", "olga", utcnow(), dry=dry)


def resend_failed(auction_id: int | None = None, *, dry: bool = False) -> Resent:
    engine, now = current_engine(), utcnow()
    return resending.resend_failed(engine, auction_id, "all again", "olga", now, lambda _: None, dry=dry)


def alter(row: type, row_id: int, **values: object) -> None:
    in_one_unit(lambda session: session.execute(update(row).where(row.id == row_id).values(**values)))  # type: ignore[attr-defined]


def failed_mail(server: MailServer, alice: int, purpose: Purpose = Purpose.PASSWORD_CHANGED) -> OutboxMessage:
    """A mail about the account of alice that failed."""
    store_mail(alice, purpose, "alice@example.org")
    fail_all(server)
    return messages()[-1]


def test_a_failed_mail_leaves_again_to_its_address_with_fresh_tries(server: MailServer, alice: int) -> None:
    failed = failed_mail(server, alice)
    assert (failed.state, failed.address, failed.tries) == (MessageState.FAILED, None, 1)
    resend(failed.id)
    waiting = message(failed.id)
    assert (waiting.state, waiting.address, waiting.tries) == (MessageState.WAITING, "alice@example.org", 0)
    assert waiting.ended_at is None and waiting.due_at <= utcnow() < waiting.expires_at
    deliver()
    deliver()
    [letter] = server.letters()
    assert letter["To"] == "alice@example.org" and message(failed.id).state is MessageState.SENT


def test_the_mail_of_a_notice_goes_to_the_address_that_its_reader_has_now(server: MailServer, alice: int) -> None:
    failed = tell(alice, NoticeKind.WON)
    fail_all(server)
    alter(Person, alice, email="new@example.org")
    # Its term has run out meanwhile, but not the time to buy.
    alter(OutboxMessage, failed, expires_at=utcnow() - DAY)
    resend(failed)
    deliver()
    assert [letter["To"] for letter in server.letters()] == ["new@example.org"]


def test_a_message_that_was_sent_is_never_sent_again(server: MailServer, alice: int) -> None:
    sent = tell(alice, NoticeKind.WON)
    deliver()
    with pytest.raises(NotResent, match="was sent"):
        resend(sent)
    # Not even by whoever has judged it before it was sent.
    again = [Again(sent, utcnow() + DAY)]
    assert in_one_unit(lambda session: outbox_again.put_back(session, again, utcnow())) == 0
    assert resend_failed() == Resent(0, {}) and find_acts() == []
    deliver()
    assert len(server.letters()) == 1 and message(sent).state is MessageState.SENT


def test_a_message_that_leaves_by_itself_or_was_dropped_is_refused(server: MailServer, alice: int) -> None:
    failed = failed_mail(server, alice)
    resend(failed.id)
    with pytest.raises(NotResent, match="is waiting"):
        resend(failed.id)
    alter(OutboxMessage, failed.id, state=MessageState.DROPPED, last_error="replaced")
    with pytest.raises(NotResent, match=r"dropped \(replaced\)"):
        resend(failed.id)
    with pytest.raises(NotResent, match="no message 4711"):
        resend(4711)
    assert len(find_acts()) == 1


@pytest.mark.parametrize("hindrance", [Hindrance.NO_CAUSE, Hindrance.OVER, Hindrance.NO_ADDRESS])
def test_a_mail_about_an_account_stays_failed_when_nobody_needs_it(
    server: MailServer, alice: int, hindrance: Hindrance
) -> None:
    failed = failed_mail(server, alice, Purpose.RESET)
    if hindrance is Hindrance.NO_CAUSE:
        in_one_unit(lambda session: session.execute(delete(AccountMail)))
    elif hindrance is Hindrance.OVER:
        alter(AccountMail, failed.reference, used_at=utcnow())
    else:
        alter(AccountMail, failed.reference, email="other@example.org")
    stays_failed(failed.id, hindrance)


def test_of_several_links_that_somebody_asked_for_only_the_newest_leaves_again(server: MailServer, alice: int) -> None:
    older, newer = failed_mail(server, alice, Purpose.RESET), failed_mail(server, alice, Purpose.RESET)
    # Each of these tells of another change.
    news = [failed_mail(server, alice, Purpose.NEW_BROWSER) for _ in range(2)]
    with pytest.raises(NotResent, match="a newer one of its kind"):
        resend(older.id)
    assert resend_failed() == Resent(3, {Hindrance.REPLACED: 1})
    waiting = {each.id for each in messages(state=MessageState.WAITING)}
    assert waiting == {newer.id, *(each.id for each in news)}


def test_a_link_that_is_too_old_is_not_mailed_again(server: MailServer, alice: int) -> None:
    failed = failed_mail(server, alice, Purpose.RESET)
    alter(AccountMail, failed.reference, created_at=utcnow() - timedelta(hours=2))
    stays_failed(failed.id, Hindrance.OVER)


@pytest.mark.parametrize("hindrance", [Hindrance.OVER, Hindrance.CLOSED, Hindrance.MUTED, Hindrance.UNREADABLE])
def test_the_mail_of_a_notice_stays_failed_when_nobody_needs_it(
    server: MailServer, alice: int, hindrance: Hindrance
) -> None:
    failed = tell(alice, NoticeKind.NOT_WON if hindrance is Hindrance.MUTED else NoticeKind.WON)
    fail_all(server)
    notice = message(failed).reference
    if hindrance is Hindrance.OVER:
        alter(Notification, notice, facts={"expires_at": iso(utcnow() - DAY)})
    elif hindrance is Hindrance.CLOSED:
        alter(Person, alice, closed_at=utcnow())
    elif hindrance is Hindrance.MUTED:
        preferences.save(alice, Preferences(frozenset({(Channel.MAIL, Topic.RESULT)})))
    else:
        alter(Notification, notice, facts={})
    stays_failed(failed, hindrance)


def stays_failed(message_id: int, hindrance: Hindrance) -> None:
    """Neither way of sending it again does, and each says why."""
    with pytest.raises(NotResent, match=resending.WORDS[hindrance]):
        resend(message_id)
    assert resend_failed() == Resent(0, {hindrance: 1})
    assert message(message_id).state is MessageState.FAILED and find_acts() == []


def test_somebody_who_is_no_longer_out_is_not_mailed_about_it(server: MailServer, alice: int) -> None:
    failed = tell(alice, NoticeKind.RANK_OUT, cutoff=200_000)
    fail_all(server)
    alter(OutboxMessage, failed, state=MessageState.FAILED)
    stays_failed(failed, Hindrance.OVER)


def test_a_failed_push_leaves_again_unless_its_device_is_gone(app: Flask, alice: int) -> None:
    with running_push_service() as service:
        use_push_service(app, service)
        phone_of(service, alice)
        tell(alice, NoticeKind.WON)
        [push] = pushes()
        alter(OutboxMessage, push.id, state=MessageState.FAILED)
        resend(push.id)
        assert message(push.id).state is MessageState.WAITING
        alter(OutboxMessage, push.id, state=MessageState.FAILED)
        in_one_unit(lambda session: session.execute(delete(PushSubscription)))
        with pytest.raises(NotResent, match="device is gone"):
            resend(push.id)


def test_all_that_failed_leaves_again_in_windows_with_one_act(
    server: MailServer, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resending, "WINDOW", 2)
    auction, looked_at = add_auction().id, list[int]()
    about_it = [tell(add_person(f"person-{number}").id, NoticeKind.VOIDED, auction) for number in range(5)]
    other = tell(alice, NoticeKind.VOIDED)
    fail_all(server)
    assert resend_failed(auction, dry=True) == Resent(5, {}) and find_acts() == []
    engine = current_engine()
    done = resending.resend_failed(engine, auction, "a typo in MAIL_FROM", "olga", utcnow(), looked_at.append)
    assert done == Resent(5, {}) and looked_at == [2, 4, 5]
    assert {each.id for each in messages(state=MessageState.WAITING)} == set(about_it)
    [act] = find_acts()
    assert (act.operator, act.act, act.subject) == ("olga", "post resend", f"auction {auction}")
    assert (act.why, act.facts) == ("a typo in MAIL_FROM", {"failed": 5})
    deliver()
    assert resend_failed() == Resent(1, {}) and message(other).state is MessageState.WAITING
    deliver()
    deliver()
    assert len(server.letters()) == 6


def test_one_act_names_the_message_and_no_address(server: MailServer, alice: int) -> None:
    failed = failed_mail(server, alice)
    resend(failed.id, dry=True)
    assert message(failed.id).state is MessageState.FAILED and find_acts() == []
    resend(failed.id)
    [act] = find_acts()
    assert (act.operator, act.subject, act.why) == ("olga", f"message {failed.id}", "their server is back")
    assert "@" not in json.dumps(act.facts)

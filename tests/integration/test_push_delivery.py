"""What becomes of a push: sealed for its device and signed, taken, put off, refused, or dropped as needless."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket.accounts import push_devices
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import Auction, Notification, OutboxMessage, Person, PushSubscription
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit
from cashticket.notify import device_marks, outbox, push_outbox
from cashticket.notify.push_outbox import GONE, OFF
from cashticket.work import push_outcomes
from tests.staging.push_service import Phone, PushService, running_push_service, signed_claims
from tests.staging.pushes import devices_of, phone_of, push, pushes, session_of, use_push_service
from tests.staging.rows import add_auction, add_concert, add_people

HOUR = timedelta(hours=1)


@pytest.fixture
def service() -> Iterator[PushService]:
    with running_push_service() as service:
        yield service


@pytest.fixture
def key(app: Flask, service: PushService) -> str:
    """The public key of the site, which pushes to the service of this test."""
    return use_push_service(app, service)


@pytest.fixture
def alice(app: Flask) -> int:
    return add_people(1)[0]


@pytest.fixture
def phone(service: PushService, key: str, alice: int) -> Phone:
    """Alice's, subscribed."""
    return phone_of(service, alice)


def tell(person_id: int, kind: NoticeKind = NoticeKind.WON, occasion: int = 0, **facts: object) -> Notification:
    """A notice of a person about an auction of its own, with everything that is to leave for it."""
    auction = add_auction(add_concert(title="봄밤"))
    values = {"seat": "VIP-1", "price": 150_000, "rank": 1, "expires_at": iso(utcnow() + HOUR)} | facts
    notice = Notification(person_id=person_id, auction_id=auction.id, kind=kind, occasion=occasion, facts=values)

    def work(session) -> None:
        session.add(notice)
        session.flush()
        add_notice_messages(session, utcnow(), Notification.__table__.c.id == notice.id)

    in_one_unit(work)
    return notice


def states() -> list[tuple[MessageState, str]]:
    return [(each.state, each.last_error) for each in pushes()]


def test_only_the_device_can_read_what_it_is_sent(phone: Phone, alice: int) -> None:
    notice = tell(alice)
    assert push() is False
    [shown] = phone.shown()
    assert shown["title"] == "낙찰됐어요 · VIP-1" and "봄밤" in shown["body"] and "150,000원" in shown["body"]
    assert (shown["link"], shown["tag"]) == ("/me/tickets", f"won-{notice.auction_id}")
    assert (shown["id"], shown["lang"], shown["kind"]) == (notice.id, "ko", "won")
    [request] = phone.requests()
    assert "봄밤".encode() not in request.body and b"VIP" not in request.body
    assert states() == [(MessageState.SENT, "")] and push_outcomes.counts()["sent"] == 1


def test_a_device_is_told_in_its_own_language(app: Flask, service: PushService, key: str, alice: int) -> None:
    phone = phone_of(service, alice, locale="en")
    tell(alice)
    push()
    assert phone.shown()[0]["title"] == "You won VIP-1" and "₩150,000" in phone.shown()[0]["body"]


@pytest.mark.parametrize("kind", [NoticeKind.WON, NoticeKind.OFFERED])
def test_a_push_about_a_seat_names_its_zone(phone: Phone, alice: int, kind: NoticeKind) -> None:
    tell(alice, kind)
    in_one_unit(lambda session: session.execute(update(Auction).values(zone="A구역")))
    push()
    assert "VIP-1 (A구역)" in phone.shown()[0]["title"]


def test_the_site_signs_for_this_push_service_alone(phone: Phone, service: PushService, key: str, alice: int) -> None:
    tell(alice)
    push()
    [request] = phone.requests()
    claims = signed_claims(request.headers["Authorization"], key)
    assert claims["aud"] == service.origin and claims["sub"].startswith("mailto:")
    assert 0 < claims["exp"] - utcnow().timestamp() < 24 * 3600


def test_a_push_says_how_urgent_it_is_what_it_replaces_and_how_long_it_is_worth_anything(
    phone: Phone, alice: int
) -> None:
    won, other = tell(alice), tell(alice, NoticeKind.NOT_WON, amount=100_000, position=3)
    push()
    requests = {each.headers["Topic"]: each for each in phone.requests()}
    assert set(requests) == {f"won-{won.auction_id}", f"not_won-{other.auction_id}"}
    first, second = requests[f"won-{won.auction_id}"], requests[f"not_won-{other.auction_id}"]
    assert (first.headers["Urgency"], second.headers["Urgency"]) == ("high", "normal")
    assert 0 < int(first.headers["TTL"]) <= 24 * 3600 and first.headers["Content-Encoding"] == "aes128gcm"
    assert len(first.body) < 4096


def test_a_push_leaves_once(phone: Phone, alice: int) -> None:
    tell(alice)
    push()
    push()
    push(utcnow() + HOUR)
    assert len(phone.requests()) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_its_service_does_not_know_any_more_is_deleted(
    phone: Phone, service: PushService, alice: int, status: int
) -> None:
    service.answers[phone.path] = status
    tell(alice)
    tell(alice)
    push()
    assert devices_of(alice) == []
    assert {error for _, error in states()} <= {GONE, "needless"}
    tell(alice)
    push()
    assert len(pushes()) == 2, "nothing is added for it any more"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_service_that_is_busy_is_asked_again_after_growing_waits(
    phone: Phone, service: PushService, alice: int, status: int
) -> None:
    service.answers[phone.path] = status
    tell(alice)
    now = utcnow()
    for tries, wait in enumerate(push_outbox.BACK_OFF, 1):
        push(now)
        [message] = pushes()
        assert (message.state, message.tries, message.last_error) == (MessageState.WAITING, tries, str(status))
        assert wait * (1 - outbox.JITTER) <= message.due_at - now <= wait * (1 + outbox.JITTER)
        push(now)
        assert len(phone.requests()) == tries, "not before its time"
        now = message.due_at
    service.answers.clear()
    push(now)
    assert states() == [(MessageState.SENT, "")]


def test_a_service_that_names_a_time_is_left_alone_for_so_long(phone: Phone, service: PushService, alice: int) -> None:
    service.answers[phone.path], service.headers = 429, {"Retry-After": "60"}
    tell(alice)
    now = utcnow()
    push(now)
    [message] = pushes()
    assert message.due_at - now == timedelta(seconds=60)


def test_a_push_is_given_up_when_it_would_come_too_late(phone: Phone, service: PushService, alice: int) -> None:
    service.answers[phone.path] = 503
    tell(alice)
    in_one_unit(
        lambda session: session.execute(update(OutboxMessage).values(expires_at=utcnow() + timedelta(seconds=5)))
    )
    push()
    assert states() == [(MessageState.FAILED, "503")] and push_outcomes.counts()["failed"] == 1


def test_a_service_that_cannot_be_reached_is_tried_again(app: Flask, alice: int) -> None:
    with running_push_service() as service:
        use_push_service(app, service)
        phone_of(service, alice)
    tell(alice)
    push()
    assert states() == [(MessageState.WAITING, "ConnectionRefusedError")]


def test_a_redirect_is_not_followed(phone: Phone, service: PushService, alice: int) -> None:
    service.answers[phone.path], service.headers = 307, {"Location": f"{service.origin}/elsewhere"}
    tell(alice)
    push()
    assert [each.path for each in service.sent] == [phone.path] and states() == [(MessageState.FAILED, "307")]


def test_a_device_whose_pushes_are_always_refused_is_forgotten(
    phone: Phone, service: PushService, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(device_marks, "FAILURES_MAX", 3)
    service.answers[phone.path] = 400
    for failures in (1, 2):
        tell(alice)
        push()
        db.session.rollback()
        assert db.session.scalars(db.select(PushSubscription.failures)).all() == [failures]
    service.answers.clear()
    tell(alice)
    push()
    db.session.rollback()
    assert db.session.scalars(db.select(PushSubscription.failures)).all() == [0], "one was taken meanwhile"
    service.answers[phone.path] = 400
    for _ in range(3):
        tell(alice)
        push()
    assert devices_of(alice) == []


def test_the_address_of_a_device_is_judged_again_when_a_push_leaves(app: Flask, phone: Phone, alice: int) -> None:
    """It was stored when another list was in force, or by somebody who could write to the table."""
    elsewhere = "http://127.0.0.1:6379/"
    in_one_unit(lambda session: session.execute(update(PushSubscription).values(endpoint=elsewhere)))
    tell(alice)
    push()
    assert states() == [(MessageState.FAILED, "BadEndpoint")] and phone.service.sent == []


def test_a_device_that_somebody_else_uses_by_now_is_told_nothing_of_its_former_owner(
    app: Flask, phone: Phone, alice: int
) -> None:
    tell(alice)
    [bob] = add_people(1)
    push_devices.subscribe(bob, session_of(bob, "bob-here"), phone.device, "ko")
    push()
    assert phone.requests() == [] and states() == [(MessageState.DROPPED, "needless")]


def test_nobody_is_told_of_a_right_that_is_over_nor_after_closing_the_account(phone: Phone, alice: int) -> None:
    tell(alice, expires_at=iso(utcnow() - HOUR))
    push()
    tell(alice)
    in_one_unit(lambda session: session.execute(update(Person).values(closed_at=utcnow())))
    push()
    assert phone.requests() == [] and {error for _, error in states()} == {"needless"}


def test_without_a_key_what_waits_is_dropped_and_nothing_leaves(app: Flask, phone: Phone, alice: int) -> None:
    tell(alice)
    app.extensions["settings"] = replace(app.extensions["settings"], vapid_private_key="")
    push()
    assert phone.requests() == [] and states() == [(MessageState.DROPPED, OFF)]


def test_many_pushes_leave_in_one_run(app: Flask, service: PushService, key: str) -> None:
    people = add_people(40)
    phones = [phone_of(service, each) for each in people]
    for each in people:
        tell(each)
    assert push() is False
    assert all(len(each.requests()) == 1 for each in phones) and len(service.sent) == 40

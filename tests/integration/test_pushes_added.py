"""A push is in the outbox when its notice is: one for each device of its person, unless they do not want it."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from cashticket.auction.notice_topics import TOPICS, Topic
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Notification
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Channel, MessageState, Priority, Source
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.push_adding import PUSH_TERMS
from cashticket.models.units import in_one_unit
from cashticket.notify import outbox, preferences
from cashticket.notify.preferences import Preferences
from tests.staging.auctions import Stage
from tests.staging.outbox import messages
from tests.staging.push_service import PushService, running_push_service
from tests.staging.pushes import phone_of, pushes
from tests.staging.rows import add_auction, add_people


@pytest.fixture
def service() -> Iterator[PushService]:
    with running_push_service() as service:
        yield service


@pytest.fixture
def stage(app: Flask) -> Stage:
    """An open auction of one seat."""
    return Stage(app, seats=1)


def tell(auction: Auction, people: list[int], kind: NoticeKind, occasion: int = 0) -> int:
    """Store a notice for each of these people, with what is to leave for it. Returns how many mails."""
    rows = [
        {"person_id": each, "auction_id": auction.id, "kind": kind, "occasion": occasion, "facts": {}}
        for each in people
    ]

    def work(session: Session) -> int:
        session.execute(db.insert(Notification), rows)
        return add_notice_messages(session, utcnow(), Notification.auction_id == auction.id)

    return in_one_unit(work)


def mute(person_id: int, *muted: tuple[Channel, Topic]) -> None:
    preferences.save(person_id, Preferences(frozenset(muted)))


def displace(stage: Stage) -> None:
    """Bob outbids alice, and the ledger records both bids."""
    stage.bid("alice", 100_000)
    stage.bid("bob", 110_000)
    while record_waiting(stage.engine, stage.id):
        pass


def test_each_device_of_a_person_gets_one_push_and_people_without_devices_none(app, service) -> None:
    alice, bob = add_people(2)
    phone_of(service, alice, "phone")
    phone_of(service, alice, "laptop")
    assert tell(add_auction(), [alice, bob], NoticeKind.WON) == 2, "both get a mail all the same"
    sent = pushes()
    assert len(sent) == 2 and len({each.device_id for each in sent}) == 2
    assert {(each.source, each.kind, each.state) for each in sent} == {(Source.NOTICE, "won", MessageState.WAITING)}
    assert all(each.address is None and each.device_id for each in sent)


@pytest.mark.parametrize("kind", sorted(set(PUSH_TERMS) - {NoticeKind.RANK_OUT}))
def test_every_kind_is_pushed_with_its_priority_while_it_is_worth_it(app, service, kind: NoticeKind) -> None:
    [alice] = add_people(1)
    phone_of(service, alice)
    auction, before = add_auction(), utcnow()
    tell(auction, [alice], kind)
    [push] = pushes()
    priority, worth = PUSH_TERMS[kind]
    assert push.priority == priority and before + worth <= push.expires_at <= utcnow() + worth


def test_a_notice_is_pushed_once_however_often_it_is_looked_at(app, service) -> None:
    [alice] = add_people(1)
    phone_of(service, alice)
    auction = add_auction()
    tell(auction, [alice], NoticeKind.NOT_WON)
    again = in_one_unit(lambda each: add_notice_messages(each, utcnow(), Notification.auction_id == auction.id))
    assert again == 0 and len(pushes()) == 1


def test_a_push_of_an_undone_unit_was_never_there(app, service) -> None:
    [alice] = add_people(1)
    phone_of(service, alice)
    auction = add_auction()

    def work(session: Session) -> None:
        row = {"person_id": alice, "auction_id": auction.id, "kind": NoticeKind.WON, "facts": {}}
        session.execute(db.insert(Notification), [row])
        add_notice_messages(session, utcnow(), Notification.auction_id == auction.id)
        raise RuntimeError("the cause could not be stored")

    with pytest.raises(RuntimeError):
        in_one_unit(work)
    assert pushes() == []


def test_a_muted_topic_is_pushed_to_nobody_who_muted_it_and_to_everybody_else(app, service) -> None:
    alice, bob = add_people(2)
    for each in (alice, bob):
        phone_of(service, each)
    mute(alice, (Channel.PUSH, Topic.RESULT))
    tell(add_auction(), [alice, bob], NoticeKind.NOT_WON)
    [push] = pushes()
    assert db.session.get_one(Notification, push.reference).person_id == bob
    assert len(messages(channel=Channel.MAIL)) == 2, "mails are muted by themselves"
    tell(add_auction(), [alice], NoticeKind.WON)
    assert len(pushes()) == 2, "another topic is pushed on"


def test_a_muted_mail_does_not_leave_and_the_notice_stays(app) -> None:
    alice, bob = add_people(2)
    mute(alice, (Channel.MAIL, Topic.RESULT))
    auction = add_auction()
    assert tell(auction, [alice, bob], NoticeKind.PASSED_OVER) == 1
    db.session.rollback()
    told = db.session.scalars(db.select(Notification).where(Notification.auction_id == auction.id)).all()
    assert len(told) == 2 and all(each.mailed_at for each in told), "nobody decides about it again"


@pytest.mark.parametrize("kind", sorted(kind for kind, topic in TOPICS.items() if topic is Topic.SEAT))
def test_the_mail_about_a_seat_leaves_whatever_was_muted(app, kind: NoticeKind) -> None:
    [alice] = add_people(1)
    mute(alice, *((channel, topic) for channel in Channel for topic in Topic))
    assert (Channel.MAIL, Topic.SEAT) not in preferences.preferences_of(alice).muted
    assert tell(add_auction(), [alice], kind) == 1


def test_a_displacement_is_pushed_with_the_bid_that_did_it(stage: Stage, service) -> None:
    phone_of(service, stage.people["alice"])
    phone_of(service, stage.people["bob"])
    displace(stage)
    [push] = pushes()
    notice = db.session.get_one(Notification, push.reference)
    assert (notice.person_id, notice.occasion, push.kind) == (stage.people["alice"], 2, "rank_out")
    assert push.priority == Priority.PUSH_NOW and messages(channel=Channel.MAIL) == [], "its mail is decided later"


def test_a_displacement_costs_the_ledger_one_statement_more_where_nobody_has_a_device(stage: Stage, service) -> None:
    stage.bid("alice", 100_000)
    assert record_waiting(stage.engine, stage.id)
    statements: list[str] = []
    listener = lambda *arguments: statements.append(arguments[2])  # noqa: E731 - one list is all it needs
    stage.bid("bob", 110_000)
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        assert record_waiting(stage.engine, stage.id)
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
    asked = [each for each in statements if "push_subscriptions" in each]
    assert len(asked) == 1 and asked[0].startswith("SELECT"), asked
    assert pushes() == []


def test_a_displacement_that_is_mailed_later_is_not_pushed_a_second_time(stage: Stage, service) -> None:
    phone_of(service, stage.people["alice"])
    displace(stage)
    in_one_unit(lambda session: add_notice_messages(session, utcnow(), Notification.auction_id == stage.id))
    assert len(pushes()) == 1 and len(messages(channel=Channel.MAIL)) == 1


def test_who_muted_being_outbid_by_mail_is_still_pushed(stage: Stage, service) -> None:
    phone_of(service, stage.people["alice"])
    mute(stage.people["alice"], (Channel.MAIL, Topic.RANK_OUT))
    displace(stage)
    in_one_unit(lambda session: add_notice_messages(session, utcnow(), Notification.auction_id == stage.id))
    assert len(pushes()) == 1 and messages(channel=Channel.MAIL) == []


def test_no_deliverer_of_mails_takes_a_push(app, service) -> None:
    [alice] = add_people(1)
    phone_of(service, alice)
    tell(add_auction(), [alice], NoticeKind.WON)
    leased = [message.channel for _ in range(3) if (message := outbox.lease("me", utcnow()))]
    assert leased == [Channel.MAIL] and not outbox.any_due(utcnow())

"""A displacement is pushed at once by the rule of its mail: to who is away, still out and able to bid, and not in the
hours in which they want to be left alone."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from cashticket import jobs, redis_keys
from cashticket.auction.values import NoticeKind
from cashticket.engine.interface import StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.locale import SEOUL, iso
from cashticket.models import Notification
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Channel, MessageState
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.push_adding import add_pushes
from cashticket.models.units import in_one_unit
from cashticket.notify import inbox, outbox, preferences
from cashticket.notify.preferences import Preferences
from cashticket.notify.push_outbox import SILENT
from cashticket.wiring import queue, queue_redis
from cashticket.work import push_outcomes, rank_outs
from cashticket.work.watch.due import queue_due
from tests.staging.auctions import HOUR_MS, Stage
from tests.staging.outbox import messages
from tests.staging.push_service import Phone, PushService, running_push_service
from tests.staging.pushes import phone_of, push, pushes, use_push_service


@pytest.fixture
def service() -> Iterator[PushService]:
    with running_push_service() as service:
        yield service


@pytest.fixture
def stage(app: Flask, service: PushService) -> Stage:
    """An open auction of one seat, on a site that can push."""
    use_push_service(app, service)
    return Stage(app, seats=1)


@pytest.fixture
def phone(stage: Stage, service: PushService) -> Phone:
    """Alice's, subscribed."""
    return phone_of(service, stage.people["alice"])


def outbid(stage: Stage, amount: int = 110_000) -> None:
    """Bob outbids alice, and the ledger records it."""
    stage.bid("alice", amount - 10_000)
    stage.bid("bob", amount)
    while record_waiting(stage.engine, stage.id):
        pass


def open_page(stage: Stage, name: str) -> None:
    """Mark this person as having a page open in some process."""
    queue_redis().sadd(redis_keys.open_pages(stage.people[name]), "a process")


def close_page(stage: Stage, name: str) -> None:
    queue_redis().delete(redis_keys.open_pages(stage.people[name]))


def states() -> list[tuple[MessageState, str]]:
    return [(each.state, each.last_error) for each in pushes()]


def silent_from_to(person_id: int, now: datetime, before: timedelta, after: timedelta) -> None:
    """Let a person be left alone from `before` ago until `after` from `now` (UTC)."""
    first, until = ((now + change).astimezone(SEOUL) for change in (-before, after))
    hours = (first.hour * 60 + first.minute, until.hour * 60 + until.minute)
    preferences.save(person_id, Preferences(silent=hours))


def test_who_is_away_is_pushed_at_once_with_the_own_bid_and_what_it_took(stage: Stage, phone: Phone) -> None:
    outbid(stage)
    push()
    [shown] = phone.shown()
    assert "밀려" in shown["title"] and "100,000원" in shown["body"] and "115,000원부터" in shown["body"]
    assert shown["link"] == f"/auctions/{stage.id}#bid" and shown["tag"] == f"rank_out-{stage.id}"
    [request] = phone.requests()
    assert request.headers["Urgency"] == "high" and 0 < int(request.headers["TTL"]) <= HOUR_MS // 1000
    assert messages(channel=Channel.MAIL) == [], "the mail is decided a few seconds later, by itself"


def test_who_has_a_page_open_is_not_pushed_until_the_page_is_gone(stage: Stage, phone: Phone) -> None:
    open_page(stage, "alice")
    outbid(stage)
    push()
    assert phone.requests() == [] and states() == [(MessageState.WAITING, "")]
    close_page(stage, "alice")
    push(utcnow() + outbox.LOOK_AGAIN)
    assert len(phone.requests()) == 1


def test_who_has_seen_the_alert_on_an_open_page_is_never_pushed(stage: Stage, phone: Phone) -> None:
    open_page(stage, "alice")
    outbid(stage)
    push(utcnow() + rank_outs.PRESENCE_CERTAIN)
    assert phone.requests() == [] and states() == [(MessageState.DROPPED, "needless")]


def test_who_has_bid_again_is_not_pushed(stage: Stage, phone: Phone) -> None:
    outbid(stage)
    stage.bid("alice", 120_000)
    push()
    assert phone.requests() == [] and states() == [(MessageState.DROPPED, "needless")]


def test_who_has_read_of_it_is_not_pushed(stage: Stage, phone: Phone) -> None:
    outbid(stage)
    assert inbox.mark_read(stage.people["alice"], 10**9, utcnow()) == 1
    push()
    assert phone.requests() == [] and states() == [(MessageState.DROPPED, "needless")]


def test_nothing_is_pushed_once_bidding_is_over(app: Flask, service: PushService) -> None:
    use_push_service(app, service)
    stage = Stage(app, seats=1, ends_in_ms=-1)
    phone = phone_of(service, stage.people["alice"])
    outbid(stage)
    push()
    assert phone.requests() == [] and states() == [(MessageState.DROPPED, "needless")]


def test_of_two_displacements_that_leave_together_only_the_newest_is_shown(stage: Stage, phone: Phone) -> None:
    outbid(stage)
    in_one_unit(lambda session: session.execute(update(Notification).values(occasion=100)))
    row = {"person_id": stage.people["alice"], "auction_id": stage.id, "kind": NoticeKind.RANK_OUT, "occasion": 200}
    facts = {"amount": 110_000, "cutoff": 110_000, "own": 100_000, "enough": 115_000, "at": 1, "why": "own_bid"}

    def again(session) -> None:
        session.execute(db.insert(Notification), [row | {"facts": facts}])
        add_pushes(session, utcnow(), Notification.occasion == 200)

    in_one_unit(again)
    push()
    newest = max(each.reference for each in pushes())
    assert [each["id"] for each in phone.shown()] == [newest]


def test_while_the_live_store_is_away_a_displacement_waits_and_a_win_leaves(
    app: Flask, stage: Stage, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbid(stage)

    def away(*_arguments: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(stage.engine, "places", away)
    win(stage)
    push()
    assert [each["kind"] for each in phone.shown()] == ["won"]
    assert (MessageState.WAITING, "") in states()


def win(stage: Stage) -> None:
    """Tell alice that she has won, whatever the auction says."""
    facts = {"seat": "VIP-1", "price": 150_000, "rank": 1, "expires_at": iso(utcnow() + timedelta(days=2))}
    notice = Notification(person_id=stage.people["alice"], auction_id=stage.id, kind=NoticeKind.WON, facts=facts)

    def work(session) -> None:
        session.add(notice)
        session.flush()
        add_notice_messages(session, utcnow(), Notification.__table__.c.id == notice.id)

    in_one_unit(work)


def test_in_silent_hours_a_win_waits_for_their_end_and_its_mail_does_not(stage: Stage, phone: Phone) -> None:
    now = utcnow()
    silent_from_to(stage.people["alice"], now, timedelta(hours=1), timedelta(hours=2))
    win(stage)
    # Its row was written a moment after `now`.
    push(now + timedelta(seconds=30))
    [held] = pushes()
    assert phone.requests() == [] and held.state is MessageState.HELD
    assert timedelta(hours=2) - timedelta(minutes=1) < held.due_at - now <= timedelta(hours=2)
    assert len(messages(channel=Channel.MAIL)) == 1
    push(held.due_at - timedelta(seconds=1))
    assert phone.requests() == []
    push(held.due_at)
    assert len(phone.requests()) == 1 and states() == [(MessageState.SENT, "")]


def test_in_silent_hours_a_displacement_is_dropped_because_it_would_come_too_late(stage: Stage, phone: Phone) -> None:
    silent_from_to(stage.people["alice"], utcnow(), timedelta(hours=1), timedelta(hours=5))
    outbid(stage)
    push()
    assert phone.requests() == [] and states() == [(MessageState.DROPPED, SILENT)]


def test_silent_hours_of_one_person_are_no_silence_for_another(
    stage: Stage, phone: Phone, service: PushService
) -> None:
    silent_from_to(stage.people["bob"], utcnow(), timedelta(hours=1), timedelta(hours=5))
    outbid(stage)
    push()
    assert len(phone.requests()) == 1


def test_the_watch_queues_a_run_while_pushes_are_due_and_none_works(stage: Stage, phone: Phone) -> None:
    assert not queue_due(stage.engine).push
    outbid(stage)
    assert queue_due(stage.engine).push and not queue_due(stage.engine).push, "one waits already"
    queue("push").empty()
    queue_redis().set(redis_keys.PUSHER_ALIVE, "somebody")
    assert push_outcomes.is_pushing() and not queue_due(stage.engine).push
    queue_redis().delete(redis_keys.PUSHER_ALIVE)
    jobs.push_due()
    assert len(phone.requests()) == 1 and not queue_due(stage.engine).push and not push_outcomes.is_pushing()

"""Reminders: who gets which, once each, by the end in force, and never after it."""

from datetime import datetime, timedelta
from threading import Event, Thread

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.accounts import watch_lists
from cashticket.accounts.erasing import erase
from cashticket.auction.reminder_rules import AuctionReminder
from cashticket.auction.values import NoticeKind, State
from cashticket.extensions import db
from cashticket.ledger.operator_acts import why_voided
from cashticket.models import Auction, Follow, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Priority
from cashticket.models.units import in_one_unit
from cashticket.notify import reminders
from cashticket.notify.notices import letter_of
from cashticket.work.reminding import any_due, remind
from cashticket.work.watch.due import queue_due
from tests.staging.auctions import HOUR_MS, Stage
from tests.staging.every_mail import KEYS
from tests.staging.outbox import messages
from tests.staging.rows import add_people

MINUTE_MS = 60_000
OPENING, HOUR, MINUTES = AuctionReminder.OPENING, AuctionReminder.HOUR, AuctionReminder.MINUTES


def stage_ending(app: Flask, ends_in_ms: int) -> Stage:
    """An auction that opened three hours ago and ends in so many milliseconds; alice and bob followed it before."""
    stage = Stage(app, starts_in_ms=-3 * HOUR_MS, ends_in_ms=ends_in_ms)
    for name in ("alice", "bob"):
        follow(stage, name)
    return stage


def follow(stage: Stage, name: str, minutes_before_opening: int = 1) -> None:
    at = stage.row().opens_at - timedelta(minutes=minutes_before_opening)
    watch_lists.follow(stage.people[name], stage.id, at)


def run(stage: Stage, clock=utcnow) -> bool:
    return remind(stage.engine, Event(), 30, clock)


def given(stage: Stage) -> list[tuple[str, int]]:
    """Who was reminded of the auction, and of what."""
    db.session.rollback()
    names = {person: name for name, person in stage.people.items()}
    rows = db.session.execute(
        select(Notification.person_id, Notification.occasion)
        .where(Notification.kind == NoticeKind.AUCTION_REMINDER, Notification.auction_id == stage.id)
        .order_by(Notification.occasion, Notification.id)
    )
    return sorted((names[person], occasion) for person, occasion in rows)


def end_in_ledger(stage: Stage, ends_at: datetime) -> None:
    in_one_unit(lambda session: session.execute(update(Auction).values(ends_at=ends_at)))


@pytest.mark.parametrize(
    ("ends_in_ms", "reminder"),
    [(2 * HOUR_MS, OPENING), (HOUR_MS - 1_000, HOUR), (10 * MINUTE_MS - 1_000, MINUTES)],
)
def test_followers_alone_get_the_newest_reminder_once(app: Flask, ends_in_ms: int, reminder: AuctionReminder) -> None:
    stage = stage_ending(app, ends_in_ms)
    stage.bid("carol", 100_000)
    assert any_due(utcnow()) and queue_due(stage.engine).remind
    assert run(stage) is False
    assert given(stage) == [("alice", reminder), ("bob", reminder)], "a bidder who does not follow gets none"
    assert not any_due(utcnow())
    run(stage)
    assert len(given(stage)) == 2
    mails = messages(kind="auction_reminder")
    assert {mail.priority for mail in mails} == {Priority.REMINDER} and len(mails) == 2


def test_who_follows_after_a_moment_is_not_reminded_of_it(app: Flask) -> None:
    stage = stage_ending(app, HOUR_MS - MINUTE_MS)
    run(stage)
    watch_lists.follow(stage.people["carol"], stage.id, utcnow())
    run(stage)
    assert ("carol", HOUR) not in given(stage)


def test_the_end_of_the_live_store_decides_and_a_moved_end_reminds_nobody_twice(app: Flask) -> None:
    """The ledger has the old end, in 50 minutes; an operator has moved it three hours later."""
    stage = stage_ending(app, 50 * MINUTE_MS)
    stage.engine.extend(stage.id, stage.engine.clock() + 3 * HOUR_MS)
    run(stage)
    assert given(stage) == [("alice", OPENING), ("bob", OPENING)]
    notice = db.session.scalars(select(Notification)).first()
    assert notice and datetime.fromisoformat(notice.facts["ends_at"]) > utcnow() + timedelta(hours=2)


def test_a_reminder_that_was_given_is_not_given_again_when_the_end_moves(app: Flask) -> None:
    stage = stage_ending(app, HOUR_MS - MINUTE_MS)
    run(stage)
    assert given(stage) == [("alice", HOUR), ("bob", HOUR)]
    stage.engine.extend(stage.id, stage.engine.clock() + 3 * HOUR_MS)
    end_in_ledger(stage, utcnow() + timedelta(hours=3))
    # Bob starts anew while the moment of that reminder lies ahead once more.
    watch_lists.unfollow(stage.people["bob"], stage.id)
    watch_lists.follow(stage.people["bob"], stage.id, utcnow())
    end_in_ledger(stage, utcnow() + timedelta(minutes=50))
    assert reminders.remind_followers(stage.id, HOUR, utcnow() + timedelta(minutes=50), utcnow()) == 1
    assert given(stage) == [("alice", HOUR), ("bob", HOUR)]


def test_nobody_is_reminded_after_the_end_nor_while_no_bids_are_taken(app: Flask) -> None:
    stage = stage_ending(app, 30 * MINUTE_MS)
    stage.engine.pause(stage.id, "check")
    run(stage)
    assert given(stage) == []
    stage.engine.resume(stage.id, "check")
    end_in_ledger(stage, utcnow() - timedelta(seconds=1))
    assert not any_due(utcnow())
    run(stage)
    assert given(stage) == []


def test_two_runs_at_once_remind_each_follower_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = stage_ending(app, 2 * HOUR_MS)
    monkeypatch.setattr(reminders, "BATCH", 7)
    people = add_people(60)
    rows = [{"person_id": each, "auction_id": stage.id, "reminded": 0, "created_at": utcnow()} for each in people]
    in_one_unit(lambda session: session.execute(db.insert(Follow), rows))
    db.session.remove()

    def in_application() -> None:
        with app.app_context():
            run(stage)
            db.session.remove()

    threads = [Thread(target=in_application) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    told = db.session.execute(select(Notification.person_id, Notification.occasion)).all()
    assert len(told) == len(set(told)) == 62
    assert len(messages(kind="auction_reminder")) == 62


def test_a_mail_that_is_late_does_not_leave_after_the_end(app: Flask) -> None:
    stage = stage_ending(app, 2 * HOUR_MS)
    run(stage)
    first = messages(kind="auction_reminder")[0].reference
    letter = letter_of(first, "https://example.org", utcnow(), why_voided, KEYS)
    assert letter and f"/auctions/{stage.id}/reminder" in letter.body
    assert letter_of(first, "https://example.org", utcnow() + timedelta(hours=2), why_voided, KEYS) is None
    in_one_unit(lambda session: session.execute(update(Auction).values(state=State.VOIDED)))
    assert letter_of(first, "https://example.org", utcnow(), why_voided, KEYS) is None


def test_a_closed_account_is_not_reminded(app: Flask) -> None:
    stage = stage_ending(app, 2 * HOUR_MS)
    in_one_unit(lambda session: erase(session, session.get_one(Person, stage.people["bob"])))
    assert [each.person_id for each in db.session.scalars(select(Follow))] == [stage.people["alice"]]
    run(stage)
    assert given(stage) == [("alice", OPENING)]


def test_a_watch_list_takes_a_hundred_auctions_and_none_that_is_over(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(app)
    alice = stage.people["alice"]
    monkeypatch.setattr(watch_lists, "FOLLOWS_MAX", 1)
    watch_lists.follow(alice, stage.id, utcnow())
    watch_lists.follow(alice, stage.id, utcnow())
    other = stage.open_auction()
    with pytest.raises(watch_lists.ListFull):
        watch_lists.follow(alice, other, utcnow())
    with pytest.raises(watch_lists.IsOver):
        watch_lists.follow(stage.people["bob"], other, utcnow() + timedelta(hours=2))
    with pytest.raises(watch_lists.UnknownAuction):
        watch_lists.follow(alice, 999_999, utcnow())
    assert [auction.id for auction in watch_lists.watch_list(alice)] == [stage.id]
    watch_lists.unfollow(alice, stage.id)
    assert watch_lists.watch_list(alice) == []

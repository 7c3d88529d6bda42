"""Displaced people without an open page get one mail; those who saw the alert or are winning again get none."""

import email
import threading
from collections.abc import Callable
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from flask import Flask

from cashticket import jobs, redis_keys
from cashticket.auction.values import State
from cashticket.engine.interface import StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Notification, OutboxMessage, Person
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.notify import inbox, outbox
from cashticket.wiring import queue, queue_redis
from cashticket.work import delivering, queueing, rank_outs
from cashticket.work.watch.due import queue_due
from tests.staging.auctions import Stage
from tests.staging.mails import text_of


@pytest.fixture
def stage(app: Flask) -> Stage:
    """An open auction of one seat."""
    return Stage(app, seats=1)


@pytest.fixture
def mails(app: Flask) -> Callable[[], list[EmailMessage]]:
    """The mails sent so far, oldest first."""
    folder = Path(app.extensions["settings"].mail_url.removeprefix("file:"))

    def read() -> list[EmailMessage]:
        paths = sorted(folder.glob("*.eml"))
        return [email.message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]

    return read


def pushed_out(stage: Stage, age: timedelta = timedelta(seconds=6), auction_id: int | None = None) -> int:
    """Bob outbids alice `age` ago, and both bids are recorded. Returns the id of her notice."""
    auction_id = auction_id or stage.id
    stage.bid("alice", 100_000, auction_id)
    stage.bid("bob", 110_000, auction_id)
    return record(stage, age, auction_id)


def record(stage: Stage, age: timedelta = timedelta(seconds=6), auction_id: int | None = None) -> int:
    """Record all bids and date every displacement of the auction `age` ago. Returns the newest notice's id."""
    auction_id = auction_id or stage.id
    while record_waiting(stage.engine, auction_id):
        pass
    db.session.execute(
        db.update(Notification).where(Notification.auction_id == auction_id).values(created_at=utcnow() - age)
    )
    db.session.commit()
    newest: int = db.session.scalars(db.select(db.func.max(Notification.id))).one()
    return newest


def decided(notice_id: int) -> bool:
    """Whether the outbox has the mail of the notice, or nobody needs one."""
    db.session.remove()
    return db.session.get_one(Notification, notice_id).mailed_at is not None


def message() -> OutboxMessage:
    """The only message in the outbox."""
    db.session.remove()
    return db.session.scalars(db.select(OutboxMessage)).one()


def open_page(stage: Stage, name: str) -> None:
    """Mark this person as having a page open in some process."""
    queue_redis().sadd(redis_keys.open_pages(stage.people[name]), "a process")


def close_page(stage: Stage, name: str) -> None:
    queue_redis().delete(redis_keys.open_pages(stage.people[name]))


def work(stage: Stage) -> None:
    """Run one round of the watch and of the mail worker."""
    queue_due(stage.engine)
    mail = queue("mail")
    while waiting := mail.jobs:
        mail.empty()
        for job in waiting:
            getattr(jobs, job.func_name.rpartition(".")[2])(*job.args)
    queue_redis().delete(redis_keys.RANK_OUTS_LEASE)


def test_who_is_away_gets_one_mail_with_a_link_however_often_the_watch_looks(stage, mails) -> None:
    pushed_out(stage)
    for _ in range(3):
        work(stage)
    [mail] = mails()
    assert mail["To"].startswith("alice.") and "밀려" in mail["Subject"]
    text = text_of(mail)
    assert f"/auctions/{stage.id}" in text and "입찰 100,000원이" in text and "115,000원부터" in text


def test_the_mail_is_in_the_readers_language(stage, mails) -> None:
    db.session.get_one(Person, stage.people["alice"]).locale = "en"
    db.session.commit()
    pushed_out(stage)
    work(stage)
    assert mails()[0]["Subject"].startswith("[Outbid]") and "your bid of ₩100,000" in text_of(mails()[0])


def test_within_the_grace_nobody_is_mailed(stage, mails) -> None:
    pushed_out(stage, age=timedelta(seconds=1))
    assert not queue_due(stage.engine).rank_outs
    work(stage)
    assert mails() == []


def test_who_has_a_page_open_is_not_mailed(stage, mails) -> None:
    open_page(stage, "alice")
    notice = pushed_out(stage)
    work(stage)
    assert mails() == [] and not decided(notice)
    record(stage, rank_outs.PRESENCE_CERTAIN)
    work(stage)
    assert mails() == [] and decided(notice)


def test_who_only_seemed_to_have_a_page_open_is_mailed_after_all(stage, mails) -> None:
    """Her socket was dead already when the alert was sent, and the ping has just shown it."""
    open_page(stage, "alice")
    pushed_out(stage)
    work(stage)
    close_page(stage, "alice")
    work(stage)
    assert len(mails()) == 1


def test_who_has_read_of_it_is_not_mailed(stage, mails) -> None:
    notice = pushed_out(stage)
    inbox.acknowledge_rank_out(stage.people["alice"], stage.id, 2, utcnow())
    work(stage)
    assert mails() == [] and decided(notice)


@pytest.mark.parametrize("amount", [105_000, 120_000])
def test_who_has_bid_since_is_not_mailed_whether_in_or_out(stage, mails, amount) -> None:
    pushed_out(stage)
    stage.bid("alice", amount)
    work(stage)
    assert mails() == []


def test_after_the_end_nobody_is_mailed(stage, mails) -> None:
    notice = pushed_out(stage)
    stage.engine.finish(stage.id, State.SETTLED)
    work(stage)
    assert mails() == [] and decided(notice)


def test_a_blocked_person_is_not_asked_to_bid(stage, mails) -> None:
    pushed_out(stage)
    db.session.get_one(Person, stage.people["alice"]).blocked_at = utcnow()
    db.session.commit()
    work(stage)
    assert mails() == []


def test_several_displacements_of_one_auction_are_one_mail(stage, mails) -> None:
    first = pushed_out(stage)
    stage.bid("alice", 120_000)
    stage.bid("bob", 130_000)
    second = record(stage)
    work(stage)
    [mail] = mails()
    assert "입찰 120,000원이" in text_of(mail) and decided(first) and decided(second)


def test_a_later_displacement_is_a_mail_of_its_own(stage, mails) -> None:
    pushed_out(stage)
    work(stage)
    stage.bid("alice", 120_000)
    stage.bid("bob", 130_000)
    record(stage)
    work(stage)
    assert [
        amount in text_of(mail) for mail, amount in zip(mails(), ("입찰 100,000원", "입찰 120,000원"), strict=True)
    ] == [
        True,
        True,
    ]


def test_two_auctions_are_two_mails(stage, mails) -> None:
    other = stage.open_auction(seats=1)
    pushed_out(stage)
    pushed_out(stage, auction_id=other)
    work(stage)
    assert sorted(f"/auctions/{stage.id}" in text_of(mail) for mail in mails()) == [False, True]


def test_a_mail_that_waited_too_long_is_not_sent(stage, mails) -> None:
    """Between the decision and the sending, alice bids again and wins."""
    notice = pushed_out(stage)
    jobs.sort_rank_outs()
    stage.bid("alice", 120_000)
    jobs.deliver_due()
    assert mails() == [] and decided(notice)
    assert message().state is MessageState.DROPPED


def test_who_has_just_opened_a_page_is_waited_for(stage, mails) -> None:
    pushed_out(stage)
    jobs.sort_rank_outs()
    open_page(stage, "alice")
    jobs.deliver_due()
    assert mails() == [] and (message().state, message().tries) == (MessageState.WAITING, 0)
    close_page(stage, "alice")
    later = utcnow() + outbox.LOOK_AGAIN
    delivering.deliver(stage.engine, threading.Event(), 5, clock=lambda: later)
    assert len(mails()) == 1


def test_while_nobody_knows_whether_it_is_needed_others_leave(stage, mails, monkeypatch) -> None:
    """The live store is away: the mail of a displacement waits, that of a win does not wait behind it."""
    pushed_out(stage)
    jobs.sort_rank_outs()

    def away(*arguments: object) -> None:
        raise StoreUnavailable("away")

    monkeypatch.setattr(type(stage.engine), "read", away)
    jobs.deliver_due()
    assert mails() == [] and message().state is MessageState.WAITING


def test_rank_outs_are_never_mailed_as_something_forgotten(stage, mails) -> None:
    open_page(stage, "alice")
    pushed_out(stage, age=timedelta(minutes=2))
    assert not queue_due(stage.engine).mail
    jobs.deliver_due()
    db.session.execute(db.update(Auction).values(state="settled"))
    db.session.commit()
    jobs.settle(stage.id)
    jobs.deliver_due()
    assert mails() == []


def test_the_look_is_queued_once_at_a_time(stage) -> None:
    pushed_out(stage)
    assert queue_due(stage.engine).rank_outs and not queue_due(stage.engine).rank_outs
    queue("mail").empty()
    assert not queueing.sort_rank_outs(), "it was queued just now"


def test_many_are_decided_in_one_look(stage) -> None:
    """More ids than fit into one statement."""
    rows = [
        {
            "person_id": stage.people["alice"],
            "auction_id": stage.id,
            "kind": "rank_out",
            "occasion": number,
            "facts": {},
        }
        for number in range(1, 1_202)
    ]
    db.session.execute(db.insert(Notification), rows)
    db.session.commit()
    assert rank_outs.decide(stage.engine, queue_redis(), utcnow() + timedelta(seconds=6)) == 0
    assert not rank_outs.any_due(utcnow() + timedelta(seconds=6))

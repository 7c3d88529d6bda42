"""A bid that was answered and cannot be kept is a row, and its bidder is told once, on the page and by mail."""

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.values import Entry, NoticeKind, PoisonEntry
from cashticket.extensions import db
from cashticket.ledger.given_up_bids import give_up_bids, given_up_bids
from cashticket.ledger.quarantine import discard_entry
from cashticket.ledger.recording import record_waiting
from cashticket.ledger.setting_aside import set_aside_contradiction
from cashticket.models import Auction, Notification, OutboxMessage, Person, Quarantined
from cashticket.models.columns import utcnow
from cashticket.notify.notices import write
from tests.staging.auctions import Stage
from tests.staging.every_mail import KEYS
from tests.staging.rows import change_person


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage(app)


@pytest.fixture
def entry(stage: Stage) -> Entry:
    """Alice's bid of 120,000 won as it was answered."""
    stage.bid("alice", 120_000)
    [entry] = stage.engine.peek(stage.id, 1)
    assert not isinstance(entry, PoisonEntry)
    return entry


def notices() -> list[Notification]:
    db.session.remove()
    return list(db.session.scalars(select(Notification).where(Notification.kind == NoticeKind.BID_GIVEN_UP)))


def test_it_is_a_row_and_its_bidder_is_told_with_a_mail_at_once(stage, entry) -> None:
    assert give_up_bids(stage.id, [entry], "its number belongs to another bid") == 1
    [row] = given_up_bids(stage.id)
    assert (row.sequence, row.person_id, row.amount) == (1, stage.people["alice"], 120_000)
    assert row.reason == "its number belongs to another bid"
    [notice] = notices()
    assert (notice.person_id, notice.facts) == (stage.people["alice"], {"amount": 120_000, "why": "lost"})
    message = db.session.scalars(select(OutboxMessage)).one()
    assert (message.reference, message.kind, message.priority) == (notice.id, "bid_given_up", 1)


@pytest.mark.parametrize(("language", "amount"), [("ko", "120,000원"), ("en", "₩120,000")])
def test_the_mail_says_the_amount_and_when_no_chance_was_spent(stage, entry, language, amount) -> None:
    give_up_bids(stage.id, [entry], "lost")
    [notice] = notices()
    person, auction = db.session.get_one(Person, notice.person_id), db.session.get_one(Auction, stage.id)
    person.locale = language
    letter = write(notice, person, auction, "https://tickets.example", KEYS)
    assert auction.concert.title in letter.subject and amount in letter.body and f"/auctions/{stage.id}" in letter.body
    # Chances are counted by the newest bid that counts, so one before it does not come back.
    spent = "그 뒤에 하신 입찰이 유효하지 않다면 입찰 기회는 차감되지 않습니다."
    assert (spent if language == "ko" else "no chance, unless a bid you made after it counts") in letter.body


def test_giving_up_again_changes_nothing_and_tells_nobody_again(stage, entry) -> None:
    give_up_bids(stage.id, [entry], "lost")
    assert give_up_bids(stage.id, [entry], "lost again") == 0
    assert len(given_up_bids(stage.id)) == len(notices()) == 1


def test_whoever_closed_the_account_is_not_written_to(stage, entry) -> None:
    change_person(stage.people["alice"], closed_at=utcnow())
    assert give_up_bids(stage.id, [entry], "lost") == 1
    assert notices() == [] and db.session.scalars(select(OutboxMessage)).all() == []


def test_a_bid_that_an_operator_discards_is_given_up_and_told(stage, entry) -> None:
    """The live store went on from an older copy: its bid 1 is another than the ledger's."""
    while record_waiting(stage.engine, stage.id):
        pass
    set_aside_contradiction(stage.id, [entry])
    quarantined = db.session.scalars(select(Quarantined)).one()
    discard_entry(stage.id, quarantined.id, "looked at it", "operator")
    [row], [notice] = given_up_bids(stage.id), notices()
    assert (row.sequence, row.amount, notice.facts["why"]) == (2, 120_000, "discarded")
    person, auction = db.session.get_one(Person, notice.person_id), db.session.get_one(Auction, stage.id)
    assert "120,000" in write(notice, person, auction, "https://tickets.example", KEYS).body

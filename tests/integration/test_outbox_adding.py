"""Messages enter the outbox in the unit of their cause, once for each cause, and only a few for one address."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Auction, Notification, OutboxMessage, outbox_adding
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState, Priority, Source
from cashticket.models.outbox_adding import (
    NOTICE_TERMS,
    OPEN_MAX,
    OPEN_OF_ASKER_MAX,
    REPLACED,
    add_message,
    add_notice_messages,
)
from cashticket.models.units import in_one_unit
from tests.staging.rows import add_auction, add_people

HOUR = timedelta(hours=1)
SIZES = (2, 200)


def _add(
    session: Session, reference: int, address: str = "alice@example.org", kind: str = "reset", asker: str = ""
) -> None:
    terms = {"locale": "ko", "priority": Priority.URGENT, "expires_at": utcnow() + HOUR}
    add_message(session, Source.ACCOUNT_MAIL, reference, kind, address=address, asker=asker, **terms)  # type: ignore[arg-type]


def add(reference: int, **fields: str) -> None:
    in_one_unit(lambda session: _add(session, reference, **fields))


def rows() -> list[OutboxMessage]:
    db.session.rollback()
    return list(db.session.scalars(select(OutboxMessage).order_by(OutboxMessage.id)))


def waiting() -> list[int]:
    return [row.reference for row in rows() if row.state is MessageState.WAITING]


def test_a_message_has_its_recipient_and_waits_at_once(app: Flask) -> None:
    add(7)
    [row] = rows()
    assert (row.address, row.kind, row.state, row.tries) == ("alice@example.org", "reset", MessageState.WAITING, 0)
    assert row.due_at <= utcnow() and row.address_key and "alice" not in row.address_key


def test_one_cause_never_makes_two_messages(app: Flask) -> None:
    add(7)
    with pytest.raises(IntegrityError):
        add(7)
    assert len(rows()) == 1


def test_a_message_of_an_undone_unit_was_never_there(app: Flask) -> None:
    def work(session: Session) -> None:
        _add(session, 7)
        raise RuntimeError("the cause could not be stored")

    with pytest.raises(RuntimeError):
        in_one_unit(work)
    assert rows() == []


def test_a_further_message_for_an_address_replaces_the_oldest_of_its_kind(app: Flask) -> None:
    add(100, kind="confirm")
    for reference in range(OPEN_MAX + 2):
        add(reference)
    assert waiting() == [100, *range(2, OPEN_MAX + 2)]
    replaced = rows()[1]
    assert (replaced.state, replaced.last_error, replaced.address) == (MessageState.DROPPED, REPLACED, None)
    assert replaced.ended_at is not None and replaced.address_key


def test_an_attacker_replaces_own_messages_before_those_of_others(app: Flask) -> None:
    add(1, asker="alice")
    for reference in range(2, 20):
        add(reference, asker="mallory")
    assert waiting()[0] == 1 and len(waiting()) == OPEN_MAX


def test_one_asker_has_few_messages_open_whatever_their_addresses(app: Flask) -> None:
    for reference in range(OPEN_OF_ASKER_MAX + 5):
        add(reference, address=f"stranger-{reference}@example.org", kind="change", asker="person 4")
    add(99, address="carol@example.org", kind="change", asker="person 5")
    assert waiting() == [*range(5, OPEN_OF_ASKER_MAX + 5), 99]


def test_all_askers_together_have_a_bounded_number_open(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses a crowd has, while no mail leaves."""
    monkeypatch.setattr(outbox_adding, "OPEN_OF_ALL_MAX", 20)
    add(1_000, address="carol@example.org", kind="in_use", asker="somebody")
    for reference in range(50):
        add(reference, address=f"stranger-{reference}@example.org", kind="confirm", asker=f"client {reference}")
    assert waiting() == [1_000, *range(30, 50)]


def add_notices(auction: Auction, people: list[int], kind: NoticeKind = NoticeKind.NOT_WON) -> None:
    rows = [{"person_id": person, "auction_id": auction.id, "kind": kind, "facts": {}} for person in people]
    in_one_unit(lambda session: session.execute(db.insert(Notification), rows))


def add_mails_of(auction: Auction) -> int:
    return in_one_unit(lambda session: add_notice_messages(session, utcnow(), Notification.auction_id == auction.id))


def test_all_notices_of_an_auction_get_a_mail_each_once(app: Flask) -> None:
    auction, other = add_auction(), add_auction()
    people = add_people(4)
    add_notices(auction, people)
    add_notices(other, people[:1])
    assert [add_mails_of(auction), add_mails_of(auction)] == [4, 0]
    assert {(row.source, row.kind, row.priority) for row in rows()} == {
        (Source.NOTICE, "not_won", int(Priority.REST)),
    }
    left = db.session.scalars(select(Notification.auction_id).where(Notification.mailed_at.is_(None))).all()
    assert left == [other.id]


@pytest.mark.parametrize("kind", NOTICE_TERMS)
def test_every_kind_of_notice_is_mailed_with_its_priority_while_it_is_worth_it(app: Flask, kind: NoticeKind) -> None:
    auction = add_auction()
    add_notices(auction, add_people(1), kind)
    before = utcnow()
    add_mails_of(auction)
    [row] = rows()
    priority, worth = NOTICE_TERMS[kind]
    assert row.priority == priority and before + worth <= row.expires_at <= utcnow() + worth


def test_the_number_of_statements_does_not_grow_with_the_notices(app: Flask) -> None:
    counts = []
    for size in SIZES:
        auction = add_auction()
        add_notices(auction, add_people(size))
        counts.append(statements_of(lambda: add_mails_of(auction)))  # noqa: B023 - called at once
        assert len(rows()) == sum(SIZES[: len(counts)])
    assert counts[0] == counts[1]


def statements_of(work: Callable[[], object]) -> int:
    statements: list[str] = []

    def count(*arguments: Any) -> None:
        statements.append(arguments[2])

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
    return len(statements)

"""Which message leaves next, who has leased it, and what looking for it costs."""

import sqlite3
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import cast

import pytest
from flask import Flask
from sqlalchemy import event, text
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MAIL_PRIORITIES, MessageState, Priority
from cashticket.models.units import in_one_unit
from cashticket.notify import outbox, outbox_ends, outbox_figures
from tests.staging.outbox import add_rows, messages

HOUR = timedelta(hours=1)


def leased_kinds(owner: str = "me") -> list[str]:
    """Lease everything that is due, and say what it is, in order."""
    kinds = []
    while message := outbox.lease(owner, utcnow()):
        kinds.append(message.kind)
    return kinds


def leased_kinds_of(count: int) -> list[str]:
    """Lease that many messages, and say what they are, in order."""
    return [message.kind for _ in range(count) if (message := outbox.lease("me", utcnow()))]


def test_the_most_urgent_leaves_first_and_among_equals_what_was_due_first(app: Flask) -> None:
    earlier = utcnow() - HOUR
    add_rows(1, kind="not_won", priority=Priority.REST, due_at=earlier)
    add_rows(1, kind="confirm", priority=Priority.CONFIRMATION, due_at=earlier)
    add_rows(1, kind="offered", priority=Priority.URGENT)
    add_rows(1, kind="rank_out", priority=Priority.RANK_OUT)
    add_rows(1, kind="won", priority=Priority.URGENT, due_at=earlier)
    add_rows(1, kind="reset", priority=Priority.ACCOUNT)
    assert outbox.any_due(utcnow())
    assert leased_kinds() == ["reset", "won", "offered", "rank_out", "confirm", "not_won"]
    assert not outbox.any_due(utcnow())


def test_what_is_due_later_waits(app: Flask) -> None:
    add_rows(1, due_at=utcnow() + HOUR, tries=4)
    assert outbox.bring_forward(utcnow()) == 0
    assert not outbox.any_due(utcnow()) and outbox.lease("me", utcnow()) is None
    assert outbox.any_due(utcnow() + HOUR) and outbox.lease("me", utcnow() + HOUR)


@pytest.mark.parametrize("tries", [0, 1, 2, 3, 4, 5])
def test_nothing_waits_longer_than_it_may_because_a_clock_ran_ahead(app: Flask, tries: int) -> None:
    now = utcnow()
    longest = now + outbox.longest_wait(tries)
    add_rows(1, due_at=longest, tries=tries, kind="as it should")
    assert not outbox.any_due(now) and outbox.bring_forward(now) == 0
    add_rows(1, due_at=longest + timedelta(minutes=10), tries=tries, kind="late")
    assert outbox.any_due(now)
    assert (outbox.bring_forward(now), outbox.bring_forward(now)) == (1, 0)
    message = outbox.lease("me", now)
    assert message is not None and message.kind == "late" and outbox.lease("me", now) is None


def test_a_lease_of_a_dead_deliverer_ends_by_itself(app: Flask) -> None:
    add_rows(1)
    now = utcnow()
    assert outbox.lease("dead", now)
    assert outbox.lease("me", now) is None and not outbox.any_due(now)
    later = now + outbox.LEASE
    assert outbox.any_due(later)
    message = outbox.lease("me", later)
    assert message is not None and message.lease_owner == "me"


def test_who_lost_a_lease_changes_nothing_any_more(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    add_rows(1)
    late = outbox.lease("late", utcnow())
    mine = outbox.lease("me", utcnow() + outbox.LEASE)
    assert late is not None and mine is not None
    outbox.sent(late, utcnow())
    assert messages()[0].state is MessageState.LEASED and "another deliverer" in caplog.text
    outbox.sent(mine, utcnow())
    assert messages()[0].state is MessageState.SENT


def test_deliverers_side_by_side_never_lease_the_same(app: Flask) -> None:
    add_rows(60)
    leased: list[int] = []

    def work(owner: str) -> None:
        with app.app_context():
            while message := outbox.lease(owner, utcnow()):
                leased.append(message.id)

    threads = [threading.Thread(target=work, args=(f"deliverer {number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(leased) == len(set(leased)) == 60


def test_waits_grow_until_the_message_is_worth_nothing(app: Flask) -> None:
    expires_at = utcnow() + timedelta(days=3)
    add_rows(1, expires_at=expires_at)
    now, waits = utcnow(), []
    while message := outbox.lease("me", now):
        if not outbox.defer(message, now, "451"):
            break
        due_at = messages()[0].due_at
        assert due_at < expires_at
        waits.append((due_at - now) / timedelta(minutes=1))
        now = due_at
    steps = [1, 5, 30, 120, *[360] * (len(waits) - 4)]
    assert all(0.8 * step <= wait <= 1.2 * step for step, wait in zip(steps, waits, strict=True)), waits
    [ended] = messages()
    assert (ended.state, ended.last_error, ended.tries) == (MessageState.FAILED, "451", len(waits) + 1)
    assert 12 <= ended.tries <= 20


def test_what_failed_together_does_not_come_back_together(app: Flask) -> None:
    add_rows(20)
    now = utcnow()
    while message := outbox.lease("me", now):
        outbox.defer(message, now, "451")
    assert len({message.due_at for message in messages()}) > 15


def test_old_messages_are_deleted_and_young_ones_kept(app: Flask) -> None:
    now = utcnow()
    add_rows(3, state=MessageState.SENT, ended_at=now - outbox_ends.RETENTION - HOUR)
    add_rows(1, state=MessageState.SENT, ended_at=now - outbox_ends.RETENTION + HOUR)
    add_rows(1)
    assert (
        outbox_ends.delete_old(now, limit=2),
        outbox_ends.delete_old(now, limit=2),
        outbox_ends.delete_old(now),
    ) == (2, 1, 0)
    assert len(messages()) == 2


# Cost


def fill(size: int) -> None:
    """Waiting rows of every kind: some due, some put off, some ended."""
    now = utcnow()
    for priority in (Priority.CONFIRMATION, Priority.REST):
        add_rows(size // 5, priority=priority)
    for priority in (Priority.URGENT, Priority.CONFIRMATION):
        add_rows(size // 5, priority=priority, due_at=now + HOUR, tries=4)
    add_rows(size // 5, state=MessageState.SENT, ended_at=now)


def test_looking_for_the_next_message_costs_the_same_however_many_wait(app: Flask) -> None:
    costs = []
    for size in (500, 20_000):
        fill(size)
        if db.engine.dialect.name != "sqlite":
            in_one_unit(lambda session: session.execute(text("ANALYZE TABLE outbox")))
        looks = (_look, lambda session: outbox._lease(session, "me", utcnow(), MAIL_PRIORITIES), _look_for_late_ones)
        costs.append(tuple(cost_of(look) for look in looks))
    assert costs[1] == pytest.approx(costs[0], rel=0.3, abs=20), costs


def test_a_reset_leaves_first_at_the_same_cost_however_many_wins_and_results_wait(app: Flask) -> None:
    costs, earlier = [], utcnow() - HOUR
    for size in (500, 20_000):
        add_rows(size // 10, kind="won", priority=Priority.URGENT, due_at=earlier)
        add_rows(size, kind="not_won", priority=Priority.REST, due_at=earlier)
        add_rows(1, kind="reset", priority=Priority.ACCOUNT)
        if db.engine.dialect.name != "sqlite":
            in_one_unit(lambda session: session.execute(text("ANALYZE TABLE outbox")))
        costs.append(cost_of(lambda session: outbox._lease(session, "me", utcnow(), MAIL_PRIORITIES)))
        assert leased_kinds_of(2) == ["reset", "won"]
    # MariaDB may read a small table as a whole.
    assert costs[1] <= costs[0] * 1.3 + 20, costs


def test_figures_stop_counting_so_that_a_full_outbox_costs_no_more(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_figures, "COUNT_MAX", 20)
    add_rows(50, priority=Priority.REST, due_at=utcnow() - HOUR)
    add_rows(5, priority=Priority.URGENT, due_at=utcnow() + HOUR)
    figures = outbox_figures.outbox_figures(utcnow())
    assert (figures.waiting[Priority.REST], figures.waiting[Priority.URGENT]) == (20, 5)
    assert 3_600 <= figures.oldest_due_seconds < 3_700


def _look(session: Session) -> object:
    return session.scalar(outbox.due_statement(utcnow()))


def _look_for_late_ones(session: Session) -> object:
    return [session.scalars(each).all() for each in outbox._due_too_late(utcnow())]


def cost_of(work: Callable[[Session], object]) -> int:
    """Statements and rows (MariaDB), or steps of the virtual machine in tens (SQLite), that `work` takes."""
    with Session(db.engine) as session:
        session.connection(execution_options={"writes": True})
        work(session)  # Plans are made, pages are read.
        session.rollback()
        session.connection(execution_options={"writes": True})
        before = _reads(session)
        work(session)
        cost = _reads(session) - before
        session.rollback()
        return cost


_steps: dict[int, int] = {}


def _reads(session: Session) -> int:
    if db.engine.dialect.name != "sqlite":
        rows = session.execute(text("SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler_read%'"))
        return sum(int(value) for _, value in rows)
    connection = cast(sqlite3.Connection, session.connection().connection.driver_connection)

    def step() -> int:
        _steps[id(connection)] = _steps.get(id(connection), 0) + 1
        return 0

    connection.set_progress_handler(step, 10)
    return _steps.get(id(connection), 0)


def test_looking_and_leasing_take_the_same_few_statements(app: Flask) -> None:
    statements: list[str] = []

    def count(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    for size in (500, 5_000):
        fill(size)
        event.listen(db.engine, "before_cursor_execute", count)
        try:
            statements.clear()
            assert outbox.any_due(utcnow())
            assert len(statements) <= 2
            statements.clear()
            assert outbox.lease("me", utcnow())
            assert len(statements) <= 8, statements
        finally:
            event.remove(db.engine, "before_cursor_execute", count)

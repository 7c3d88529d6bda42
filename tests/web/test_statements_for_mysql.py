"""Every statement of a walk through pages and decisions is one that MySQL 8.4 takes, as far as it shows without one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, event
from sqlalchemy.sql.ddl import ExecutableDDLElement
from sqlalchemy.sql.elements import ClauseElement

from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.work.check.verdicts import check_all
from cashticket.work.closing import close_and_settle
from cashticket.work.telling import tell_all
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import Stage
from tests.staging.mysql_words import mysql_dialect, odd_words
from tests.staging.settlement import award_of

PAGES = ("/", "/concerts/", "/concerts/?q=공연", "/me", "/me/bids", "/me/tickets", "/me/notifications", "/me/profile")
OF_THE_AUCTION = ("", "/board", "/results", "/outcome", "/record", "/record.csv", "/lineage", "/history", "/standing")


@contextmanager
def statements() -> Iterator[dict[str, ClauseElement]]:
    """What is sent meanwhile, by its text."""
    sent: dict[str, ClauseElement] = {}

    def note(connection: Connection, statement: object, *_: object) -> None:
        if isinstance(statement, ClauseElement) and not isinstance(statement, ExecutableDDLElement):
            sent.setdefault(str(statement), statement)

    event.listen(Engine, "before_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_execute", note)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_walk_from_the_bid_to_the_ticket(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person]
) -> None:
    with statements() as sent:
        stage = Stage(app, ends_in_ms=-1_000)
        for name, amount in (("carol", 100_000), ("bob", 105_000), ("alice", 110_000)):
            stage.bid(name, amount)
        close_and_settle(stage.engine, stage.id)
        tell_all(stage.engine, stage.id, lambda done, of: None)
        alice = stage.people["alice"]
        awards.buy(award_of(stage.id, alice).id, alice, utcnow())
        awards.cancel(award_of(stage.id, alice).id, alice, utcnow())
        check_all(stage.engine, stage.id)
        visitor = sign_in(browser(), "alice")
        for path in (*PAGES, *(f"/auctions/{stage.id}{each}" for each in OF_THE_AUCTION)):
            assert visitor.get(path).status_code < 400, path
    dialect = mysql_dialect()
    written = [str(statement.compile(dialect=dialect)) for statement in sent.values()]
    assert len(written) > 80
    assert not {sql: odd for sql in written if (odd := odd_words(sql))}

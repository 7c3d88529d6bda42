"""Opening a page changes nothing: no door that takes GET writes to the database."""

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import event

from cashticket.extensions import db
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.settlement import award_of

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


@pytest.fixture
def written(app: Flask) -> Iterator[list[str]]:
    """The statements that change rows, as they are executed."""
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if WRITES.match(statement):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def pages(app: Flask, values: dict[str, int]) -> list[str]:
    """The address of every door that takes GET, with `values` for its parameters."""
    rules = [rule.rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.websocket]
    return [re.sub(r"<(?:[^<>]*:)?(\w+)>", lambda match: str(values.get(match[1], "x")), rule) for rule in rules]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("ended", [False, True])
def test_opening_any_page_changes_no_row(
    app: Flask,
    browser: Callable[[], Browser],
    people: dict[str, Person],
    auction: int,
    settled_auction: int,
    written: list[str],
    method: str,
    ended: bool,
) -> None:
    alice = sign_in(browser(), "alice")
    award = award_of(settled_auction, people["alice"].id)
    values = {"auction_id": settled_auction if ended else auction, "award_id": award.id, "concert_id": award.concert_id}
    addresses = pages(app, values)
    assert len(addresses) >= 30
    for address in addresses:
        written.clear()
        with alice.open(address, method=method) as answer:
            assert answer.status_code != 500, address
        assert not written, address

"""Shared by the tests of the auction's doors: the headers of a bid, how it is sent, and what it costs."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.connection import AbstractConnection
from sqlalchemy import event
from werkzeug.test import TestResponse

from cashticket.auction.terms import Terms
from cashticket.extensions import db
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser

JSON = {"Accept": "application/json"}
PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


def terms(auction_id: int) -> Terms:
    return current_engine().read(auction_id).terms


def send(
    browser: Browser, auction_id: int, amount: Any, request_id: str = "r1", headers: dict[str, str] | None = None
) -> TestResponse:
    """A bid as a program sends it, unless `headers` say otherwise."""
    form = {"amount": amount, "request_id": request_id, "csrf_token": browser.token("/no-such-page")}
    return browser.post(f"/auctions/{auction_id}/bids", data=form, headers=JSON if headers is None else headers)


@contextmanager
def counting() -> Iterator[dict[str, int]]:
    """Counts the SQL statements and the round trips to any Redis made meanwhile, in this process."""
    counted = {"sql": 0, "redis": 0}

    def count_sql(*given: Any) -> None:
        counted["sql"] += 1

    sent = AbstractConnection.send_packed_command

    def count_redis(self: AbstractConnection, *given: Any, **named: Any) -> Any:
        counted["redis"] += 1
        return sent(self, *given, **named)

    event.listen(db.engine, "before_cursor_execute", count_sql)
    AbstractConnection.send_packed_command = count_redis  # type: ignore[method-assign]
    try:
        yield counted
    finally:
        AbstractConnection.send_packed_command = sent  # type: ignore[method-assign]
        event.remove(db.engine, "before_cursor_execute", count_sql)

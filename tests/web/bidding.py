"""What the tests of the auction's doors share: an auction in both stores, and the three ways to send a bid."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from redis.connection import AbstractConnection
from sqlalchemy import event
from werkzeug.test import TestResponse

from cashticket.auction.values import Terms
from cashticket.extensions import db
from cashticket.locale import to_moment
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.staging.rows import add_auction, add_concert, terms_of

JSON = {"Accept": "application/json"}
PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}
HOUR_MS = 3_600_000


def open_auction(app: Flask, *, starts_in_ms: int = -HOUR_MS, in_engine: bool = True, **fields: Any) -> int:
    """An auction of 2 seats from 100,000 won in steps of 5,000, running unless said otherwise."""
    now = app.extensions["engine"].clock()
    window = {"opens_at": to_moment(now + starts_in_ms), "closes_at": to_moment(now + starts_in_ms + 3 * HOUR_MS)}
    row = add_auction(add_concert(), **{"soft_close_seconds": 0, **window, **fields})
    auction_id, terms = row.id, terms_of(row)
    if in_engine:
        app.extensions["engine"].open(terms)
    db.session.remove()
    return auction_id


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

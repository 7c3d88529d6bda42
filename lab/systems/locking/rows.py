"""Whole rows of `locking_auctions`, for the verbs that are called seldom: as terms, and as the window of an auction."""

from collections.abc import Callable
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from cashticket.auction.terms import TERMS_FIELDS, Terms
from cashticket.auction.values import State
from cashticket.engine.errors import UnknownAuction
from cashticket.engine.memory_window import MemoryWindow
from cashticket.engine.news import News
from cashticket.engine.outage_texts import outage_from, outage_text

AuctionRow = dict[str, Any]


def auction_row(connection: "Connection[Any]", auction_id: int, *, locked: bool = False) -> AuctionRow:
    """The row of an auction. Raises UnknownAuction."""
    with connection.cursor(DictCursor) as cursor:
        statement = "SELECT * FROM locking_auctions WHERE auction_id = %s" + (" FOR UPDATE" if locked else "")
        cursor.execute(statement, (auction_id,))
        row = cursor.fetchone()
    if row is None:
        raise UnknownAuction(f"auction {auction_id} is not in the tables")
    return dict(row)


def terms_of(row: AuctionRow) -> Terms:
    """The terms in a row."""
    return Terms(row["auction_id"], **{name: row[name] for name in TERMS_FIELDS})


def window_of(row: AuctionRow, publish: Callable[[News], object]) -> MemoryWindow:
    """The window of a row. A database that was restarted has every committed bid, so it needs no look at which process
    answers: the identity is always the same."""
    return MemoryWindow(
        terms=terms_of(row),
        publish=publish,
        ends_at_ms=row["ends_at_ms"],
        store_identity=lambda: "",
        state=State(row["state"]),
        version=row["version"],
        last_ms=row["last_ms"],
        pause_reason=row["pause_reason"],
        stopped_ms=row["stopped_ms"],
        stopped_end_ms=row["stopped_end_ms"],
        outage=outage_from(row["outage"]),
        given_ms=row["given_ms"],
        sequence=row["sequence"],
    )


def write_window(connection: "Connection[Any]", window: MemoryWindow) -> None:
    """Write back what the verbs of a window change."""
    values = {
        "closes_at_ms": window.terms.closes_at_ms,
        "soft_close_cap_ms": window.terms.soft_close_cap_ms,
        "ends_at_ms": window.ends_at_ms,
        "state": window.state.value,
        "version": window.version,
        "last_ms": window.last_ms,
        "pause_reason": window.pause_reason,
        "stopped_ms": window.stopped_ms,
        "stopped_end_ms": window.stopped_end_ms,
        "outage": outage_text(window.outage),
        "given_ms": window.given_ms,
        "is_live": not window.state.is_end,
    }
    columns = ", ".join(f"{name} = %({name})s" for name in values)
    with connection.cursor() as cursor:
        statement = f"UPDATE locking_auctions SET {columns} WHERE auction_id = %(auction_id)s"
        cursor.execute(statement, {**values, "auction_id": window.terms.auction_id})

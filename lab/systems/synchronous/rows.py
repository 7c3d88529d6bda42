"""The table into which requests write accepted bids."""

from typing import Any

import pymysql
from pymysql.connections import Connection

from cashticket.auction.values import Entry
from cashticket.engine.errors import OutcomeUnknown, StoreUnavailable
from lab.systems.locking.connections import Connections, Rows, send

# The key is the sequence, so rows are written at the end; the second one refuses a fourth bid of a person. A withdrawal
# has no nth.
_TABLE = """CREATE TABLE IF NOT EXISTS synchronous_bids (
    auction_id BIGINT NOT NULL,
    sequence INT NOT NULL,
    person BIGINT NOT NULL,
    nth TINYINT NULL,
    amount BIGINT NOT NULL,
    at_ms BIGINT NOT NULL,
    request_id VARBINARY(256) NOT NULL,
    ends_at_ms BIGINT NOT NULL,
    place INT NOT NULL,
    cutoff BIGINT NOT NULL,
    displaced BIGINT NULL,
    alert TINYINT NOT NULL,
    PRIMARY KEY (auction_id, sequence),
    UNIQUE KEY chance (auction_id, person, nth)
) ENGINE=InnoDB"""

_ENTRIES = """SELECT sequence, person, IFNULL(nth, 0), amount, at_ms, CONVERT(request_id USING utf8mb4), ends_at_ms,
    place, cutoff, displaced, alert FROM synchronous_bids WHERE auction_id = {auction}"""


def create_table(url: str) -> None:
    """Create the table in the database at `url` unless it is there. Raises StoreUnavailable."""
    _send_once(url, _TABLE)


def empty_table(url: str) -> None:
    """Delete every row. Raises StoreUnavailable."""
    _send_once(url, "DELETE FROM synchronous_bids")


def _send_once(url: str, statement: str) -> None:
    with Connections(url, 1).connection() as connection:
        send(connection, statement)
        connection.close()


class BidRows:
    """The rows. Safe for threads."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def insert(self, auction_id: int, entry: Entry) -> None:
        """Write the row of an accepted bid and commit it; a repeat changes nothing. Raises OutcomeUnknown when the
        database does not say that it has the row, or has another bid in its place: the bid is decided already."""
        try:
            with self._connections.connection() as connection:
                try:
                    send(connection, _insertion(connection, auction_id, entry))
                except pymysql.err.IntegrityError:
                    if self._read(connection, auction_id, entry.sequence - 1, 1) != [entry]:
                        raise
        except StoreUnavailable as error:
            raise OutcomeUnknown(f"the bid is accepted, and its row may be missing: {error}") from error

    def bids(self, auction_id: int, after: int, count: int) -> list[Entry]:
        """The rows of an auction from the number behind `after` on, at most `count`, up to the first one missing."""
        with self._connections.connection() as connection:
            entries = self._read(connection, auction_id, after, count)
        return [entry for number, entry in enumerate(entries, after + 1) if entry.sequence == number]

    def has(self, auction_id: int, sequence: int) -> bool:
        """Whether there is a row with this number."""
        wanted = f"auction_id = {auction_id} AND sequence = {sequence}"
        return bool(self._rows(f"SELECT 1 FROM synchronous_bids WHERE {wanted}"))

    def count(self, auction_id: int) -> int:
        """How many rows an auction has."""
        return int(self._rows(f"SELECT COUNT(*) FROM synchronous_bids WHERE auction_id = {auction_id}")[0][0])

    def _rows(self, statement: str) -> Rows:
        with self._connections.connection() as connection:
            return send(connection, statement)[0]

    def _read(self, connection: "Connection[Any]", auction_id: int, after: int, count: int) -> list[Entry]:
        part = f"AND sequence > {after} ORDER BY sequence LIMIT {max(0, count)}"
        (rows,) = send(connection, f"{_ENTRIES.format(auction=auction_id)} {part}")
        bids: list[list[Any]] = [[*row[:-1], bool(row[-1])] for row in rows]
        return [Entry(*bid) for bid in bids]


def _insertion(connection: "Connection[Any]", auction_id: int, entry: Entry) -> str:
    request = connection.escape(entry.request_id)
    displaced = "NULL" if entry.displaced is None else entry.displaced
    bid = f"{auction_id},{entry.sequence},{entry.person},{entry.nth or 'NULL'},{entry.amount},{entry.at_ms},{request}"
    effect = f"{entry.ends_at_ms},{entry.rank},{entry.cutoff},{displaced},{int(entry.alert)}"
    return f"INSERT INTO synchronous_bids VALUES({bid},{effect})"

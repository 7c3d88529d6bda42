"""The tables of the row-lock engine and how they are made. They stand beside the product's ledger and share nothing
with it.

- `locking_auctions`: terms and state, one row an auction. Its lock makes bids follow one another.
- `locking_people`: introduction, chances used and standing score, one row for each person and auction, so one read by
  primary key says everything about a bidder. The index on the score holds the person too (InnoDB adds the primary key):
  the top and the rows around the cut-off are read from it alone.
- `locking_bids`: every accepted bid, clustered in sequence, so each insert goes to the end. Its second index finds a
  repeated request among at most three rows, and refuses a fourth bid whatever the code does. A withdrawal has no nth.
- `locking_amounts`: how many standing bids have each amount. Counting the order instead would read as many rows as
  there are better bids, under the lock.
"""

from lab.systems.locking.connections import Connections, send
from lab.systems.locking.procedure import CREATE_PROCEDURE, DROP_PROCEDURE

TABLES = ("locking_auctions", "locking_people", "locking_bids", "locking_amounts", "locking_marks")

_AUCTIONS = """CREATE TABLE IF NOT EXISTS locking_auctions (
    auction_id BIGINT NOT NULL PRIMARY KEY,
    seats INT NOT NULL,
    minimum BIGINT NOT NULL,
    step BIGINT NOT NULL,
    opens_at_ms BIGINT NOT NULL,
    closes_at_ms BIGINT NOT NULL,
    soft_close_ms BIGINT NOT NULL,
    soft_close_cap_ms BIGINT NOT NULL,
    maximum BIGINT NOT NULL,
    alias_salt VARCHAR(255) NOT NULL,
    state VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT 'open',
    version BIGINT NOT NULL DEFAULT 1,
    sequence INT NOT NULL DEFAULT 0,
    recorded INT NOT NULL DEFAULT 0,
    ends_at_ms BIGINT NOT NULL,
    last_ms BIGINT NOT NULL DEFAULT 0,
    bidders INT NOT NULL DEFAULT 0,
    cutoff_score BIGINT NOT NULL DEFAULT -1,
    cutoff_person BIGINT NOT NULL DEFAULT 0,
    pause_reason VARCHAR(64) NOT NULL DEFAULT '',
    stopped_ms BIGINT NULL,
    stopped_end_ms BIGINT NULL,
    outage VARCHAR(255) NOT NULL DEFAULT '',
    given_ms BIGINT NOT NULL DEFAULT 0,
    is_live TINYINT NOT NULL DEFAULT 1
) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"""

_PEOPLE = """CREATE TABLE IF NOT EXISTS locking_people (
    auction_id BIGINT NOT NULL,
    person BIGINT NOT NULL,
    permission VARCHAR(16) CHARACTER SET ascii NOT NULL,
    epoch BIGINT NULL,
    revision BIGINT NOT NULL,
    used TINYINT NOT NULL DEFAULT 0,
    score BIGINT NULL,
    PRIMARY KEY (auction_id, person),
    KEY standing (auction_id, score)
) ENGINE=InnoDB"""

_BIDS = """CREATE TABLE IF NOT EXISTS locking_bids (
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

_AMOUNTS = """CREATE TABLE IF NOT EXISTS locking_amounts (
    auction_id BIGINT NOT NULL,
    amount BIGINT NOT NULL,
    bids INT NOT NULL,
    PRIMARY KEY (auction_id, amount)
) ENGINE=InnoDB"""

_MARKS = """CREATE TABLE IF NOT EXISTS locking_marks (
    name VARCHAR(32) CHARACTER SET ascii NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
) ENGINE=InnoDB"""


def create_tables(url: str) -> None:
    """Create the tables that are missing in the database at `url`, and the procedure anew. Raises StoreUnavailable."""
    with Connections(url, 1).connection() as connection:
        for statement in (_AUCTIONS, _PEOPLE, _BIDS, _AMOUNTS, _MARKS, DROP_PROCEDURE, CREATE_PROCEDURE):
            send(connection, statement)
        connection.close()


def empty_tables(url: str) -> None:
    """Delete every row."""
    with Connections(url, 1).connection() as connection:
        send(connection, *(f"DELETE FROM {table}" for table in TABLES))
        connection.close()

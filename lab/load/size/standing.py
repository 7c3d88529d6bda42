"""Auctions in which many bids stand, written in bulk: into the live store by its own restoring, into the tables of the
row lock as rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest
from itertools import islice
from typing import Any

from pymysql.connections import Connection

from cashticket.auction import rules
from cashticket.auction.terms import Terms
from cashticket.auction.values import Entry, Permission
from cashticket.engine.interface import Engine, Restoration
from lab.filling.bids import bids_of_crowd
from lab.systems.locking.connections import Connections, send

SEATS, MINIMUM, STEP = 20, 100_000, 1_000
HOUR_MS = 3_600_000
ROWS = 2_000
"""Rows of one statement."""


def terms_of(auction_id: int, now_ms: int) -> Terms:
    """The terms of an auction that is open now."""
    window = {"opens_at_ms": now_ms - HOUR_MS, "closes_at_ms": now_ms + 24 * HOUR_MS}
    return Terms(auction_id, SEATS, MINIMUM, STEP, **window, soft_close_ms=0, soft_close_cap_ms=0)


def crowd(terms: Terms, people: int, last_ms: int) -> Sequence[Entry]:
    """One bid of each of so many people; the first n of them are an auction in which n bids stand."""
    return list(bids_of_crowd(terms, range(1, people + 1), range(1, 2), seed=1, last_ms=last_ms))


def fill_live_store(engine: Engine, terms: Terms, entries: Sequence[Entry]) -> None:
    """Write an auction with these standing bids into the live store."""
    count = len(entries)
    engine.restore(Restoration(terms, entries, count, terms.closes_at_ms, version=2 * count + 1))


def fill_tables(engine: Engine, url: str, terms: Terms, entries: Sequence[Entry]) -> None:
    """Write an auction with these standing bids, introduced people included, into the tables of the row lock."""
    engine.open(terms)
    auction = terms.auction_id
    by_person = sorted(entries, key=lambda entry: entry.person)
    people = (f"({auction},{e.person},'{Permission.OK}',1,1,1,{rules.score(e.amount, e.sequence)})" for e in by_person)
    bids = (
        f"({auction},{e.sequence},{e.person},{e.nth},{e.amount},{e.at_ms},'{e.request_id}',{e.ends_at_ms},{e.rank},"
        f"{e.cutoff},{'NULL' if e.displaced is None else e.displaced},{int(e.alert)})"
        for e in entries
    )
    counted = Counter(entry.amount for entry in entries)
    amounts = (f"({auction},{amount},{count})" for amount, count in sorted(counted.items()))
    with Connections(url, 1).connection() as connection:
        _insert(connection, "locking_people", people)
        _insert(connection, "locking_bids", bids)
        _insert(connection, "locking_amounts", amounts)
        send(connection, _state(auction, entries), "ANALYZE TABLE locking_people, locking_bids, locking_amounts")
        connection.close()


def _state(auction: int, entries: Sequence[Entry]) -> str:
    """The row of the auction as its bids left it."""
    count = len(entries)
    score, person = nlargest(SEATS, ((rules.score(e.amount, e.sequence), e.person) for e in entries))[-1]
    state = f"sequence={count},version={2 * count + 1},recorded={count},bidders={count}"
    state += f",last_ms={entries[-1].at_ms},cutoff_score={score},cutoff_person={person}"
    return f"UPDATE locking_auctions SET {state} WHERE auction_id={auction}"


def _insert(connection: "Connection[Any]", table: str, rows: Iterable[str]) -> None:
    for batch in _batches(rows):
        send(connection, f"INSERT INTO {table} VALUES {','.join(batch)}")


def _batches(rows: Iterable[str]) -> Iterator[list[str]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, ROWS)):
        yield batch

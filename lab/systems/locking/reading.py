"""What pages read: boards, places, windows of the order, versions. Nothing here waits for a lock or takes one.

A page that is polled asks for the version first (`versions`, one row by primary key) and answers 304 while it is the
same. `read` and `places` read several tables in one consistent view, by index alone.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from pymysql.connections import Connection
from pymysql.cursors import DictCursor

from cashticket.auction import boards, rules
from cashticket.auction.values import AMOUNT_MAX, Entry, PoisonEntry, RankedBid
from cashticket.engine.one_store import OneStore
from cashticket.engine.values import OrderRows, Place, Snapshot, Status, check_window
from lab.systems.locking.bidding import LockingBidding
from lab.systems.locking.connections import Rows, send
from lab.systems.locking.rows import AuctionRow, auction_row, terms_of, window_of
from lab.systems.locking.statements import NOW_MS

CONSISTENT = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ",
    "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
)

_STANDING = "SELECT person, score FROM locking_people WHERE auction_id = {auction} AND score > -1"

_PLACES = """SELECT p.person, a.version, a.seats, a.recorded, IFNULL(p.score, -1), IFNULL(p.used, 0),
    (SELECT IFNULL(SUM(m.bids), 0) FROM locking_amounts m
        WHERE m.auction_id = p.auction_id AND m.amount > p.score >> 22)
    + (SELECT COUNT(*) FROM locking_people q WHERE q.auction_id = p.auction_id
        AND q.score > p.score AND q.score < ((p.score >> 22) + 1) << 22)
    FROM locking_auctions a JOIN locking_people p ON p.auction_id = a.auction_id
    WHERE a.auction_id = {auction} AND p.person IN ({people})"""

_ENTRIES = """SELECT sequence, person, IFNULL(nth, 0), amount, at_ms, CONVERT(request_id USING utf8mb4), ends_at_ms,
    place, cutoff, displaced, alert FROM locking_bids b WHERE auction_id = {auction}
    AND sequence > (SELECT recorded FROM locking_auctions WHERE auction_id = {auction})"""


class LockingReader(OneStore, LockingBidding):
    """The reading verbs of `Engine`. Safe for threads."""

    def clock(self) -> int:
        return int(self._rows(f"SELECT {NOW_MS}")[0][0])

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        with self._connections.connection() as connection:
            send(connection, *CONSISTENT)
            row = auction_row(connection, auction_id)
            terms, bidders, cutoff_score = terms_of(row), int(row["bidders"]), int(row["cutoff_score"])
            standing = _STANDING.format(auction=auction_id)
            # Rows around the cut-off are found by its score, so nothing is skipped over from the top.
            above = f"{standing} AND score >= {cutoff_score} ORDER BY score LIMIT {boards.EDGE_ROWS}"
            below = f"{standing} AND score < {cutoff_score} ORDER BY score DESC LIMIT {boards.EDGE_ROWS}"
            top = f"{standing} ORDER BY score DESC LIMIT {min(terms.seats, boards.TOP_ROWS)}"
            lowest = f"{standing} ORDER BY score LIMIT 1"
            highest = f"{standing} ORDER BY score DESC LIMIT 1 OFFSET {bidders // boards.HIGHEST_SHARE}"
            clock, best, edge, rest, low, high = send(
                connection, f"SELECT {NOW_MS}", top, above, below, lowest, highest
            )
            bins = _histogram(connection, auction_id, terms.step, _ranked_bids([*low, *high]))
        order, edge_bids = _ranked_bids(best), _ranked_bids([*reversed(edge), *rest])
        window = window_of(row, publish=lambda news: None)
        moment = window.window(int(clock[0][0]) if now_ms is None else now_ms).now_ms
        last_winner = _ranked_bids(edge[:1])[0] if cutoff_score >= 0 else None
        return Snapshot(
            terms=terms,
            state=rules.shown_state(window.state, terms, window.ends_at_ms, moment),
            version=window.version,
            sequence=window.sequence,
            recorded=row["recorded"],
            now_ms=moment,
            ends_at_ms=window.ends_at_ms,
            bidders=bidders,
            cutoff=last_winner.amount if last_winner else terms.minimum,
            best=rules.best(order),
            top=order,
            edge=OrderRows(boards.edge_ranks(terms.seats, bidders)[0], edge_bids),
            last_winner=last_winner,
            histogram=bins,
            paused=window.paused,
            outage=window.outage,
            stopped_ms=window.stopped_ms,
            stopped_end_ms=window.stopped_end_ms,
            last_ms=window.last_ms,
        )

    def place(self, auction_id: int, person: int) -> Place:
        return self.places(auction_id, [person])[person]

    def places(self, auction_id: int, people: Sequence[int]) -> dict[int, Place]:
        with self._connections.connection() as connection:
            statement = _PLACES.format(auction=auction_id, people=",".join(map(str, people)) or "0")
            (rows,) = send(connection, statement)
            present = {row[0]: _place(*map(int, row)) for row in rows}
            if len(present) < len(people):
                version = auction_row(connection, auction_id)["version"]
                absent = (Place(person, version, 0, 0, None, False, 3, False) for person in people)
                present = {place.person: place for place in absent} | present
        return present

    def rows(self, auction_id: int, first: int, count: int) -> OrderRows:
        check_window(first, count)
        with self._connections.connection() as connection:
            part = f"ORDER BY score DESC LIMIT {count} OFFSET {first - 1}"
            (rows,) = send(connection, f"{_STANDING.format(auction=auction_id)} {part}")
            if not rows:
                auction_row(connection, auction_id)
        return OrderRows(first, _ranked_bids(rows))

    def would_rank(self, auction_id: int, person: int, amount: int) -> int:
        lowest = max(-1, min(amount, AMOUNT_MAX + 1))
        counted = f"""SELECT (SELECT IFNULL(SUM(bids), 0) FROM locking_amounts WHERE auction_id = a.auction_id
            AND amount >= {lowest}) - (SELECT COUNT(*) FROM locking_people WHERE auction_id = a.auction_id
            AND person = {person} AND score >> 22 >= {lowest})
            FROM locking_auctions a WHERE auction_id = {auction_id}"""
        with self._connections.connection() as connection:
            (rows,) = send(connection, counted)
            if not rows:
                auction_row(connection, auction_id)
        return 1 + int(rows[0][0])

    def versions(self, auction_ids: Iterable[int]) -> dict[int, int]:
        return dict(self._of_auctions("auction_id, version", auction_ids))

    def statuses(self, auction_ids: Iterable[int]) -> dict[int, Status]:
        ids = ",".join(map(str, auction_ids)) or "0"
        statement = f"SELECT a.*, {NOW_MS} AS clock_ms FROM locking_auctions a WHERE auction_id IN ({ids})"
        with self._connections.connection() as connection, connection.cursor(DictCursor) as cursor:
            cursor.execute(statement)
            return {row["auction_id"]: _status(row) for row in cursor.fetchall()}

    def auctions(self) -> list[int]:
        return [row[0] for row in self._rows("SELECT auction_id FROM locking_auctions WHERE is_live ORDER BY 1")]

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        return self._entries(auction_id, f"ORDER BY sequence LIMIT {max(0, count)}")

    def tail(self, auction_id: int, skip: int, count: int) -> list[Entry | PoisonEntry]:
        newest = self._entries(auction_id, f"ORDER BY sequence DESC LIMIT {max(0, count)} OFFSET {skip}")
        return newest[::-1]

    def backlog(self, auction_ids: Iterable[int]) -> dict[int, int]:
        ids = list(auction_ids)
        return dict.fromkeys(ids, 0) | dict(self._of_auctions("auction_id, sequence - recorded", ids))

    def _of_auctions(self, columns: str, auction_ids: Iterable[int]) -> Rows:
        ids = ",".join(map(str, auction_ids)) or "0"
        return self._rows(f"SELECT {columns} FROM locking_auctions WHERE auction_id IN ({ids})")

    def _entries(self, auction_id: int, part: str) -> list[Entry | PoisonEntry]:
        rows = self._rows(f"{_ENTRIES.format(auction=auction_id)} {part}")
        bids: list[list[Any]] = [[*row[:-1], bool(row[-1])] for row in rows]
        return [Entry(*bid) for bid in bids]

    def _rows(self, statement: str) -> Rows:
        with self._connections.connection() as connection:
            return send(connection, statement)[0]


def _ranked_bids(rows: Rows) -> tuple[RankedBid, ...]:
    return tuple(RankedBid(person, *rules.unscore(score)) for person, score in rows)


def _place(person: int, version: int, seats: int, recorded: int, score: int, used: int, better: int) -> Place:
    rank = better + 1 if score >= 0 else None
    amount, sequence = rules.unscore(score) if score >= 0 else (0, 0)
    return Place(
        person=person,
        version=version,
        sequence=sequence,
        amount=amount,
        rank=rank,
        winning=rules.is_winning(rank, seats),
        chances_left=rules.chances_left(used),
        recorded=0 < sequence <= recorded,
    )


def _status(row: AuctionRow) -> Status:
    window = window_of(row, publish=lambda news: None)
    return Status(
        state=window.state,
        sequence=window.sequence,
        recorded=row["recorded"],
        version=window.version,
        now_ms=window.window(int(row["clock_ms"])).now_ms,
        ends_at_ms=window.ends_at_ms,
        paused=window.paused,
        outage=window.outage,
        closes_at_ms=window.terms.closes_at_ms,
    )


def _histogram(
    connection: "Connection[Any]", auction_id: int, step: int, ends: Sequence[RankedBid]
) -> tuple[boards.Bin, ...]:
    """The bins between two bids, counted by the database, at most BINS_MAX rows. Ends the transaction."""
    if not ends:
        send(connection, "COMMIT")
        return ()
    lowest, high = (bid.amount for bid in ends)
    width = boards.bin_width(lowest, high, step)
    last = (high - lowest) // width
    counted = f"""SELECT LEAST((amount - {lowest}) DIV {width}, {last}) AS bin, SUM(bids) FROM locking_amounts
        WHERE auction_id = {auction_id} AND bids > 0 GROUP BY bin"""
    rows, _ = send(connection, counted, "COMMIT")
    bids = {int(number): int(count) for number, count in rows}
    return tuple(boards.Bin(lowest + width * number, bids.get(number, 0)) for number in range(last + 1))

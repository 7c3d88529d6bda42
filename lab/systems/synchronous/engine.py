"""`Engine` on the live store, with the row of an accepted bid in the database before its answer."""

import threading
from collections.abc import Iterable
from itertools import count

import redis

from cashticket.auction.values import Accepted, Entry, PoisonEntry
from cashticket.engine.interface import BACKLOG_MAX, Decision, OnAccepted, Withdrawal
from cashticket.engine.redis_engine import RedisEngine
from lab.systems.locking.connections import Connections
from lab.systems.synchronous.rows import BidRows, create_table, empty_table

__all__ = ["InsertedBids", "SynchronousEngine", "create_table", "empty_table"]

STEP = 500
"""Entries of the list that are looked through at once."""


class SynchronousEngine(RedisEngine):
    """Decides bids on the store of `client`, and writes each accepted one into the database at `url` with at most
    `pool_size` connections before `place_bid` returns. `on_accepted` is called once its row is committed.

    A request whose row could not be written raises OutcomeUnknown; repeating it writes the row.
    """

    def __init__(
        self,
        client: redis.Redis,
        url: str,
        pool_size: int,
        *,
        backlog_max: int = BACKLOG_MAX,
        on_accepted: OnAccepted | None = None,
    ) -> None:
        super().__init__(client, backlog_max, self._note)
        self._connections = Connections(url, pool_size)
        self._rows = BidRows(self._connections)
        self.on_inserted = on_accepted
        self._of_thread = threading.local()

    def place_bid(
        self,
        auction_id: int,
        person: int,
        epoch: int,
        amount: int,
        request_id: str,
        now_ms: int | None = None,
        *,
        sure: int | None = None,
    ) -> Decision:
        decision = super().place_bid(auction_id, person, epoch, amount, request_id, now_ms, sure=sure)
        if isinstance(decision, Accepted):
            entry: Entry = self._of_thread.entry
            if decision.replayed:
                self._insert_missing(auction_id, entry.sequence)
            else:
                self._rows.insert(auction_id, entry)
            if self.on_inserted:
                self.on_inserted(auction_id, entry)
        return decision

    def withdraw(self, auction_id: int, person: int, now_ms: int | None = None) -> Withdrawal:
        withdrawal = super().withdraw(auction_id, person, now_ms)
        if withdrawal.entry:
            self._rows.insert(auction_id, withdrawal.entry)
            if self.on_inserted:
                self.on_inserted(auction_id, withdrawal.entry)
        return withdrawal

    def missing(self, auction_ids: Iterable[int]) -> int:
        """How many accepted bids of these auctions have no row: requests that wait for the database, or gave up."""
        statuses = self.statuses(auction_ids)
        return sum(status.sequence - self._rows.count(auction) for auction, status in statuses.items())

    def inserted(self) -> "InsertedBids":
        """The rows, for the drain."""
        return InsertedBids(self, self._rows)

    def disconnect(self) -> None:
        """End every connection to the database."""
        self._connections.close()

    def _note(self, auction_id: int, entry: Entry) -> None:
        self._of_thread.entry = entry

    def _insert_missing(self, auction_id: int, sequence: int) -> None:
        """Write the row of a request that was accepted before, unless it is there. The list has the whole entry; one
        that has left the list is in the ledger."""
        if self._rows.has(auction_id, sequence):
            return
        for skip in count(0, STEP):
            entries = self.tail(auction_id, skip, STEP)
            for entry in entries:
                if isinstance(entry, Entry) and entry.sequence == sequence:
                    self._rows.insert(auction_id, entry)
                    return
            if not entries:
                return


class InsertedBids:
    """Where the drain finds the rows: in place of the list, so that what is counted and checked are the rows."""

    def __init__(self, engine: SynchronousEngine, rows: BidRows) -> None:
        self._engine, self._rows = engine, rows

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        """The first rows that are not recorded, up to the first number without a row."""
        recorded = self._engine.statuses([auction_id])[auction_id].recorded
        return list(self._rows.bids(auction_id, recorded, count))

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """Mark bids as recorded, as the engine does."""
        return self._engine.trim(auction_id, through_sequence)

    def discard(self, auction_id: int, raw: str) -> bool:
        """False: every row can be read."""
        return False

"""The verbs that change when an auction takes bids, each by the product's own `MemoryWindow` under the row lock."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict

from cashticket.auction.outages import Silence
from cashticket.auction.terms import Terms, check_terms
from cashticket.auction.values import State
from cashticket.engine.memory_window import MemoryWindow
from cashticket.engine.news import News, Opened, format_news
from cashticket.engine.values import Beat, Closing
from lab.systems.locking.connections import send
from lab.systems.locking.reading import LockingReader
from lab.systems.locking.rows import auction_row, terms_of, window_of, write_window
from lab.systems.locking.statements import NOW_MS


class LockingWindows(LockingReader):
    """`open`, `extend`, `close`, `pause`, `resume`, `give_back`, `beat`, `finish`, `relist`."""

    def open(self, terms: Terms) -> bool:
        check_terms(terms)
        values = {**asdict(terms), "ends_at_ms": terms.closes_at_ms}
        columns, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
        with self._connections.connection() as connection:
            with connection.cursor() as cursor:
                is_new = cursor.execute(f"INSERT IGNORE INTO locking_auctions ({columns}) VALUES ({places})", values)
            row = auction_row(connection, terms.auction_id)
        if is_new:
            self._tell(terms.auction_id, [Opened(1)])
        elif terms_of(row) != terms:
            raise ValueError(f"auction {terms.auction_id} was published under other terms, which are frozen")
        return bool(is_new)

    def extend(self, auction_id: int, closes_at_ms: int, soft_close_cap_ms: int | None = None) -> Closing:
        with self._window(auction_id) as (window, clock_ms):
            return window.extend(closes_at_ms, soft_close_cap_ms, clock_ms)

    def close(self, auction_id: int, now_ms: int | None = None, known_ms: int | None = None) -> Closing:
        with self._window(auction_id) as (window, clock_ms):
            return window.close(clock_ms if now_ms is None else now_ms, known_ms)

    def pause(self, auction_id: int, reason: str, instead_of: str = "", now_ms: int | None = None) -> bool:
        if not reason:
            raise ValueError("bidding is paused only for a reason")
        with self._window(auction_id) as (window, clock_ms):
            return window.pause(reason, instead_of, clock_ms if now_ms is None else now_ms)

    def resume(
        self,
        auction_id: int,
        reason: str,
        checked_on: str = "",
        known_ms: int | None = None,
        deadline_ms: int | None = None,
        recorded_end_ms: int | None = None,
        now_ms: int | None = None,
    ) -> bool:
        with self._window(auction_id) as (window, clock_ms):
            return window.resume(
                reason, "", known_ms, deadline_ms, recorded_end_ms, clock_ms if now_ms is None else now_ms
            )

    def give_back(
        self, auction_id: int, silence: Silence, deadline_ms: int | None = None, recorded_end_ms: int | None = None
    ) -> bool:
        with self._window(auction_id) as (window, _):
            return window.give_back(silence, deadline_ms, recorded_end_ms)

    def beat(self) -> Beat:
        """The database is asked now; silences of the past are nobody's business here."""
        now_ms = self.clock()
        return Beat(now_ms, now_ms)

    def finish(self, auction_id: int, state: State) -> None:
        if not state.is_end:
            raise ValueError(f"an auction finishes as settled or voided, not {state}")
        with self._window(auction_id) as (window, _):
            window.finish(state)

    def relist(self, auction_id: int) -> bool:
        with self._connections.connection() as connection:
            auction_row(connection, auction_id)
            listed = f"""UPDATE locking_auctions SET is_live = 1 WHERE auction_id = {auction_id} AND NOT is_live
                AND state NOT IN ('settled', 'voided')"""
            with connection.cursor() as cursor:
                return bool(cursor.execute(listed))

    @contextmanager
    def _window(self, auction_id: int) -> Iterator[tuple[MemoryWindow, int]]:
        """The window of an auction under its lock, and the database's time (ms). It is written back, committed and then
        published at the end."""
        news: list[News] = []
        with self._connections.connection() as connection:
            send(connection, "START TRANSACTION")
            window = window_of(auction_row(connection, auction_id, locked=True), news.append)
            ((clock_ms,),) = send(connection, f"SELECT {NOW_MS}")[0]
            yield window, int(clock_ms)
            write_window(connection, window)
            send(connection, "COMMIT")
        self._tell(auction_id, news)

    def _tell(self, auction_id: int, news: list[News]) -> None:
        for each in news:
            if self._publish:
                self._publish(auction_id, format_news(each))

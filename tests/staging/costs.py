"""What one act costs, counted: SQL statements and rows, commands and bytes of both stores, bytes of the answer.

Nothing here measures time. The servers must be used by this test alone while it counts.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any

import pytest
import redis
from redis.connection import AbstractConnection
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.staging.rows_looked_at import looked_at

# What new connections, the counting itself and RQ's cleaning of lists send; none of it depends on an auction.
UNCOUNTED = ("info", "hello", "select", "config", "client", "ping")
ROWS_OF_A_STREAM = 2**63


@dataclass
class Cost:
    """What was counted. `*_commands` counts commands also inside scripts; `*_bytes` is what the store answered;
    `round_trips` counts writes to either store. `rows_read` are the rows that MariaDB looked at, 0 on SQLite.
    `answer_bytes` is the length of the answer. `texts` are the SQL statements and commands, for messages."""

    statements: int = 0
    rows_fetched: int = 0
    rows_changed: int = 0
    rows_read: int = 0
    round_trips: int = 0
    live_commands: int = 0
    live_bytes: int = 0
    queue_commands: int = 0
    queue_bytes: int = 0
    answer_bytes: int = 0
    texts: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        return ", ".join(f"{name} {getattr(self, name)}" for name in FIGURES)


FIGURES = tuple(entry.name for entry in fields(Cost) if entry.name != "texts")


@dataclass(frozen=True)
class Counters:
    """Where costs are read."""

    live: redis.Redis
    queue: redis.Redis

    @contextmanager
    def counted(self) -> Iterator[Cost]:
        """Count what happens inside, in every thread of this process; complete when the block is left."""
        cost = Cost()

        def add(rows: int) -> None:
            cost.rows_read += rows

        for store in (self.live, self.queue):
            store.config_resetstat()
        with looked_at(add), _sql_counted(cost), _writes_counted(cost):
            yield cost
        cost.live_commands, cost.live_bytes = _store_figures(self.live, cost.texts, "live")
        cost.queue_commands, cost.queue_bytes = _store_figures(self.queue, cost.texts, "queue")


def _store_figures(store: redis.Redis, texts: Counter[str], name: str) -> tuple[int, int]:
    """Commands since the last reset, and the bytes that answered them."""
    facts: Any = store.info("all")
    calls = {
        command.removeprefix("cmdstat_"): figures["calls"]
        for command, figures in facts.items()
        if command.startswith("cmdstat_")
    }
    counted = {command: count for command, count in calls.items() if command.split("|")[0] not in UNCOUNTED}
    texts.update({f"{name} {command}": count for command, count in counted.items()})
    return sum(counted.values()), max(0, facts["total_net_output_bytes"] - len("+OK\r\n"))


@contextmanager
def _writes_counted(cost: Cost) -> Iterator[None]:
    send = AbstractConnection.send_packed_command

    def counting(connection: AbstractConnection, command: Any, check_health: bool = True) -> None:
        cost.round_trips += 1
        send(connection, command, check_health)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(AbstractConnection, "send_packed_command", counting)
        yield


@contextmanager
def _sql_counted(cost: Cost) -> Iterator[None]:
    def before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("BEGIN"):
            return
        cost.statements += 1
        cost.texts[" ".join(statement.split())[:200]] += 1
        if isinstance(cursor, sqlite3.Cursor):
            cursor.row_factory = _counting_rows(cost)

    def after(connection: Any, cursor: Any, *_: Any) -> None:
        if cursor.description is None:
            cost.rows_changed += max(0, cursor.rowcount)
        elif 0 < cursor.rowcount < ROWS_OF_A_STREAM:
            cost.rows_fetched += cursor.rowcount
        elif hasattr(cursor, "read_next"):
            cursor.read_next = _counting_stream(cost, cursor.read_next)

    listeners = (("before_cursor_execute", before), ("after_cursor_execute", after))
    for name, listener in listeners:
        event.listen(Engine, name, listener)
    try:
        yield
    finally:
        for name, listener in listeners:
            event.remove(Engine, name, listener)


def _counting_rows(cost: Cost) -> Callable[[Any, tuple[Any, ...]], tuple[Any, ...]]:
    def counting(cursor: Any, row: tuple[Any, ...]) -> tuple[Any, ...]:
        cost.rows_fetched += 1
        return row

    return counting


def _counting_stream(cost: Cost, read_next: Callable[[], Any]) -> Callable[[], Any]:
    def counting() -> Any:
        row = read_next()
        cost.rows_fetched += row is not None
        return row

    return counting


@dataclass(frozen=True)
class Growth:
    """The costs of one act at growing sizes, the smallest first."""

    sizes: Sequence[str]
    costs: Sequence[Cost]

    def stays(self, **slack: float) -> "Growth":
        """Fail if any figure grows with the size. `live_bytes=1.5` allows half as much again; numbers of more digits
        alone may add a tenth to bytes, and another plan of the database some rows that it looks at."""
        self.grows_by_at_most(0, **slack)
        return self

    def grows_by_at_most(self, added: float, **slack: float) -> "Growth":
        """Fail if any figure but bytes is more than `added` above that of the smallest size: write the logarithm as
        `3 * log2(100)`, where 100 is how many times larger the largest is."""
        first = self.costs[0]
        for cost in self.costs[1:]:
            for name in FIGURES:
                allowed = getattr(first, name) * slack.get(name, _SLACK.get(name, 1.0)) + _NOISE.get(name, 0) + added
                assert getattr(cost, name) <= allowed, f"{name} grows with the auction:\n{self}"
        return self

    def stays_in_windows(self, rows: Sequence[int], window: int, each: int = 1, base: int = 20) -> "Growth":
        """Fail if statements or round trips at any size are more than `base`, and `each` for every window of its
        `rows`: how a job goes through an auction."""
        for cost, count in zip(self.costs, rows, strict=True):
            allowed = base + each * -(-count // window)
            for name in ("statements", "round_trips"):
                assert getattr(cost, name) <= allowed, f"{name} is above {allowed} for {count} rows:\n{self}"
        return self

    def never_exceeds(self, **most: int) -> "Growth":
        """Fail if one of these figures is above its bound at any size: `never_exceeds(statements=4)`."""
        for cost in self.costs:
            for name, bound in most.items():
                assert getattr(cost, name) <= bound, f"{name} is above {bound}:\n{self}"
        return self

    def __str__(self) -> str:
        rows = [f"{size}: {cost}" for size, cost in zip(self.sizes, self.costs, strict=True)]
        last, first = self.costs[-1].texts, self.costs[0].texts
        rows += [f"{first[text]} → {last[text]} × {text}" for text in sorted(first | last)]
        return "\n".join(rows)


# Numbers get more digits.
_SLACK = {"live_bytes": 1.1, "queue_bytes": 1.1, "answer_bytes": 1.1, "rows_read": 1.5}
_NOISE = {"live_bytes": 400, "queue_bytes": 400, "answer_bytes": 400, "rows_read": 20}

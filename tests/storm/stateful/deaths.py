"""Simulated deaths: work ends at a named happening with an error that nothing in the product catches.

They happen in this process, so thousands of them are cheap. (`crash.points` kills real processes, one at a time.)
Happenings are verbs of the engine, and commits, recognised by what was written in them.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine as Database
from sqlalchemy import event
from sqlalchemy.orm import Session

from cashticket.engine.one_store import OneStore

VERBS = ("peek", "trim", "close", "rows", "finish", "extend", "pause", "restore", "resume", "put_back")
COMMITS = {
    "record": r"INSERT INTO (bids|withdrawals)",
    "end": r"UPDATE auctions SET ends_at=(\?|%)",
    "settle": r"UPDATE auctions SET state",
    "announce": r"UPDATE auctions SET closes_at",
    "move": r"UPDATE awards SET",
    "give up": r"INSERT INTO sequence_gaps",
    "give back": r"INSERT INTO outages",
}
Moment = tuple[str, str]
"""Name of a happening, and when: before it, after it, or inside a transaction that is then not committed."""

MOMENTS: list[Moment] = [(name, when) for name in VERBS for when in ("before", "after")]
MOMENTS += [(name, when) for name in COMMITS for when in ("inside", "before", "after")]


class Died(BaseException):
    """No code of the product catches it, just as nothing catches SIGKILL."""


class Doomed(OneStore):
    """An engine whose caller dies at `moment`, if that is one of its verbs."""

    def __init__(self, engine: Any, moment: Moment | None) -> None:
        self._engine, self._moment = engine, moment

    def __getattr__(self, verb: str) -> Any:
        call = getattr(self._engine, verb)
        if not self._moment or verb != self._moment[0]:
            return call
        when = self._moment[1]

        def dying(*arguments: Any, **options: Any) -> Any:
            if when == "before":
                raise Died(verb)
            call(*arguments, **options)
            raise Died(verb)

        return dying


@contextmanager
def doomed(engine: Any, database: Database, moment: Moment | None) -> Iterator[Any]:
    """Yields the engine to work with until the moment comes. Without a moment nobody dies."""
    if moment is None or moment[0] not in COMMITS:
        yield Doomed(engine, moment)
        return
    trap = _CommitTrap(*moment)
    watched: list[tuple[Any, str, Any]] = [
        (database, "after_cursor_execute", trap.statement),
        (database, "commit", trap.committing),
        (Session, "after_commit", trap.committed),
    ]
    for target, what, listener in watched:
        event.listen(target, what, listener)
    try:
        yield engine
    finally:
        for target, what, listener in watched:
            event.remove(target, what, listener)


class _CommitTrap:
    """Raises Died at the commit in which something was written, or before it."""

    def __init__(self, name: str, when: str) -> None:
        self._name, self._when, self._written = name, when, False

    def _spring(self, when: str) -> None:
        if self._written and self._when == when:
            raise Died(self._name)

    def statement(self, connection: Any, cursor: Any, text: str, *rest: Any) -> None:
        if re.match(COMMITS[self._name], text):
            self._written = True
            self._spring("inside")

    def committing(self, connection: Any) -> None:
        self._spring("before")

    def committed(self, session: Session) -> None:
        self._spring("after")

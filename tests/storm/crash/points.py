"""Crash points: named points in the product's units of work, recognised from outside without any hook in the
product.

A point is a verb of the engine, an SQL statement, a commit, or a command on the wire. A process made for one trap is
killed at its point, fails there, or stands still until it is released.
"""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from redis.connection import AbstractConnection
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from cashticket.engine.redis_engine import RedisEngine

KILL, FAIL, STALL = "kill", "fail", "stall"
HOWS = (KILL, FAIL, STALL)
REACHED = "reached"


class Interruption(Exception):
    """The error raised at a point where something fails."""


@dataclass(frozen=True, slots=True)
class Point:
    """A point: `when` (before, after, half) `what` happens for the `nth` time.

    `kind` is a `verb` of the engine, an `sql` statement that starts with `what`, a `commit`, or a command on the
    `wire`. `locked`: a process that stands here blocks others in the database.
    """

    name: str
    kind: str
    when: str
    what: str = ""
    nth: int = 1

    @property
    def locked(self) -> bool:
        return self.kind == "sql" or (self.kind, self.when) == ("commit", "before")


class Trap:
    """Interrupts the process once, at its point, after telling `parent`."""

    def __init__(self, point: Point, how: str, parent: Connection) -> None:
        self.point, self._how, self._parent, self._left = point, how, parent, point.nth

    def passing(self, what: str, when: str) -> None:
        same = what.startswith(self.point.what) if self.point.kind == "sql" else what == self.point.what
        if same and when == self.point.when:
            self._left -= 1
            if self._left == 0:
                self._spring()

    def _spring(self) -> None:
        self._parent.send(REACHED)
        if self._how == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if self._how == FAIL:
            raise Interruption(self.point.name)
        self._parent.recv()


def lay(trap: Trap) -> None:
    """Set the trap in this process, for good."""
    {"verb": _on_verbs, "sql": _on_statements, "commit": _on_commits, "wire": _on_wire}[trap.point.kind](trap)


def _on_verbs(trap: Trap) -> None:
    verb = trap.point.what
    real: Callable[..., Any] = getattr(RedisEngine, verb)

    def watched(*given: Any, **named: Any) -> Any:
        trap.passing(verb, "before")
        answer = real(*given, **named)
        trap.passing(verb, "after")
        return answer

    setattr(RedisEngine, verb, watched)


def _on_statements(trap: Trap) -> None:
    def before(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        trap.passing(statement, "before")

    def after(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        trap.passing(statement, "after")

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)


def _on_commits(trap: Trap) -> None:
    def before(connection: Any) -> None:
        trap.passing("", "before")

    def after(session: Any) -> None:
        trap.passing("", "after")

    event.listen(Engine, "commit", before)
    event.listen(Session, "after_commit", after)


def _on_wire(trap: Trap) -> None:
    """Traps commands sent to the store: `before` one, when `half` of it is sent, or `after` it with nothing read
    yet."""
    send: Any = AbstractConnection.send_packed_command

    def watched(self: AbstractConnection, command: Any, check_health: bool = True) -> None:
        data = b"".join([command] if isinstance(command, bytes) else command)
        verb = data.split(b"\r\n")[2].decode()
        trap.passing(verb, "before")
        half = len(data) // 2 if trap.point.when == "half" else 0
        if half:
            send(self, [data[:half]], check_health=check_health)
            trap.passing(verb, "half")
        send(self, [data[half:]], check_health=check_health)
        trap.passing(verb, "after")

    AbstractConnection.send_packed_command = watched  # type: ignore[method-assign]


# The points of each unit, in the order of the work.

BID = (
    Point("the door calls the engine", "verb", "before", "place_bid"),
    Point("nothing is sent yet", "wire", "before", "EVALSHA"),
    Point("half of the bid is sent", "wire", "half", "EVALSHA"),
    Point("the bid is sent, the answer not read", "wire", "after", "EVALSHA"),
    Point("the bid is decided, the person not answered", "verb", "after", "place_bid"),
)
FIRST_BID_AFTER_A_RESTART = (
    Point("the store does not know the script", "wire", "before", "EVAL"),
    Point("the whole script is sent, the answer not read", "wire", "after", "EVAL"),
)
FIRST_BID_OF_A_STRANGER = (
    Point("the auction does not know the person", "verb", "before", "introduce"),
    Point("the person is introduced", "verb", "after", "introduce"),
    Point("the second try is decided, the person not answered", "verb", "after", "place_bid", 2),
)
DRAIN = (
    Point("nothing is read yet", "verb", "before", "peek"),
    Point("bids are read from the list", "verb", "after", "peek"),
    Point("the fence is about to move", "sql", "before", "UPDATE auctions SET"),
    Point("the fence has moved", "sql", "after", "UPDATE auctions SET"),
    Point("bids are inserted", "sql", "after", "INSERT INTO bids"),
    Point("a notice is about to be written", "sql", "before", "INSERT INTO notifications"),
    Point("the notices are written", "sql", "after", "INSERT INTO notifications"),
    Point("the record is about to be committed", "commit", "before"),
    Point("the record is committed, the list not trimmed", "commit", "after"),
    Point("the list is trimmed", "verb", "after", "trim"),
)
SETTLE = (
    Point("bidding is about to be ended", "verb", "before", "close"),
    Point("bidding is ended", "verb", "after", "close"),
    Point("the last bids are committed, the list not trimmed", "commit", "after"),
    Point("the end is about to be recorded", "commit", "before", nth=2),
    Point("the end is recorded", "commit", "after", nth=2),
    Point("the order of the live store is read", "verb", "after", "rows"),
    Point("the first ranks are inserted", "sql", "after", "INSERT INTO final_ranks"),
    Point("the ranks are about to be committed", "commit", "before", nth=3),
    Point("the ranks are committed, the auction is not claimed", "commit", "after", nth=3),
    Point("the settlement is about to be claimed", "sql", "before", "UPDATE auctions SET state"),
    Point("the settlement is claimed", "sql", "after", "UPDATE auctions SET state", 2),
    Point("an award is inserted", "sql", "after", "INSERT INTO awards"),
    Point("the events are inserted", "sql", "after", "INSERT INTO award_events"),
    Point("the winners' notices are inserted", "sql", "after", "INSERT INTO notifications", 2),
    Point("the settlement is about to be committed", "commit", "before", nth=5),
    Point("the settlement is committed, the live store not finished", "commit", "after", nth=5),
    Point("the live store is finished", "verb", "after", "finish"),
)
TELL = (
    Point("a batch is about to be told", "sql", "before", "INSERT INTO notifications"),
    Point("the notices of the batch are inserted", "sql", "after", "INSERT INTO notifications"),
    Point("their mails are inserted", "sql", "after", "INSERT INTO outbox"),
    Point("the ranks of the batch are marked", "sql", "after", "UPDATE final_ranks SET told_at"),
    Point("the batch is about to be committed", "commit", "before"),
    Point("the batch is committed, the end is not", "commit", "after"),
    Point("it is about to be committed that everybody was told", "commit", "before", nth=2),
    Point("everybody was told", "commit", "after", nth=2),
)
MAIL = (
    Point("the mail is about to be leased", "sql", "before", "UPDATE outbox SET"),
    Point("the lease is about to be committed", "commit", "before", nth=2),
    Point("the mail is leased and not sent", "commit", "after", nth=2),
    Point("the mail is sent and not marked", "sql", "before", "UPDATE outbox SET", 2),
    Point("the mark is about to be committed", "commit", "before", nth=3),
    Point("the mail is sent and marked, the next one not leased", "commit", "after", nth=3),
)
CANCEL = (
    Point("the award is about to be cancelled", "sql", "before", "UPDATE awards SET"),
    Point("the award is cancelled", "sql", "after", "UPDATE awards SET"),
    Point("the event of the cancellation is inserted", "sql", "after", "INSERT INTO award_events"),
    Point("the next is about to be offered the seat", "sql", "before", "INSERT INTO awards"),
    Point("the next is offered the seat", "sql", "after", "INSERT INTO awards"),
    Point("the event of the offer is inserted", "sql", "after", "INSERT INTO award_events", 2),
    Point("the next person's notice is inserted", "sql", "after", "INSERT INTO notifications"),
    Point("the cancellation is about to be committed", "commit", "before"),
    Point("the cancellation is committed, no answer sent", "commit", "after"),
)
HAND_OVER = (
    Point("the award is about to lapse", "sql", "before", "UPDATE awards SET"),
    Point("the award has lapsed", "sql", "after", "UPDATE awards SET"),
    Point("the event of the lapse is inserted", "sql", "after", "INSERT INTO award_events"),
    Point("the holder's notice is inserted", "sql", "after", "INSERT INTO notifications"),
    Point("the seat is offered on", "sql", "after", "INSERT INTO awards"),
    Point("the next person's notice is inserted", "sql", "after", "INSERT INTO notifications", 2),
    Point("the lapse is about to be committed", "commit", "before"),
    Point("the lapse is committed", "commit", "after"),
    Point("the hand-over is committed, no mail queued", "commit", "after", nth=2),
)
GUARD = (
    Point("nothing is accounted for yet", "verb", "before", "tail"),
    Point("the bid with another's number is about to be given up", "sql", "before", "INSERT INTO given_up_bids"),
    Point("the bid is given up, its bidder's notice not written", "sql", "after", "INSERT INTO given_up_bids"),
    Point("its bidder's notice is inserted", "sql", "after", "INSERT INTO notifications"),
    Point("its bidder's mail is inserted", "sql", "after", "INSERT INTO outbox"),
    Point("the bid that is given up is about to be committed", "commit", "before", nth=2),
    Point("the bid that is given up is committed", "commit", "after", nth=2),
    Point("the first held bid is inserted", "sql", "after", "INSERT INTO bids"),
    Point("the first held bid is committed", "commit", "after", nth=3),
    Point("the number that nobody holds is about to be given up", "sql", "before", "INSERT INTO sequence_gaps"),
    Point("the number is given up", "sql", "after", "INSERT INTO sequence_gaps"),
    Point("the number that is given up is about to be committed", "commit", "before", nth=4),
    Point("the number that is given up is committed, later bids not recorded", "commit", "after", nth=4),
    Point("everything is recorded and nothing put back", "verb", "before", "put_back"),
    Point("everything is put back, which nobody noted", "verb", "after", "put_back"),
    Point("it is noted that everything is accounted for", "sql", "after", "UPDATE checks SET accounted_on"),
    Point("the note is about to be committed", "commit", "before", nth=6),
    Point("the note is committed, no check wanted", "commit", "after", nth=6),
    Point("a check is wanted and not made", "commit", "after", nth=7),
    Point("the verdict is about to be committed", "commit", "before", nth=8),
    Point("the verdict is committed, no bids taken", "commit", "after", nth=8),
    Point("bids are about to be taken", "verb", "before", "resume"),
    Point("bids are taken, the outage is not recorded", "verb", "after", "resume"),
    Point("the outage is inserted", "sql", "after", "INSERT INTO outages"),
    Point("the outage is about to be committed", "commit", "before", nth=10),
    Point("the outage is recorded", "commit", "after", nth=10),
)

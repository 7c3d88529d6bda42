"""The reading copy: a replica of the database from which pages read that decide nothing (DATABASE_READER_URL).

It is read only while it is known to be fresh. A thread of each process looks at it twice a second, so that no request
waits for a copy that is away or hangs. What fails or is behind is read from the primary, at once.

A database that follows another primary would show people what belongs to others there. So the copy is read only once it
has shown a beat that the primary has, and after each error it shows one again.

The numbers belong together. The last look is at most LOOK_GOOD_SECONDS old and found everything that was committed
LAG_SECONDS_MAX before it, so a read lacks at most the last 3.5 seconds. Whoever wrote something reads the primary for 5
seconds, which leaves 1.5 for clocks that differ.
"""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, cast

from flask import current_app
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError

from cashticket.extensions import RoutedSession, db
from cashticket.models import units
from cashticket.models.columns import utcnow
from cashticket.models.copy_beats import NEWEST

log = logging.getLogger(__name__)

LAG_SECONDS_MAX = 2.0
LOOK_SECONDS, LOOK_GOOD_SECONDS = 0.5, 1.5
CONNECT_SECONDS, READ_SECONDS = 1, 2
REST_SECONDS = 5.0
"""After a read that failed, pages leave the copy alone for so long."""

BEATS_REMEMBERED = 8
NEVER = -math.inf
READ_ONLY = "SET SESSION TRANSACTION READ ONLY"


class Behind(Exception):
    """The copy lacks something that the primary has."""


class ReadingCopy:
    """The copy as this process knows it. `read_primary` gives the newest beat of the primary, None for none, and raises
    SQLAlchemyError. `now` is UTC, `monotonic` in seconds."""

    def __init__(
        self,
        url: str,
        read_primary: Callable[[], datetime | None],
        now: Callable[[], datetime] = utcnow,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.engine = engine_of(url)
        self._read_primary, self._now, self._monotonic = read_primary, now, monotonic
        self._beat: datetime | None = None
        self._follows = False
        self._beats_of_primary: deque[datetime | None] = deque(maxlen=BEATS_REMEMBERED)
        self._found_fresh_at, self._rests_until = NEVER, NEVER
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._trouble = ""

    @property
    def lag_seconds(self) -> float | None:
        """How old the newest beat in the copy is; None before one was found."""
        return (self._now() - self._beat).total_seconds() if self._beat else None

    @property
    def follows(self) -> bool:
        """Whether it has shown a beat of the primary since it failed last, so that it is a copy of that one."""
        return self._follows

    def is_fresh(self) -> bool:
        """Whether pages may read it now. Asks nobody."""
        moment = self._monotonic()
        return moment - self._found_fresh_at <= LOOK_GOOD_SECONDS and moment >= self._rests_until

    def start(self) -> None:
        """Look from now on, in a thread of this process. Repeating it changes nothing."""
        if self._thread is not None and self._thread.is_alive():
            return
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._look_for_ever, name="reading copy", daemon=True)
                self._thread.start()

    def look(self) -> None:
        """Look once, for at most CONNECT_SECONDS and READ_SECONDS. Never fails."""
        began = self._monotonic()
        try:
            if not self._follows:
                self._beats_of_primary.append(self._read_primary())
            with self.engine.connect() as connection:
                self._beat = connection.execute(NEWEST).scalar() or self._beat
        except (SQLAlchemyError, OSError) as error:
            self._follows = False
            trouble = f"it cannot be read ({type(error).__name__})"
        else:
            self._follows = self._follows or (self._beat is not None and self._beat in self._beats_of_primary)
            trouble = self._lateness()
        self._found_fresh_at = NEVER if trouble else began
        self._tell(trouble)

    def _lateness(self) -> str:
        lag = self.lag_seconds
        if lag is None:
            return "no watch has given a beat yet"
        # A beat of the future comes from a clock that is wrong.
        if abs(lag) > LAG_SECONDS_MAX:
            return "it is behind, or a clock is wrong"
        return "" if self._follows else "it has shown no beat of the primary yet"

    def rest(self, error: BaseException) -> None:
        """Leave it alone for REST_SECONDS: a read has failed."""
        self._rests_until = self._monotonic() + REST_SECONDS
        log.warning("a page is read from the primary, the reading copy failed: %s", type(error).__name__)

    def _tell(self, trouble: str) -> None:
        if trouble and trouble != self._trouble:
            log.warning("pages are read from the primary, the reading copy is left out: %s", trouble)
        elif self._trouble and not trouble:
            log.warning("pages are read from the reading copy again")
        self._trouble = trouble

    def _look_for_ever(self) -> None:
        while True:
            self.look()
            time.sleep(LOOK_SECONDS)


def engine_of(url: str) -> Engine:
    """An engine for the copy that waits for nothing long and can write nothing."""
    options = units.engine_options(url)
    if "connect_args" in options:
        waits = {"connect_timeout": CONNECT_SECONDS, "read_timeout": READ_SECONDS, "write_timeout": READ_SECONDS}
        options["connect_args"] |= waits | {"init_command": READ_ONLY}
        options["pool_timeout"] = CONNECT_SECONDS
    engine = create_engine(url, **options)
    units.prepare(engine)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _forbid_writing)
    return engine


def _forbid_writing(connection: Any, record: object) -> None:
    connection.execute("PRAGMA query_only=ON")


def configured() -> ReadingCopy | None:
    """The copy of this application; None without DATABASE_READER_URL."""
    return cast("ReadingCopy | None", current_app.extensions.get("reading_copy"))


@contextmanager
def reading(copy: ReadingCopy | None) -> Iterator[None]:
    """What the request's session reads inside comes from the copy, or with None from the primary. Units of work write
    to the primary as always."""
    session = cast(RoutedSession, db.session())
    before, session.copy = session.copy, copy.engine if copy else None
    try:
        yield
    finally:
        session.copy = before


def forget_what_was_read() -> None:
    """Let the request's session read anew what it has read. Never fails."""
    try:
        db.session.rollback()
    except SQLAlchemyError:
        units.end_session()


def require(is_so: bool) -> None:
    """Raise Behind unless `is_so`, where the copy is read: something that the primary has is missing there."""
    if not is_so and db.session.registry.has() and cast(RoutedSession, db.session()).copy is not None:
        raise Behind

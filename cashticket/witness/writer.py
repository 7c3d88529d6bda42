"""The witness of one process: takes in what it learns without waiting, and writes it to its shelf each second.

One thread does all writing. It is started once the process serves, so after any fork. What it has heard of the live
store is written only with everything that the process had learnt before, so a beat that names a store process says
that no answer of a former one is missing.
"""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from redis import RedisError

from cashticket.auction.values import Entry
from cashticket.engine.condition import Pulse
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.engine.news import BidAccepted, News, Recorded
from cashticket.logs.failures import failure_text
from cashticket.witness.knowledge import Inbox, Knowledge
from cashticket.witness.pages import Page
from cashticket.witness.testimony import ShelfUnavailable

log = logging.getLogger(__name__)

ROUND_SECONDS = 1.0
TROUBLE_SECONDS = 10.0
"""A witness that has not written for so long is a trouble: the log names it, /readyz warns."""


class WritingShelf(Protocol):
    """Where one process writes. Only one thread uses it."""

    def write(self, news: Page, everything: Callable[[], Page]) -> None:
        """Keep `news`, or `everything` where the shelf has lost what it had. Raises ShelfUnavailable; then nothing
        counts as written."""

    def close(self) -> None:
        """The process ends: its record stays."""


@dataclass(frozen=True, slots=True)
class WitnessCondition:
    """Whether the witness of this process runs, how many seconds ago it wrote last, how many accepted bids it has not
    written, and why it cannot write, '' if it can."""

    running: bool
    written_seconds_ago: float = 0.0
    unwritten: int = 0
    trouble: str = ""


class Witness:
    """What this process knows of accepted bids. `note` and `hear` are safe to call from any thread."""

    def __init__(self, make_shelf: Callable[[str], WritingShelf]) -> None:
        """`make_shelf` gets the kind of this process, such as web; it is called in the thread. Nothing is learnt or
        written before `start`."""
        self._make_shelf = make_shelf
        self._inbox, self._knowledge = Inbox(), Knowledge()
        self._engine: Engine | None = None
        self._kind = ""
        self._shelf: WritingShelf | None = None
        self._thread: threading.Thread | None = None
        self._stop_event = threading.Event()
        self._heard: Pulse | None = None
        self._in_flight: frozenset[object] = frozenset()
        self._written_at = 0.0
        self._trouble, self._unwritten = "", 0
        self._is_reported = False

    # What is learnt

    def note(self, auction_id: int, entry: Entry) -> None:
        """An accepted bid was answered by this process."""
        if self._thread is not None:
            self._inbox.put((auction_id, entry))

    def hear(self, auction_id: int, news: News) -> None:
        """The news of an auction was heard by this process."""
        if self._thread is None:
            return
        if isinstance(news, BidAccepted):
            self._inbox.put((auction_id, news.entry))
        elif isinstance(news, Recorded):
            self._inbox.put((auction_id, news.through_sequence))

    # The thread

    def start(self, kind: str, engine: Engine) -> None:
        """Write each second from now on, as a process of this kind. `engine` is asked which store process answers, and
        what is recorded."""
        self._kind, self._engine, self._written_at = kind, engine, time.monotonic()
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 3.0) -> None:
        """Write a last time and end. Waits at most `timeout` seconds."""
        self._stop_event.set()
        if self._thread is not None and self._thread.is_alive():
            self._thread.join(timeout)

    def condition(self) -> WitnessCondition:
        """How the witness is, without waiting."""
        if self._thread is None:
            return WitnessCondition(running=False)
        seconds = time.monotonic() - self._written_at
        trouble = (self._trouble or "it hangs") if seconds > TROUBLE_SECONDS else ""
        return WitnessCondition(self._thread.is_alive(), seconds, self._unwritten, trouble)

    def _run(self) -> None:
        while not self._stop_event.is_set():
            started_at = time.monotonic()
            if not self._round():
                self._stop_event.wait(max(0.0, ROUND_SECONDS - (time.monotonic() - started_at)))
        self._last_round()

    def _round(self) -> bool:
        """Write once. Returns whether another store process answers than before, which is to be written at once."""
        assert self._engine is not None
        heard = self._heard
        if heard and self._in_flight & self._engine.bids_in_flight():
            # The answer to one of these bids may come from a former store process and is not learnt yet.
            heard = None
        try:
            self._learn()
            self._learn_recorded(self._engine)
            self._write(heard)
            return self._listen(self._engine)
        except Exception as error:
            # A fault in one round must not end the thread. The first of a kind is logged; one that stays is a trouble.
            if self._trouble != failure_text(error):
                log.exception("the witness of accepted bids failed in a round")
            self._trouble = failure_text(error)
            self._report()
            return False

    def _last_round(self) -> None:
        self._learn()
        self._write(None)
        if self._shelf:
            self._shelf.close()

    def _learn(self) -> None:
        for note in self._inbox.take_all():
            self._knowledge.learn(note)

    def _learn_recorded(self, engine: Engine) -> None:
        """Ask how far the ledger is, for processes that hear no news and for news that was lost."""
        waiting = self._knowledge.waiting() if self._heard else []
        if not waiting:
            return
        try:
            for auction_id, status in engine.statuses(waiting).items():
                self._knowledge.learn((auction_id, status.recorded))
        except (StoreUnavailable, OutcomeUnknown):
            self._heard = None
        except (RedisError, ValueError) as error:
            # The keys of one auction cannot be read, which the watch names. Its bids are witnessed all the same.
            log.info("what is recorded cannot be read: %s", failure_text(error))

    def _write(self, heard: Pulse | None) -> None:
        if heard:
            self._knowledge.hear(heard)
        try:
            self._shelf = self._shelf or self._make_shelf(self._kind)
            self._shelf.write(self._knowledge.news(heard), lambda: self._knowledge.everything(heard))
        except ShelfUnavailable as error:
            self._trouble = failure_text(error)
        else:
            self._knowledge.mark_written()
            self._written_at, self._trouble = time.monotonic(), ""
        self._unwritten = self._knowledge.count_unwritten()
        self._report()

    def _listen(self, engine: Engine) -> bool:
        former = self._heard
        try:
            self._heard = engine.pulse()
        except (StoreUnavailable, OutcomeUnknown):
            self._heard = None
            return False
        self._in_flight = engine.bids_in_flight()
        with suppress(StoreUnavailable, OutcomeUnknown):
            engine.beat()
        return former is None or former.identity != self._heard.identity

    def _report(self) -> None:
        trouble = self.condition().trouble
        if trouble and not self._is_reported:
            log.error(
                "accepted bids are not witnessed, so a live store that goes on from an older copy may lose some: %s",
                trouble,
            )
        if not trouble and self._is_reported:
            log.warning("over: accepted bids are witnessed again")
        self._is_reported = bool(trouble)

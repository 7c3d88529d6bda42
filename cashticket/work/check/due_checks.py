"""The work of the queue `checks`: first every check that the watch wants, then auctions that are to be checked whole.

An auction is checked whole once after its end, while it runs every hour, and after a whole check found a fault every
minute until it is mended. Between two windows of a whole check the wanted ones get their turn.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger import check_marks
from cashticket.ledger.check_marks import WHOLE_SECONDS_MAX
from cashticket.logs.failures import failure_text, failure_trace
from cashticket.models.columns import utcnow
from cashticket.work.check.compare import OutOfTime, Report
from cashticket.work.check.verdicts import check_all, check_new
from cashticket.work.outages import AWAY, concerns_one

log = logging.getLogger(__name__)

WHOLE_AGAIN_SECONDS = 3_600.0
FAULTY_AGAIN_SECONDS = 60.0
TURN_SECONDS = 0.5
"""While an auction is checked whole, it is looked so often whether other checks are wanted."""

PROGRESS_SECONDS = 10.0


class Stopped(Exception):
    """The process was asked to stop in the middle of a whole check."""


def whole_due(now: datetime) -> list[int]:
    """Ids of the auctions that are to be checked whole and are not being so, ended ones first."""
    due = []
    for auction_id, (check, state) in check_marks.unfinished_checks().items():
        since = FAULTY_AGAIN_SECONDS if check.whole_fault else WHOLE_AGAIN_SECONDS
        if state.is_end or check.whole_at is None or check.whole_at < now - timedelta(seconds=since):
            begun = check.whole_begun_at
            runs = begun is not None and (check.whole_at is None or check.whole_at < begun)
            if not runs or (begun is not None and begun < now - timedelta(seconds=WHOLE_SECONDS_MAX)):
                due.append((not state.is_end, auction_id))
    return [auction_id for _, auction_id in sorted(due)]


def wanted() -> list[int]:
    """Ids of the auctions of which a check is wanted that no verdict answers yet."""
    checks = check_marks.unfinished_checks()
    return [auction_id for auction_id, (check, _) in checks.items() if check.answered < check.wanted]


def work_off(engine: Engine, stop: threading.Event, seconds: float) -> bool:
    """Check until nothing is due, for about `seconds`. Returns whether something may be left.

    An auction of which nothing can be said now, such as one that is being rebuilt, stays due. It is looked at once; the
    watch asks again in its next round."""
    ends_at = time.monotonic() + seconds
    tried: set[int] = set()
    while not stop.is_set():
        answer_wanted(engine, stop)
        due = [auction_id for auction_id in whole_due(utcnow()) if auction_id not in tried]
        db.session.remove()
        if not due:
            return False
        if time.monotonic() >= ends_at:
            return True
        tried.add(due[0])
        _check_whole(engine, due[0], stop)
    return True


def answer_wanted(engine: Engine, stop: threading.Event) -> None:
    """Make every check that is wanted. A failure in one auction leaves the others alone, and so does a live store that
    is away, unless it is the only one."""
    ids = wanted()
    db.session.remove()
    failures: dict[int, Exception] = {}
    for auction_id in ids:
        if stop.is_set():
            return
        try:
            store = id(engine.of(auction_id))
        except StoreUnavailable:
            # The settings do not name its store, which readiness tells.
            continue
        if store in failures:
            continue
        try:
            _attempt(auction_id, lambda: check_new(engine, auction_id, is_out_of_time=stop.is_set))  # noqa: B023 - called at once
        except (StoreUnavailable, OutcomeUnknown) as error:
            failures[store] = error
    if len(failures) == len(engine.stores()):
        raise next(iter(failures.values()))


def _check_whole(engine: Engine, auction_id: int, stop: threading.Event) -> None:
    if not check_marks.begin_whole(auction_id):
        return
    log.info("auction %s: all of it is checked", auction_id)
    turns = _Turns(engine, auction_id, stop)
    try:
        report = _attempt(auction_id, lambda: check_all(engine, auction_id, turns))
    except Stopped:
        check_marks.give_up_whole(auction_id)
        return
    except (StoreUnavailable, OutcomeUnknown):
        check_marks.give_up_whole(auction_id)
        if len(engine.stores()) == 1:
            raise
        return
    for finding in report.findings if report else ():
        if not finding.waits:
            log.error("auction %s is unsound: %s %s", auction_id, finding.invariant, finding.sentence)


def _attempt(auction_id: int, run: Callable[[], Report]) -> Report | None:
    """The report of a check; None if it failed or was given up. Raises what stores raise while they are away."""
    try:
        return run()
    except OutOfTime:
        return None
    except Stopped:
        raise
    except Exception as error:
        if isinstance(error, AWAY) and not concerns_one(error):
            raise
        log.error("the check of auction %s failed: %s at %s", auction_id, failure_text(error), failure_trace(error)[-1])
        return None
    finally:
        db.session.remove()


class _Turns:
    """The progress of a whole check: tells it, and lets wanted checks go first."""

    def __init__(self, engine: Engine, auction_id: int, stop: threading.Event) -> None:
        self._engine, self._auction_id, self._stop = engine, auction_id, stop
        now = time.monotonic()
        self._turn_at, self._tell_at = now + TURN_SECONDS, now + PROGRESS_SECONDS

    def __call__(self, step: str, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Stopped
        if time.monotonic() >= self._turn_at:
            answer_wanted(self._engine, self._stop)
            self._turn_at = time.monotonic() + TURN_SECONDS
        if time.monotonic() >= self._tell_at:
            log.info("auction %s: %s of %s %s checked", self._auction_id, done, total, step)
            self._tell_at = time.monotonic() + PROGRESS_SECONDS

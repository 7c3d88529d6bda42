"""Checks whose result is kept in the ledger: where the next one goes on, and what the watch acts on.

Before anything is read, the process of the live store and the count of wanted checks are noted. So nobody takes the
verdict for one on another process, or for the answer to a check that was wanted later. A fault is believed when it is
found twice.
"""

from collections.abc import Callable

from cashticket.engine.interface import Engine
from cashticket.engine.pauses import RESTORING
from cashticket.extensions import db
from cashticket.ledger import check_marks, queries
from cashticket.ledger.check_marks import Verdict, check_of, mark_of
from cashticket.work.check.compare import OutOfTime, Report, check, check_since
from cashticket.work.check.reading import Progress, silent

FAULTS_TOLD = 3
"""Faults that a stored verdict names."""


def check_all(engine: Engine, auction_id: int, progress: Progress = silent, *, rebuilt: bool = False) -> Report:
    """Check all bids and keep the result. `rebuilt`: by the rebuild itself. Raises what `check` raises."""
    engine = engine.of(auction_id)
    started = _Started(engine, auction_id)
    report = _twice(lambda: check(engine, auction_id, progress))
    if rebuilt or started.says_something(report):
        check_marks.end_whole(auction_id, started.verdict(report), final=started.has_ended)
    else:
        check_marks.give_up_whole(auction_id)
    return report


def check_new(
    engine: Engine, auction_id: int, progress: Progress = silent, is_out_of_time: Callable[[], bool] = lambda: False
) -> Report:
    """Check the bids after the last sound check and keep the result. Raises what `check` raises, and OutOfTime, after
    which the next call goes on."""
    engine = engine.of(auction_id)
    started = _Started(engine, auction_id)
    try:
        report = _twice(lambda: check_since(engine, auction_id, started.mark, progress, is_out_of_time))
    except OutOfTime as stopped:
        check_marks.move_mark(auction_id, stopped.mark)
        raise
    if started.says_something(report):
        check_marks.answer(auction_id, started.verdict(report))
    return report


def _twice(run: Callable[[], Report]) -> Report:
    report = run()
    if report.stops_bidding:
        db.session.remove()
        report = run()
    return report


class _Started:
    """What is noted before a check."""

    def __init__(self, engine: Engine, auction_id: int) -> None:
        queries.forget()
        row, earlier = queries.auction(auction_id), check_of(auction_id)
        self._engine, self._auction_id, self._is_in_ledger = engine, auction_id, row is not None
        self.has_ended = row is not None and row.state.is_end
        self.mark = mark_of(earlier)
        # The count first: whoever asks again after seeing another process gets a later verdict.
        self._wanted = earlier.wanted if earlier else 0
        self._identity = engine.present_condition().of(auction_id).identity
        db.session.remove()

    def says_something(self, report: Report) -> bool:
        """False for faults of an auction that was lost or is being rebuilt: a rebuild checks it."""
        if not report.stops_bidding or self.has_ended:
            return self._is_in_ledger
        status = self._engine.statuses([self._auction_id]).get(self._auction_id)
        return self._is_in_ledger and status is not None and status.paused != RESTORING

    def verdict(self, report: Report) -> Verdict:
        """The verdict of this check."""
        faults = "; ".join(f"{each.invariant} {each.sentence}" for each in report.stopping[:FAULTS_TOLD])
        fault = f"{len(report.stopping)} faults: {faults}" if faults else None
        return Verdict(self._identity, self._wanted, fault, report.mark)

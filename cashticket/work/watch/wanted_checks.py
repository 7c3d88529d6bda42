"""The checks that the guard asks for, and their verdicts.

A round only asks: it counts up a number in the ledger and has the queue `checks` work. A verdict counts as the answer
if its check had read that number before it began. If no worker answers in time, or none can be asked, the round makes
the checks itself for a moment; a long one goes on in the next round.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import redis

from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger import check_marks
from cashticket.logs.failures import failure_text
from cashticket.models import AuctionCheck
from cashticket.work.check.compare import NoSuchAuction, OutOfTime
from cashticket.work.check.verdicts import check_new
from cashticket.work.outages import AWAY
from cashticket.work.watch.troubles import Troubles

CHECK_SECONDS, RECHECK_SECONDS = 60.0, 5.0
PATIENCE_SECONDS = 3.0
"""After a wanted check was not answered for so long, the round makes it."""

OWN_CHECKS_SECONDS = 0.5
"""A round begins no more checks of its own after this long."""

LATE_SECONDS = 60.0


@dataclass(slots=True)
class _Question:
    """What was asked about an auction: when to ask again, the count that a verdict must answer, and since when.

    Moments are monotonic seconds. `count` is None before the first question.
    """

    due_at: float = 0.0
    count: int | None = None
    wanted_at: float = 0.0


class WantedChecks:
    """Asks for a check of every auction each minute, and each five seconds while it has a fault. `queue_checks` has a
    worker make them; None: this process makes them."""

    def __init__(
        self,
        engine: Engine,
        queue_checks: Callable[[], bool] | None,
        monotonic: Callable[[], float],
        troubles: Troubles,
    ) -> None:
        self._engine, self._queue_checks, self._monotonic, self._troubles = engine, queue_checks, monotonic, troubles
        self._questions: dict[int, _Question] = {}
        self._checks: Mapping[int, AuctionCheck] = {}
        self._is_blind = True

    def make_due(self, auction_ids: Iterable[int] | None = None) -> None:
        """Ask about these auctions, or all, in the coming `ask`. What was answered before counts no more."""
        for auction_id in list(self._questions) if auction_ids is None else auction_ids:
            self._questions[auction_id] = _Question()

    def ask(self, auction_ids: Collection[int]) -> None:
        """Ask about those of these auctions that are due, see to it that somebody answers, and read the verdicts."""
        self._questions = {auction_id: self._questions.get(auction_id, _Question()) for auction_id in auction_ids}
        try:
            self._ask_due()
            self._have_them_made()
        except AWAY as error:
            self._checks, self._is_blind = {}, True
            self._troubles.log("check", f"no check is possible: {type(error).__name__}")
        else:
            self._troubles.log("check", "")
        finally:
            db.session.remove()
        for auction_id, question in self._questions.items():
            late = self._is_open(auction_id) and self._age(question) >= LATE_SECONDS
            trouble = f"auction {auction_id}: a check has not ended for {LATE_SECONDS:.0f} s: is the database well?"
            self._troubles.log(f"check of {auction_id}", trouble if late else "")

    def fault(self, auction_id: int) -> str | None:
        """What stops bidding by the newest verdict; '' if that is sound and answers what was asked, None if it does
        not."""
        check = self._checks.get(auction_id)
        if check is None:
            return (
                None
                if self._is_blind
                else f"I2 auction {auction_id} is live, and the ledger has no such running auction"
            )
        fault = check.fault or check.whole_fault
        return fault or (None if self._is_open(auction_id) else "")

    def checked_on(self, auction_id: int) -> str:
        """The identity of the live store's process to which the newest verdict applies."""
        return self._checks[auction_id].checked_on

    def _ask_due(self) -> None:
        now = self._monotonic()
        due = [auction_id for auction_id, question in self._questions.items() if now >= question.due_at]
        since = {auction_id: self._questions[auction_id].wanted_at for auction_id in due if self._waits(auction_id)}
        if due:
            check_marks.want(due)
        self._read()
        for auction_id in due:
            if check := self._checks.get(auction_id):
                again = RECHECK_SECONDS if check.fault or check.whole_fault else CHECK_SECONDS
                self._questions[auction_id] = _Question(now + again, check.wanted, since.get(auction_id, now))

    def _have_them_made(self) -> None:
        """Queue the checks that are not answered; make those that nobody else makes, the longest waiting first."""
        unanswered = [auction_id for auction_id in self._questions if self._is_open(auction_id)]
        if not unanswered:
            return
        patience = PATIENCE_SECONDS if self._is_queued() else 0.0
        own = [auction_id for auction_id in unanswered if self._age(self._questions[auction_id]) >= patience]
        if not own:
            return
        ends_at = time.monotonic() + OWN_CHECKS_SECONDS
        for auction_id in sorted(own, key=lambda each: self._questions[each].wanted_at):
            if time.monotonic() >= ends_at:
                break
            try:
                with self._troubles.contained(f"the check of auction {auction_id}"), suppress(OutOfTime, NoSuchAuction):
                    check_new(self._engine, auction_id, is_out_of_time=lambda: time.monotonic() >= ends_at)
            finally:
                db.session.remove()
        self._read()

    def _is_queued(self) -> bool:
        """Whether a worker was asked to make the checks."""
        if self._queue_checks is None:
            return False
        try:
            self._queue_checks()
        except redis.RedisError as error:
            self._troubles.log(
                "queue of checks", f"no worker can be asked for checks, the watch makes them: {failure_text(error)}"
            )
            return False
        self._troubles.log("queue of checks", "")
        return True

    def _read(self) -> None:
        db.session.remove()
        self._checks = {auction_id: check for auction_id, (check, _) in check_marks.unfinished_checks().items()}
        self._is_blind = False

    def _is_open(self, auction_id: int) -> bool:
        """Whether nothing answers what was asked about an auction."""
        question, check = self._questions.get(auction_id), self._checks.get(auction_id)
        return question is None or question.count is None or check is None or check.answered < question.count

    def _waits(self, auction_id: int) -> bool:
        """Whether something was asked that nothing answers."""
        return self._questions[auction_id].count is not None and self._is_open(auction_id)

    def _age(self, question: _Question) -> float:
        return self._monotonic() - question.wanted_at if question.count is not None else 0.0

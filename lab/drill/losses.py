"""Each loss, what an operator does after it, and which bids are there afterwards."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from flask import Flask

from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.work.check.verdicts import check_all
from lab.drill.bidders import Answer, Bidders
from lab.drill.evening import Evening
from lab.waiting import wait_until

BIDS_BETWEEN = 15
"""Accepted bids before and after each backup and each loss, so that there is something to lose."""
NOTICED_SECONDS = 2.0
"""How long it takes until somebody sees that the database is away."""
WHY = "a drill"


@dataclass(frozen=True, slots=True)
class Drilled:
    """One loss. Seconds are those of the whole command; `without_bids`: the longest time in which no bid was accepted.

    `answered` counts bids that were answered *accepted*, `missing` has the numbers of those that the ledger does not
    have at the end, and `unexplained` those among them that must not be missing. `restored_through` is the last number
    that the restored database had, None where no backup was used.
    """

    lost: str
    without_bids: float
    backup: float | None
    restore: float | None
    rebuild: float | None
    restored_through: int | None
    answered: int
    missing: list[int]
    unexplained: list[int]
    faults: list[str]

    @property
    def is_well(self) -> bool:
        return not self.unexplained and not self.faults

    def facts(self) -> dict[str, Any]:
        return asdict(self)


class Drill:
    """An auction that loses one part after the other. `app` is the application in this process, for looking alone."""

    def __init__(self, evening: Evening, app: Flask, auction_id: int, bidders: Bidders, keys: tuple[str, Path]) -> None:
        """`keys`: the recipient of the backups, and the file of its private part."""
        self.evening, self._app, self._auction_id, self._bidders = evening, app, auction_id, bidders
        self._recipient, self._identity = keys
        self._backups = 0
        self._lost: set[str] = set()

    def queue_store(self) -> Drilled:
        """The queue store ends, and an empty one takes its place. Nobody does anything else."""
        self._bidders.wait_for_more(BIDS_BETWEEN)
        began = time.monotonic()
        self.evening.lose(self.evening.queue)
        self._bidders.wait_for_more(BIDS_BETWEEN)
        self.evening.queue.start()
        return self._drilled("queue store", began, lambda answer: False)

    def live_store(self) -> Drilled:
        """The live store's disk is lost. It starts empty, and the auction is rebuilt from ledger and witnesses."""
        self._bidders.wait_for_more(BIDS_BETWEEN)
        began = time.monotonic()
        self.evening.lose(self.evening.live)
        recorded = self._recorded_through()
        self.evening.live.start()
        rebuild = self._rebuild()
        return self._drilled("live store", began, lambda answer: answer.sequence > recorded, rebuild=rebuild)

    def database(self) -> Drilled:
        """The database is lost and the live store is well: the database of a backup takes its place."""
        backup, backed_up_at, folder = self._back_up()
        began = time.monotonic()
        self.evening.database.lose()
        # Whoever the live store knows goes on bidding; others need the database first.
        wait_until(lambda: time.monotonic() > began + NOTICED_SECONDS, "the time until somebody notices")
        self.evening.stop()
        self.evening.database.make_empty()
        restore = self.evening.run("ops", "restore", str(folder), "--database-only", *self._opened)
        self.evening.run("db", "upgrade")
        through = self._recorded_through()
        rebuild = self._rebuild("--yes")
        self.evening.start()
        times = {"backup": backup, "restore": restore, "rebuild": rebuild, "restored_through": through}
        return self._drilled("database", began, _came_after(backed_up_at, through), **times)

    def everything(self) -> Drilled:
        """One machine with everything is lost: all processes, both stores with the witnesses, and the database."""
        backup, backed_up_at, folder = self._back_up()
        began = time.monotonic()
        self.evening.kill()
        self.evening.database.lose()
        for store in (self.evening.live, self.evening.queue):
            self.evening.lose(store)
        self.evening.database.make_empty()
        words = ("ops", "restore", str(folder), "--store-folder", str(self.evening.live.directory), *self._opened)
        restore = self.evening.run(*words)
        self.evening.run("db", "upgrade")
        for store in (self.evening.live, self.evening.queue):
            store.start()
        through = self._recorded_through()
        rebuild = self._rebuild("--yes")
        self.evening.start()
        times = {"backup": backup, "restore": restore, "rebuild": rebuild, "restored_through": through}
        return self._drilled("everything", began, _came_after(backed_up_at, through), **times)

    @property
    def _opened(self) -> tuple[str, str]:
        return ("--identity", str(self._identity))

    def _back_up(self) -> tuple[float, float, Path]:
        """Make a backup while bids go on. Returns its seconds, the moment when it began, and its folder."""
        self._bidders.wait_for_more(BIDS_BETWEEN)
        self._backups += 1
        folder, began = self.evening.folder / f"backup-{self._backups}", time.monotonic()
        words = ("ops", "backup", str(folder), "--store-folder", str(self.evening.live.directory))
        seconds = self.evening.run(*words, "--recipient", self._recipient)
        plain = [path.name for path in folder.rglob("*") if path.is_file() and path.suffix != ".age"]
        assert not plain, f"the backup has plain files: {plain}"
        self._bidders.wait_for_more(BIDS_BETWEEN)
        return seconds, began, folder

    def _rebuild(self, *options: str) -> float:
        return self.evening.run("auction", "rebuild", str(self._auction_id), "--why", WHY, *options)

    def _drilled(self, lost: str, began: float, may_miss: Callable[[Answer], bool], **times: Any) -> Drilled:
        """Let bids go on until all of them are recorded, and compare the ledger with what bidders were told."""
        self._bidders.wait_for_more(BIDS_BETWEEN)
        pause = self._bidders.longest_pause(began)
        # What an earlier loss took is not counted again.
        answers = [answer for answer in list(self._bidders.answers) if answer.request_id not in self._lost]
        wait_until(lambda: self._recorded_through() >= answers[-1].sequence, "recorded bids")
        there = self._numbers_in_ledger()
        missing = [answer for answer in answers if there.get(answer.request_id) != answer.sequence]
        unexplained = [answer.sequence for answer in missing if not may_miss(answer)]
        figures = {"backup": None, "restore": None, "rebuild": None, "restored_through": None} | times
        self._lost |= {answer.request_id for answer in missing}
        return Drilled(
            lost=lost,
            without_bids=pause,
            answered=len(answers),
            missing=_numbers(missing),
            unexplained=unexplained,
            faults=self._faults(),
            **figures,
        )

    def _numbers_in_ledger(self) -> dict[str, int]:
        with self._looking():
            return {bid.request_id: bid.sequence for bid in queries.bids(self._auction_id)}

    def _recorded_through(self) -> int:
        with self._looking():
            return queries.recorded_sequence(self._auction_id) or 0

    def _faults(self) -> list[str]:
        with self._looking():
            return [str(fault) for fault in check_all(self._app.extensions["engine"], self._auction_id).faults]

    @contextmanager
    def _looking(self) -> Iterator[None]:
        """A database that was put back is another one, so no connection stays."""
        with self._app.app_context():
            db.engine.dispose()
            try:
                yield
            finally:
                db.session.remove()
                db.engine.dispose()


def _numbers(answers: Iterable[Answer]) -> list[int]:
    return sorted(answer.sequence for answer in answers)


def _came_after(backed_up_at: float, through: int) -> Callable[[Answer], bool]:
    """Whether a bid was answered after a backup began, and is none that its database has."""
    return lambda answer: answer.at > backed_up_at and answer.sequence > through

"""The smoke run: everything a build of the product must withstand, in one process of a few seconds.

    python -m tests.storm.proving.smoke_run DATABASE_URL REDIS_URL FOLDER SEED [SEED …]

Run it in the folder of the build. Prints one line of JSON: `broken` lists [invariant, checker, sentence] of every
broken promise, `troubles` lists other failures. An act that fails does not stop the others.
"""

import json
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import flask_migrate
from sqlalchemy import inspect

import cashticket
from cashticket import create_app
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.work.check.compare import check
from lab import history
from lab.checkers import violations
from lab.endings import ending_of
from lab.evidence import Ending, Evidence
from lab.history import Recorder
from tests.fixtures.databases import make_settings
from tests.storm.proving.bidding import (
    a_ceiling,
    all_kinds_of_bids,
    far_above,
    highest_amounts,
    lost_answers,
    random_bids,
    six_threads,
    withdrawals,
)
from tests.storm.proving.browser import bid_from_browser
from tests.storm.proving.recording import drain_deaths, lost_store, overlapping_drains, unreadable_and_unknown
from tests.storm.proving.seats import few_bidders, hand_over, one_concert
from tests.storm.proving.stage import Death, SmokeStage

ACTS: tuple[Callable[[SmokeStage], None], ...] = (
    all_kinds_of_bids,
    random_bids,
    highest_amounts,
    a_ceiling,
    far_above,
    withdrawals,
    six_threads,
    lost_answers,
    bid_from_browser,
    drain_deaths,
    overlapping_drains,
    unreadable_and_unknown,
    lost_store,
    one_concert,
    hand_over,
    few_bidders,
)
PATIENCE_SECONDS = 20.0
"""Long, because a busy machine is no bug of the build."""


class Findings:
    """What was found so far."""

    def __init__(self) -> None:
        self.broken: list[tuple[str, str, str]] = []
        self.troubles: list[str] = []

    def attempt(self, what: str, work: Callable[[], object]) -> None:
        """Do a part of the run; a failure is noted as a trouble."""
        try:
            work()
        except (Exception, Death):
            self.troubles.append(f"{what}: {traceback.format_exc(limit=-3)}")
        finally:
            db.session.remove()


def prove(stage: SmokeStage, path: Path, findings: Findings) -> None:
    """Play all acts, then judge every auction."""
    for act in ACTS:
        findings.attempt(act.__name__, partial(act, stage))
    endings: list[Ending] = []
    for auction in stage.auctions:
        for judge in (_record, _read_ending, _check):
            findings.attempt(
                f"{judge.__name__} of auction {auction}",
                partial(judge, stage, auction, endings, findings),
            )
    evidence = Evidence(history.read(path), endings)
    findings.broken += [(violation.invariant, "checkers", violation.what) for violation in violations(evidence)]


def _record(stage: SmokeStage, auction: int, endings: list[Ending], findings: Findings) -> None:
    stage.record(auction)


def _read_ending(stage: SmokeStage, auction: int, endings: list[Ending], findings: Findings) -> None:
    endings.append(ending_of(stage.engine, auction))


def _check(stage: SmokeStage, auction: int, endings: list[Ending], findings: Findings) -> None:
    found_by_check = check(stage.engine, auction).findings
    findings.broken += [(each.invariant, "auction check", each.sentence) for each in found_by_check]


def main(database_url: str, redis_url: str, folder: Path, seeds: list[int]) -> Findings:
    findings = Findings()
    app = create_app(make_settings(database_url, redis_url, folder))
    app.extensions["engine"] = RedisEngine(connect(redis_url, timeout_seconds=PATIENCE_SECONDS))
    with app.app_context():
        if not inspect(db.engine).has_table("bids"):
            flask_migrate.upgrade()
        for seed in seeds:
            path = folder / f"history-{seed}.jsonl"
            with Recorder(path, "everybody") as recorder:
                prove(SmokeStage(app, recorder, redis_url, seed), path, findings)
        db.engine.dispose()
    return findings


if __name__ == "__main__":
    assert Path(cashticket.__file__).is_relative_to(Path.cwd()), "this is not the build that was to be proved"
    given = sys.argv[1:]
    findings = main(given[0], given[1], Path(given[2]), [int(seed) for seed in given[3:]])
    print(json.dumps({"broken": findings.broken, "troubles": findings.troubles}, ensure_ascii=False))

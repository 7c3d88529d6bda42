"""The proving course: everything a build of the product must stand, in one process of a few seconds.

    python -m tests.storm.proving.smoke_run DATABASE_URL REDIS_URL FOLDER SEED [SEED …]

run in the folder of the build. Prints one line of JSON: `broken` lists [invariant, who says so, sentence] of every
promise that was not kept, `troubles` what failed otherwise. An act that fails does not stop the others.
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
from lab.evidence import Ending, Evidence
from lab.history import Recorder
from tests.fixtures.databases import make_settings
from tests.storm import client
from tests.storm.proving.bidding import crowd, edges, evening, lost_answers, rush
from tests.storm.proving.browser import door
from tests.storm.proving.recording import deaths, doubles, lost_store, strangers
from tests.storm.proving.seats import few_bidders, hand_over, one_concert
from tests.storm.proving.stage import Death, Ground

ACTS: tuple[Callable[[Ground], None], ...] = (
    evening,
    crowd,
    edges,
    rush,
    lost_answers,
    door,
    deaths,
    doubles,
    strangers,
    lost_store,
    one_concert,
    hand_over,
    few_bidders,
)
PATIENCE_SECONDS = 20.0
"""A busy machine is no bug of the build."""


class Verdict:
    """What was found by now."""

    def __init__(self) -> None:
        self.broken: list[tuple[str, str, str]] = []
        self.troubles: list[str] = []

    def attempt(self, what: str, work: Callable[[], object]) -> None:
        """Do a part of the course; its failure is a trouble and nothing more."""
        try:
            work()
        except (Exception, Death):
            self.troubles.append(f"{what}: {traceback.format_exc(limit=-3)}")
        finally:
            db.session.remove()


def prove(ground: Ground, path: Path, verdict: Verdict) -> None:
    """All acts on this ground, then the judgement over every auction of it."""
    for act in ACTS:
        verdict.attempt(act.__name__, partial(act, ground))
    endings: list[Ending] = []
    for auction in ground.auctions:
        for judge in (_record, _read_ending, _check):
            verdict.attempt(
                f"{judge.__name__} of auction {auction}",
                partial(judge, ground, auction, endings, verdict),
            )
    evidence = Evidence(history.read(path), endings)
    verdict.broken += [(violation.invariant, "checkers", violation.what) for violation in violations(evidence)]


def _record(ground: Ground, auction: int, endings: list[Ending], verdict: Verdict) -> None:
    ground.record(auction)


def _read_ending(ground: Ground, auction: int, endings: list[Ending], verdict: Verdict) -> None:
    endings.append(client.ending_of(ground.engine, auction))


def _check(ground: Ground, auction: int, endings: list[Ending], verdict: Verdict) -> None:
    findings = check(ground.engine, auction).findings
    verdict.broken += [(each.invariant, "auction check", each.sentence) for each in findings]


def main(database_url: str, redis_url: str, folder: Path, seeds: list[int]) -> Verdict:
    verdict = Verdict()
    app = create_app(make_settings(database_url, redis_url, folder))
    app.extensions["engine"] = RedisEngine(connect(redis_url, timeout_seconds=PATIENCE_SECONDS))
    with app.app_context():
        if not inspect(db.engine).has_table("bids"):
            flask_migrate.upgrade()
        for seed in seeds:
            path = folder / f"history-{seed}.jsonl"
            recorder = Recorder(path, "everybody")
            prove(Ground(app, recorder, redis_url, seed), path, verdict)
            recorder.close()
        db.engine.dispose()
    return verdict


if __name__ == "__main__":
    assert Path(cashticket.__file__).is_relative_to(Path.cwd()), "this is not the build that was to be proved"
    given = sys.argv[1:]
    verdict = main(given[0], given[1], Path(given[2]), [int(seed) for seed in given[3:]])
    print(json.dumps({"broken": verdict.broken, "troubles": verdict.troubles}, ensure_ascii=False))

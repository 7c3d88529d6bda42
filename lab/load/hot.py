"""Scenario `hot`: everybody bids in one auction of 20 seats. One turn holds one rate and leaves its raw files."""

import time
from pathlib import Path
from typing import Any

from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import RecordedBid
from cashticket.wiring import current_engine
from lab.checkers import violations
from lab.endings import ending_of
from lab.evidence import Evidence
from lab.load import raw
from lab.load.bid_answers import operations
from lab.load.client import ClientFailed, Usage, drive
from lab.load.crowd import MINIMUM, STEP, Crowd, introduce_crowd, write_guests
from lab.load.quotas import Periods
from lab.load.site import Site

SCRIPT = "hot.js"
WAITING_SECONDS = 0.75
"""The client can wait for as many answers at once as arrive in this time; more would mean a wait beyond the rule."""
WAITING_MIN, WAITING_MAX = 20, 900
CLIENT_MARGIN_SECONDS = 30.0
DRAIN_SECONDS_MAX = 300.0
LOOK_SECONDS = 0.1


class HotTurns:
    """Drives one running system, rate after rate."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._crowd = Crowd(site.app)

    def hold(self, rate: int, seconds: int, folder: Path) -> None:
        """Send `rate` bids a second for `seconds`, count them in the ledger, check every promise, and write the raw
        files into `folder`. Raises ClientFailed."""
        folder.mkdir(parents=True)
        auction, guests = introduce_crowd(self._site.app, self._crowd, rate * seconds + rate)
        plan, console = folder / "plan.json", folder / "answers.tsv"
        write_guests(folder / "guests.json", guests)
        raw.write_json(plan, self._plan(auction, rate, seconds, folder))
        looks = _Looks(self._site, auction)
        before, periods = self._site.cpu_seconds(), self._site.periods()
        usage = drive(SCRIPT, plan, console, seconds + CLIENT_MARGIN_SECONDS, looks)
        recorded_after_s = self._wait_until_recorded(auction)
        after = self._site.cpu_seconds()
        throttled = _throttled(periods, self._site.periods())
        self._copy_into_ledger(auction)
        answers = raw.read_answers(console)
        _compare_counts(answers, raw.read_json(folder / "k6.json"))
        facts = {"rate": rate, "seconds": seconds, "auction": auction, "client": _client(usage)}
        facts |= {"backlog": looks.backlog, "recorded_after_s": recorded_after_s}
        facts |= {"cpu_seconds": {part: round(after[part] - before[part], 2) for part in after}}
        facts |= {"throttled": throttled} if throttled else {}
        facts |= self._judge(auction, answers, [guest.person for guest in guests])
        raw.compress(console)
        # Sessions of an installation that ends with this run: large, and nobody reads them again.
        (folder / "guests.json").unlink()
        raw.write_json(folder / "turn.json", facts)

    def _plan(self, auction: int, rate: int, seconds: int, folder: Path) -> dict[str, Any]:
        clients = min(WAITING_MAX, max(WAITING_MIN, round(rate * WAITING_SECONDS)))
        files = {"guests": str(folder / "guests.json"), "summary": str(folder / "k6.json")}
        prices = {"minimum": MINIMUM, "step": STEP}
        return {"target": self._site.target, "auction": auction, "rate": rate, "seconds": seconds} | {
            "clients": clients,
            **prices,
            **files,
        }

    def _wait_until_recorded(self, auction: int) -> float:
        """How many seconds after the last answer the drain had brought every accepted bid into the ledger. A system
        that decides in the database has recorded them with the decision: 0. Gives up after DRAIN_SECONDS_MAX."""
        if not self._site.system.drains:
            return 0.0
        began = time.monotonic()
        with self._site.app.app_context():
            engine = current_engine()
            while engine.backlog([auction])[auction] and time.monotonic() - began < DRAIN_SECONDS_MAX:
                time.sleep(LOOK_SECONDS)
        return round(time.monotonic() - began, 1)

    def _copy_into_ledger(self, auction: int) -> None:
        """Copy the bids of a system that decides in tables of its own into the product's table, outside everything that
        is measured, so that all systems are counted and checked in one place."""
        if not self._site.system.drains:
            with self._site.app.app_context():
                while record_waiting(current_engine(), auction):
                    db.session.remove()

    def _judge(self, auction: int, answers: list[raw.Answer], people: list[int]) -> dict[str, Any]:
        """Number of bids in the ledger, and every promise that was broken."""
        with self._site.app.app_context():
            count = db.session.scalar(db.select(db.func.count()).where(RecordedBid.auction_id == auction))
            ending = ending_of(current_engine(), auction)
        evidence = Evidence(operations(answers, auction, people, MINIMUM, STEP), [ending])
        broken = [f"{each.invariant}: {each.what}" for each in violations(evidence)]
        return {"ledger_bids": count, "violations": broken}


class _Looks:
    """Reads the backlog each second while the client works."""

    def __init__(self, site: Site, auction: int) -> None:
        self._site, self._auction = site, auction
        self._began = time.monotonic()
        self.backlog: list[tuple[float, int]] = []

    def __call__(self) -> None:
        if not self._site.system.drains:
            return
        with self._site.app.app_context():
            waiting = current_engine().backlog([self._auction])[self._auction]
        self.backlog.append((round(time.monotonic() - self._began, 2), waiting))


def _throttled(before: dict[str, Periods], after: dict[str, Periods]) -> dict[str, float]:
    """In which share of its periods each server was stopped at its CPU quota."""
    shares = {}
    for server, now in after.items():
        worked = now.worked - before[server].worked
        shares[server] = round((now.throttled - before[server].throttled) / worked, 3) if worked else 0.0
    return shares


def _client(usage: Usage) -> dict[str, float]:
    return {"cpu_seconds": round(usage.cpu_seconds, 2), "seconds": round(usage.seconds, 2), "cores": usage.cores}


def _compare_counts(answers: list[raw.Answer], summary: dict[str, Any]) -> None:
    sent = int(summary["metrics"]["http_reqs"]["values"]["count"])
    if sent != len(answers):
        raise ClientFailed(f"k6 sent {sent} requests and wrote {len(answers)} answers")

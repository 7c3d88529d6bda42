"""One turn of a scenario: holds one rate against a running system, counts, checks every promise, leaves raw files."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import RecordedBid
from cashticket.wiring import current_engine
from lab.checkers import violations
from lab.endings import ending_of
from lab.evidence import Evidence
from lab.history import Operation
from lab.load import raw
from lab.load.bid_answers import Bid, operations
from lab.load.client import ClientFailed, Usage, drive
from lab.load.kinds import BY_SOCKET
from lab.load.quotas import Periods
from lab.load.site import Site
from lab.systems.application import LOCKING
from lab.systems.synchronous.engine import SynchronousEngine

WAITING_SECONDS = 0.75
"""The client can wait for as many answers at once as arrive in this time; more would mean a wait beyond the rule."""
WAITING_MIN, WAITING_MAX = 20, 900
CLIENT_MARGIN_SECONDS = 30.0
DRAIN_SECONDS_MAX = 300.0
LOOK_SECONDS = 0.1
GUESTS = "guests.json"


@dataclass(frozen=True, slots=True)
class Load:
    """What the client is to do: its `plan`, for at most `seconds`, with bids in these auctions.

    `bid_of` says which bid an answer belongs to. `facts` are added to turn.json. `before` are the bids in these
    auctions that the lab itself placed.
    """

    plan: dict[str, Any]
    seconds: float
    auctions: list[int]
    bid_of: Callable[[raw.Answer], Bid]
    facts: dict[str, Any] = field(default_factory=dict)
    before: list[Operation] = field(default_factory=list)


class Companion:
    """What happens beside the client; here nothing. `facts` are added to turn.json."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}

    def look(self) -> None:
        """Called each second while the client works."""

    def client_ended(self) -> None:
        """Called when the client has ended, before the drain is waited for."""


class Turns(ABC):
    """Drives one running system, rate after rate."""

    script: str = ""
    """The k6 script beside this module; empty where another client drives."""

    def __init__(self, site: Site) -> None:
        self._site = site

    @abstractmethod
    def prepare(self, rate: int, seconds: int, folder: Path) -> Load:
        """Make the auctions and people of a turn. A plan names at least `guests`, a file that it wrote."""

    def drive(self, plan: Path, console: Path, seconds_max: float, look: Callable[[], None]) -> Usage:
        """Let the client do what `plan` says; its answers go to `console`, its summary where the plan says. `look` is
        called each second meanwhile. Raises ClientFailed."""
        return drive(self.script, plan, console, seconds_max, look)

    def hold(self, rate: int, seconds: int, folder: Path) -> None:
        """Hold `rate` for `seconds`, count bids in the ledger, check every promise, and write the raw files into
        `folder`. Raises ClientFailed."""
        folder.mkdir(parents=True)
        load = self.prepare(rate, seconds, folder)
        plan, console = folder / "plan.json", folder / "answers.tsv"
        files = {"guests": str(folder / GUESTS), "summary": str(folder / "k6.json")}
        raw.write_json(plan, load.plan | files | {"target": self._site.target, "seconds": seconds})
        looks = _Looks(self._site, load.auctions)
        self._site.traffic.begin()
        before, periods = self._site.cpu_seconds(), self._site.periods()
        with self.beside(load, console) as companion:
            looks.companion = companion
            usage = self.drive(plan, console, load.seconds + CLIENT_MARGIN_SECONDS, looks)
            companion.client_ended()
            # Whether a system without drains has inserted every row is asked by statements of the lab's own.
            counters = {} if self._site.system.drains else self._site.traffic.end()
            recorded_after_s = self._wait_until_recorded(load.auctions)
        after = self._site.cpu_seconds()
        throttled = _throttled(periods, self._site.periods())
        counters = counters or self._site.traffic.end()
        self._copy_into_ledger(load.auctions)
        answers = raw.read_answers(console)
        _compare_counts(answers, raw.read_json(folder / "k6.json"))
        facts = {"rate": rate, "seconds": seconds, "auctions": load.auctions, "client": _client(usage)}
        facts |= {"backlog": looks.backlog, "recorded_after_s": recorded_after_s}
        facts |= {"cpu_seconds": {part: round(after[part] - before[part], 2) for part in after}}
        facts |= {"throttled": throttled} if throttled else {}
        facts |= {"counters": counters}
        facts |= load.facts | companion.facts | self._judge(load, answers)
        raw.compress(console)
        # Sessions of an installation that ends with this run: large, and nobody reads them again.
        (folder / GUESTS).unlink()
        raw.write_json(folder / "turn.json", facts)

    @contextmanager
    def beside(self, load: Load, console: Path) -> Iterator[Companion]:
        """What else happens while the client works, until every bid is recorded. Its facts are complete once the block
        has ended. The client writes its answers to `console`."""
        yield Companion()

    def _wait_until_recorded(self, auctions: list[int]) -> float:
        """How many seconds after the last answer the drain had brought every accepted bid into the ledger. A system
        that decides in the database has recorded them with the decision: 0. Gives up after DRAIN_SECONDS_MAX."""
        if self._site.system.engine in LOCKING:
            return 0.0
        began = time.monotonic()
        while waiting_bids(self._site, auctions) and time.monotonic() - began < DRAIN_SECONDS_MAX:
            time.sleep(LOOK_SECONDS)
        return round(time.monotonic() - began, 1)

    def _copy_into_ledger(self, auctions: list[int]) -> None:
        """Copy the bids of a system that writes tables of its own into the product's table, outside everything that is
        measured, so that all systems are counted and checked in one place."""
        if self._site.system.drains:
            return
        with self._site.app.app_context():
            engine = current_engine()
            source = engine.inserted() if isinstance(engine, SynchronousEngine) else engine
            for auction in auctions:
                while record_waiting(source, auction):
                    db.session.remove()

    def _judge(self, load: Load, answers: list[raw.Answer]) -> dict[str, Any]:
        """Number of bids in the ledger, and every promise that was broken."""
        with self._site.app.app_context():
            of_turn = RecordedBid.auction_id.in_(load.auctions)
            count = db.session.scalar(db.select(db.func.count()).where(of_turn))
            endings = [ending_of(current_engine(), auction) for auction in load.auctions]
        evidence = Evidence([*load.before, *operations(answers, load.bid_of)], endings)
        broken = [f"{each.invariant}: {each.what}" for each in violations(evidence)]
        return {"ledger_bids": count, "violations": broken}


def waiting_bids(site: Site, auctions: list[int]) -> int:
    """How many accepted bids of these auctions wait for the ledger, or for the row that their request inserts."""
    if not auctions:
        return 0
    with site.app.app_context():
        if isinstance(engine := current_engine(), SynchronousEngine):
            return engine.missing(auctions)
        waiting = engine.backlog(auctions)
    site.traffic.store.look(waiting)
    return sum(waiting.values())


def clients_for(rate: float) -> int:
    """How many requests of this rate (a second) the client may wait for at once."""
    return min(WAITING_MAX, max(WAITING_MIN, round(rate * WAITING_SECONDS)))


class _Looks:
    """Reads the backlog each second while the client works, and lets its companion act."""

    def __init__(self, site: Site, auctions: list[int]) -> None:
        self._site, self._auctions = site, auctions
        self._began = time.monotonic()
        self.companion = Companion()
        self.backlog: list[tuple[float, int]] = []

    def __call__(self) -> None:
        self.companion.look()
        if self._site.system.drains and self._auctions:
            waiting = waiting_bids(self._site, self._auctions)
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
    metric = summary["metrics"].get("http_reqs")
    sent = int(metric["values"]["count"]) if metric else 0
    written = sum(answer.kind not in BY_SOCKET for answer in answers)
    if sent != written:
        raise ClientFailed(f"k6 sent {sent} requests and wrote {written} answers")

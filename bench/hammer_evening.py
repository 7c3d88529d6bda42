"""What `bench.hammer` does with a filled site: bids, the end, the result, and the cost of reads."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any

from bench.hammer_load import KINDS, Crowd, Result, bids_of, crowd, reads_of
from bench.hammer_scene import Site, say, wait_for
from cashticket.auction.values import State
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.ledger import queries

P99_MAX_MS = 500.0
SPARE_SECONDS = 5.0
SETTLE_SECONDS_MAX = 300.0
CPU_READS_A_SECOND = 100.0

Step = tuple[dict[str, Any], tuple[float, float]]
"""The figures of one rate of reads, and from when to when it was read (monotonic seconds)."""


@dataclass(frozen=True, slots=True)
class Evening:
    """One run. `result` is that of the large auction, which ends while the crowd `bidders` bids in the other."""

    site: Site
    result: Result
    seconds: float
    bids_rate: float
    bids_seconds: float
    read_rates: tuple[float, ...]

    @property
    def _engine(self) -> Engine:
        engine: Engine = self.site.app.extensions["engine"]
        return engine

    def run(self, bidders: Crowd, readers: Crowd) -> dict[str, Any]:
        """Everything in its order. Returns the figures."""
        bidders.turn(min(50.0, self.bids_rate), 2)
        # The bids last for a limited time, so they begin only when the end of A is near.
        time.sleep(max(0.0, self._seconds_to_end() - self.seconds - SPARE_SECONDS))
        bidders.begin(self.bids_rate, self.bids_seconds)
        # The first second fills connections and caches.
        time.sleep(1)
        quiet = self._quiet()
        end = self._wait_for_end()
        times = self._wait_for_result(end)
        settling = (end, time.monotonic())
        steps = self._read(readers)
        turn = bidders.end(at_once=True)
        samples = turn["samples"]
        return {
            **times,
            "reads": [step | {"bids_of_b": bids_of(samples, *span)} for step, span in steps],
            "bids_of_b": {
                "quiet": bids_of(samples, *quiet),
                "settling": bids_of(samples, *settling),
                "in_all": bids_of(samples, 0, float("inf")),
            },
            "bids_sent_late_ms": turn["late_ms"],
            "bids_unanswered": turn["missing"],
            "cpu_ms_a_read": self._cpu_of_reads(),
        }

    def _quiet(self) -> tuple[float, float]:
        say("bids in B, nothing else")
        started = time.monotonic()
        time.sleep(self.seconds)
        return started, time.monotonic()

    def _wait_for_end(self) -> float:
        """Wait for the end of A. Returns when it was, in monotonic seconds."""
        end = time.monotonic() + self._seconds_to_end()
        if end < time.monotonic():
            sys.exit("the large auction ended before everything was ready: this machine needs a smaller one")
        say(f"A ends in {end - time.monotonic():.0f} s")
        time.sleep(max(0.0, end - time.monotonic()))
        return end

    def _seconds_to_end(self) -> float:
        return (self._engine.read(self.result.auction).ends_at_ms - self._engine.clock()) / 1000

    def _wait_for_result(self, end: float) -> dict[str, float]:
        """Seconds from the end of A until nginx answers its result, and until both stores call it settled."""
        say("A has ended")
        address = f"/auctions/{self.result.auction}/results"
        first = wait_for(lambda: self._status(address) == 200, "result of A", SETTLE_SECONDS_MAX)
        settled = wait_for(self._is_settled, "settlement of A", SETTLE_SECONDS_MAX)
        say(f"first result after {first - end:.1f} s, settled after {settled - end:.1f} s")
        return {"first_result_seconds": round(first - end, 2), "settled_seconds": round(settled - end, 2)}

    def _is_settled(self) -> bool:
        db.session.remove()
        auction = self.result.auction
        is_settled = queries.states([auction])[auction] is State.SETTLED
        return is_settled and self._engine.read(auction).state is State.SETTLED

    def _status(self, path: str) -> int:
        connection = HTTPConnection("127.0.0.1", self.site.front.port, timeout=30)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def _read(self, readers: Crowd) -> list[Step]:
        """Read at rising rates until 99 of 100 reads take too long, or one fails."""
        steps: list[Step] = []
        readers.turn(min(100.0, self.read_rates[0]), 2)
        for rate in self.read_rates:
            started = time.monotonic()
            figures = {"asked_per_second": rate, **reads_of(readers.turn(rate, self.seconds), self.seconds)}
            steps.append((figures, (started, started + self.seconds)))
            say(f"{rate:,.0f} reads a second: p99 {figures['p99_ms']} ms, {figures['errors']} errors")
            if not passes(figures):
                break
        return steps

    def _cpu_of_reads(self) -> dict[str, dict[str, float]]:
        """Processor time in ms that one read of each kind takes, by service, less what the services take when nobody
        asks. Nobody bids meanwhile."""
        costs = {}
        idle = self._cpu_of(lambda: time.sleep(self.seconds))
        host, port = f"127.0.0.1:{self.site.front.port}", self.site.front.port
        count = int(CPU_READS_A_SECOND * self.seconds)
        for kind in KINDS:
            path = self.site.folder / f"reads-{kind}"
            templates = self.result.write(path, host, 2 * count, [kind])
            with crowd(port, path, templates) as readers:
                readers.turn(CPU_READS_A_SECOND, 2)
                spent = self._cpu_of(lambda readers=readers: readers.turn(CPU_READS_A_SECOND, self.seconds))
            costs[kind] = {name: round(max(0.0, 1000 * (spent[name] - idle[name]) / count), 3) for name in idle}
        return costs

    def _cpu_of(self, act: Callable[[], object]) -> dict[str, float]:
        """Processor seconds of each service while `act` lasts."""
        before = self.site.cpu_seconds()
        act()
        return {name: seconds - before[name] for name, seconds in self.site.cpu_seconds().items()}


def passes(step: dict[str, Any]) -> bool:
    """Whether everybody was answered at this rate, 99 of 100 within P99_MAX_MS."""
    return bool(step["errors"] == 0 and step["p99_ms"] is not None and step["p99_ms"] <= P99_MAX_MS)

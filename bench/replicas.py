"""Accepted bids a second on a live store with a replica, as a ratio of STORE_REPLICAS=1 to 0.

    python -m bench.replicas [--runs 5] [--seconds 4] [--threads 8] [--json]

Threads bid through the engine alone, against the same pair of stores with the shipped settings (each fsyncs every
write) and three sentinels, in turns: without waiting for the replica, then waiting. Every bid is lawful and by another
person or another chance. So both terms have the cost of the pair itself, and the ratio is what the wait costs. The
single store is measured in the same turns, for what the pair costs.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from bench import report, servers
from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Permission
from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.redis_server import redis_binary, valkey_binary
from lab.servers.replicated_store import ReplicatedStore

SEATS, MINIMUM, STEP = 100, 10_000, 1_000
BIDS_PER_SECOND_MAX = 5_000
CHANCES = 3
HOUR_MS = 3_600_000


@dataclass(slots=True)
class Turn:
    """One turn: how long each accepted bid took, in ms, and how long the turn was."""

    waits_ms: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.waits_ms) / self.seconds

    def percentile(self, share: float) -> float:
        ordered = sorted(self.waits_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="turns of each kind (default 5)")
    parser.add_argument("--seconds", type=float, default=4, help="length of one turn (default 4)")
    parser.add_argument("--threads", type=int, default=8, help="bidding threads (default 8)")
    parser.add_argument(
        "--valkey", action="store_true", help="measure Valkey, whose replica confirms what is on its disk"
    )
    parser.add_argument("--json", action="store_true", help="end with one line of JSON")
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cashticket-bench-")))
        single = stack.enter_context(servers.live_store(folder))
        pair = ReplicatedStore(folder / "pair", valkey_binary() if given.valkey else redis_binary())
        stack.callback(pair.stop)
        pair.start()
        engines = {
            "single": RedisEngine(connect(single)),
            "pair": RedisEngine(connect(pair.direct_url)),
            "confirmed": RedisEngine(connect(pair.direct_url), replicas=1),
        }
        figure = measure(engines, given.runs, given.seconds, given.threads)
    report.finish(figure, given.json)


def measure(engines: dict[str, RedisEngine], runs: int, seconds: float, threads: int) -> dict[str, Any]:
    auctions, turns = count(1), {name: list[Turn]() for name in engines}
    for _ in range(runs):
        for name, engine in engines.items():
            turns[name].append(_take_turn(engine, next(auctions), seconds, threads))
    ratios = [one.rate / other.rate for one, other in zip(turns["confirmed"], turns["pair"], strict=True)]
    whole = [one.rate / other.rate for one, other in zip(turns["confirmed"], turns["single"], strict=True)]
    return {
        "bench": "replicas",
        "threads": threads,
        "ratio": report.spread(ratios)["median"],
        "ratio_spread": report.spread(ratios),
        "ratio_to_single_store": report.spread(whole),
        **{f"{name}_per_second": report.spread([turn.rate for turn in some]) for name, some in turns.items()},
        **{f"{name}_p50_ms": _percentile(some, 0.5) for name, some in turns.items()},
        **{f"{name}_p99_ms": _percentile(some, 0.99) for name, some in turns.items()},
    }


def _percentile(turns: list[Turn], share: float) -> dict[str, float]:
    return report.spread([turn.percentile(share) for turn in turns])


def _take_turn(engine: RedisEngine, auction_id: int, seconds: float, threads: int) -> Turn:
    now = engine.clock()
    times = (now, now + HOUR_MS)
    engine.open(Terms(auction_id, SEATS, MINIMUM, STEP, *times, soft_close_ms=0, soft_close_cap_ms=0, alias_salt="s"))
    people = int(BIDS_PER_SECOND_MAX * seconds / CHANCES / threads)
    turn, started = Turn(), threading.Barrier(threads + 1)
    parts = [Turn() for _ in range(threads)]

    def bid(number: int) -> None:
        for person in range(number * people + 1, (number + 1) * people + 1):
            engine.introduce(auction_id, person, Permission.OK, 1, 1)
        started.wait()
        ends_at = time.monotonic() + seconds
        for person, amount in _bids(number, people):
            began = time.monotonic()
            if began >= ends_at:
                return
            answer = engine.place_bid(auction_id, person, 1, amount, f"{person}-{amount}", sure=amount)
            assert isinstance(answer, Accepted), answer
            parts[number].waits_ms.append((time.monotonic() - began) * 1000)

    running = [threading.Thread(target=bid, args=(number,)) for number in range(threads)]
    for each in running:
        each.start()
    started.wait()
    began = time.monotonic()
    for each in running:
        each.join()
    turn.seconds = time.monotonic() - began
    turn.waits_ms = [wait for part in parts for wait in part.waits_ms]
    return turn


def _bids(number: int, people: int) -> Iterator[tuple[int, int]]:
    """Person and amount of each bid of a thread, all lawful."""
    for nth in range(CHANCES):
        for person in range(number * people + 1, (number + 1) * people + 1):
            yield person, MINIMUM + STEP * (nth * people + person % people)


if __name__ == "__main__":
    main()

"""What a bid costs each form of the row lock, beside the product's engine, in one process without any page.

    python -m lab.systems.locking [--threads 8] [--people 1000] [--rounds 3]

The three take turns on servers of their own that flush every commit, so that the machine's other work affects all.
Each bid is made with a warm connection. Prints the mean of the rounds, in a table and as one line of JSON.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from statistics import fmean

from cashticket.engine.connection import connect
from cashticket.engine.redis_engine import RedisEngine
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.redis_server import RedisServer
from lab.systems.locking import crowd
from lab.systems.locking.cost import Cost, measure, processor_seconds
from lab.systems.locking.engine import LockingEngine, create_tables

COLUMNS = ("per_second", "statements", "carried_out", "flushes", "server_ms", "client_ms", "lock_wait_ms")


@dataclass(frozen=True, slots=True)
class Round:
    """Bids of everybody on a new auction."""

    auction_id: int
    people: int
    threads: int

    def of_row_locks(self, url: str, *, procedure: bool) -> Cost:
        """The cost on MariaDB."""
        engine = LockingEngine(url, self.threads, procedure)
        engine.connect()
        crowd.publish(engine, self.auction_id, self.people)
        crowd.publish(engine, self.auction_id + 500, self.threads)
        crowd.bid(engine, self.auction_id + 500, self.threads, self.threads)
        cost = measure(url, lambda: crowd.bid(engine, self.auction_id, self.people, self.threads))
        engine.disconnect()
        return cost

    def of_live_store(self, server: RedisServer) -> Cost:
        """The cost on Redis, where a bid is one call of a script; it flushes once for all calls that came together,
        which it does not count."""
        connected = connect(server.url, timeout_seconds=10)
        try:
            return self._of_engine(RedisEngine(connected), server)
        finally:
            connected.connection_pool.disconnect()

    def _of_engine(self, engine: RedisEngine, server: RedisServer) -> Cost:
        crowd.publish(engine, self.auction_id, self.people)
        crowd.publish(engine, self.auction_id + 500, self.threads)
        crowd.bid(engine, self.auction_id + 500, self.threads, self.threads)
        assert server.process is not None
        began, client, store = time.monotonic(), time.process_time(), processor_seconds(server.process.pid)
        bids = crowd.bid(engine, self.auction_id, self.people, self.threads)
        seconds, client_ms = time.monotonic() - began, (time.process_time() - client) * 1000 / bids
        server_ms = (processor_seconds(server.process.pid) - store) * 1000 / bids
        return Cost(bids, seconds, 1, 1, None, server_ms, client_ms, 0, 0)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and remove the servers. `arguments` are those of the command."""
    parser = argparse.ArgumentParser(prog="python -m lab.systems.locking", description=__doc__)
    parser.add_argument("--threads", type=int, default=8)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args(arguments)
    database, store = MariaDbServer(durable=True), RedisServer(appendonly=True)
    costs: dict[str, list[Cost]] = {}
    try:
        url = database.start().create_database("costs")
        store.start()
        create_tables(url)
        for number in range(options.rounds):
            for place, (form, cost) in enumerate(_forms(url, store).items(), 1):
                turn = Round(3 * number + place, options.people, options.threads)
                costs.setdefault(form, []).append(cost(turn))
    finally:
        database.remove()
        store.remove()
    _print(costs)


def _forms(url: str, store: RedisServer) -> dict[str, Callable[[Round], Cost]]:
    return {
        "live store": lambda turn: turn.of_live_store(store),
        "row lock": lambda turn: turn.of_row_locks(url, procedure=False),
        "procedure": lambda turn: turn.of_row_locks(url, procedure=True),
    }


def _print(costs: dict[str, list[Cost]]) -> None:
    means = {form: {name: _mean(name, rounds) for name in COLUMNS} for form, rounds in costs.items()}
    print(f"{'per accepted bid':18}" + "".join(f"{name:>14}" for name in COLUMNS))
    for form, values in means.items():
        print(f"{form:18}" + "".join(f"{'-' if value is None else value:>14}" for value in values.values()))
    rounds = {form: [asdict(cost) for cost in each] for form, each in costs.items()}
    print(json.dumps({"means": means, "rounds": rounds}))


def _mean(name: str, costs: list[Cost]) -> float | None:
    values = [getattr(cost, name) for cost in costs]
    return None if None in values else round(fmean(values), 3)


if __name__ == "__main__":
    main()

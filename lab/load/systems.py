"""The systems that a scenario can be driven against. They differ in one thing at a time."""

import os
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class System:
    """What is started. `engine` decides the bids (`lab.systems.application`). `drains`: workers bring accepted bids
    into the ledger; otherwise a decision is a row already. `pushes`: sockets bring what is new; otherwise pages ask for
    it every two seconds. `keeps_pieces`: nginx, where there is one, keeps pages and boards for a second. The search
    begins at `first_rate` (bids a second). `server_cores` is the CPU quota of one server, None for no quotas; with
    `is_one_server` all parts share one server, else each web process, nginx, the workers, the live store and the
    database has a server of its own.
    """

    name: str
    title: str
    parts: str
    engine: str
    webs: int
    has_front: bool
    drains: bool
    pushes: bool
    first_rate: int
    keeps_pieces: bool = True
    server_cores: float | None = None
    is_one_server: bool = False


ROW_LOCK = System(
    "row-lock",
    "A: row lock in the request",
    "one gunicorn process, MariaDB decides each bid in a transaction with row locks",
    engine="row-lock",
    webs=1,
    has_front=False,
    drains=False,
    pushes=False,
    first_rate=150,
)
PROCEDURE = System(
    "procedure",
    "A as a stored procedure",
    "one gunicorn process, MariaDB decides each bid in a stored procedure with row locks",
    engine="procedure",
    webs=1,
    has_front=False,
    drains=False,
    pushes=False,
    first_rate=200,
)
ARCHITECTURE = System(
    "architecture",
    "F: this architecture",
    "nginx, two gunicorn processes, the live store decides, drain workers record in MariaDB",
    engine="redis",
    webs=2,
    has_front=True,
    drains=True,
    pushes=True,
    first_rate=300,
)
SYNCHRONOUS = System(
    "synchronous",
    "B: plus live store, row in the request",
    "one gunicorn process, the live store decides, the request inserts the row in MariaDB before it answers",
    engine="synchronous",
    webs=1,
    has_front=False,
    drains=False,
    pushes=False,
    first_rate=200,
)
QUEUE = System(
    "queue",
    "C: plus queue",
    "one gunicorn process, the live store decides, drain workers record in MariaDB",
    engine="redis",
    webs=1,
    has_front=False,
    drains=True,
    pushes=False,
    first_rate=250,
)
FRONT = replace(
    QUEUE,
    name="front",
    title="D: plus nginx and two web processes",
    parts="nginx that keeps nothing, two gunicorn processes, the live store decides, drain workers record in MariaDB",
    webs=2,
    has_front=True,
    keeps_pieces=False,
    first_rate=300,
)
MICRO_CACHE = replace(
    FRONT,
    name="micro-cache",
    title="E: plus micro-cache",
    parts="as D; nginx keeps pages and boards that are the same for everybody for a second",
    keeps_pieces=True,
)
SYSTEMS = {system.name: system for system in (ROW_LOCK, PROCEDURE, ARCHITECTURE)}
STEPS = {system.name: system for system in (ROW_LOCK, SYNCHRONOUS, QUEUE, FRONT, MICRO_CACHE, ARCHITECTURE)}
"""From the single server to this architecture, each with one idea more than the one before."""

SERVERS_MAX = 8
"""Servers of the largest system with quotas: four web processes, nginx, workers, live store, database."""


def server_cores() -> float:
    """The size of a server: a quarter core, or less where so many servers would leave less than half of the machine to
    the client."""
    return min(0.25, (os.cpu_count() or 1) / 2 / SERVERS_MAX)


def _with_webs(count: int) -> System:
    webs = "one gunicorn process" if count == 1 else f"{count} gunicorn processes"
    return System(
        f"servers-{count}-web",
        f"F: {count} web server{'s' if count > 1 else ''}",
        f"{webs}, nginx, the live store, the drain workers and MariaDB, each on a server of its own",
        engine="redis",
        webs=count,
        has_front=True,
        drains=True,
        pushes=True,
        first_rate=round(400 * server_cores() * count),
        server_cores=server_cores(),
    )


ONE_SERVER = replace(
    ROW_LOCK,
    name="servers-one",
    title="A: all on one server",
    parts="one gunicorn process and MariaDB, which decides each bid in a transaction with row locks, share one server",
    first_rate=round(200 * server_cores()),
    server_cores=server_cores(),
    is_one_server=True,
)
ONE_SERVER_PROCEDURE = replace(
    ONE_SERVER,
    name="servers-one-procedure",
    title="A as a procedure",
    parts="one gunicorn process and MariaDB, which decides each bid in a stored procedure, share one server",
    engine=PROCEDURE.engine,
)
SLOPE_SYSTEMS = {system.name: system for system in (ONE_SERVER, ONE_SERVER_PROCEDURE, *map(_with_webs, (1, 2, 4)))}
ALL_SYSTEMS = {ROW_LOCK.name: ROW_LOCK, PROCEDURE.name: PROCEDURE} | STEPS | SLOPE_SYSTEMS
"""In the order of a report."""

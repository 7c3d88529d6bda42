"""The systems that a scenario can be driven against. They differ in one thing at a time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class System:
    """What is started. `engine` decides the bids (`lab.systems.application`). `drains`: workers bring accepted bids
    into the ledger; otherwise a decision is a row already. The search begins at `first_rate` (bids a second).
    """

    name: str
    title: str
    parts: str
    engine: str
    webs: int
    has_front: bool
    drains: bool
    first_rate: int


ROW_LOCK = System(
    "row-lock",
    "A: row lock in the request",
    "one gunicorn process, MariaDB decides each bid in a transaction with row locks",
    engine="row-lock",
    webs=1,
    has_front=False,
    drains=False,
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
    first_rate=300,
)
SYSTEMS = {system.name: system for system in (ROW_LOCK, PROCEDURE, ARCHITECTURE)}

"""How a write waits until replicas of the live store have it, in the same round trip.

A confirmation is commands behind the write. An older Redis confirms that the replicas have the write (WAIT). Redis from
7.2 and Valkey then confirm that they have it on disk (WAITAOF). WAITAOF alone would take a second: a replica answers it
before its disk has the write, and reports again once a second; behind WAIT its first answer comes late enough. Replicas
take writes in their order, so a confirmed write confirms all earlier ones.
"""

from dataclasses import dataclass
from typing import Any

from cashticket import redis_keys
from cashticket.engine.errors import OutcomeUnknown

WAIT_MS = 1_000
"""How long replicas may take. Below the 1.5 s of the connection, so that the store's own answer still arrives."""


MARK: tuple[str, ...] = ("SET", redis_keys.CONFIRMED, "")
"""A connection waits only for what it wrote itself. Behind this it waits also for what others wrote before."""

MARK_SECONDS = 60


def mark_beside(key: str) -> tuple[str | int, ...]:
    """The mark as a cluster takes it behind a command for `key`: in the same slot."""
    return ("SET", redis_keys.confirmed_beside(key), "", "EX", MARK_SECONDS)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """Wait until `replicas` (at least 1) have everything that this connection wrote, at most `milliseconds`."""

    replicas: int
    milliseconds: int = WAIT_MS

    def commands(self, *, on_disk: bool) -> list[list[str | int]]:
        """The commands of the store; the reply to the last one counts. `on_disk`: it knows WAITAOF."""
        if not on_disk:
            return [["WAIT", self.replicas, self.milliseconds]]
        half = self.milliseconds // 2
        return [["WAIT", self.replicas, half], ["WAITAOF", 0, self.replicas, half]]

    def check(self, reply: Any) -> None:
        """Raises OutcomeUnknown unless the last reply says that enough replicas have the write."""
        count = reply[1] if isinstance(reply, list) else reply
        if not isinstance(count, int):
            raise OutcomeUnknown(f"the live store did not say whether its replicas have this: {type(count).__name__}")
        if count < self.replicas:
            raise OutcomeUnknown(f"{count} of {self.replicas} replicas of the live store confirmed in time")

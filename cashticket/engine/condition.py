"""What a store reports of itself: which process it is, and whether its answers are on its disk."""

from dataclasses import dataclass

from cashticket.engine.store_identity import identity

UNKNOWN = "unknown"

REPLICA_LAG_SECONDS_MAX = 3
"""Replicas report once a second. One that has been silent for longer is not counted on."""


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """`fsync` is always, everysec, no, off (nothing is written) or unknown (this account may not read the setting).

    `replicas` keep up (at most REPLICA_LAG_SECONDS_MAX behind), `replicas_required` must have an accepted bid.
    `replica_lag_seconds` is how long ago the replica was heard that is furthest behind, None without one.
    """

    run_id: str
    role: str = "master"
    writing: bool = True
    fsync: str = "always"
    eviction: str = "noeviction"
    replicas: int = 0
    replicas_required: int = 0
    replica_lag_seconds: int | None = None

    @property
    def identity(self) -> str:
        """Changes when another process answers, or this one in another role."""
        return identity(self.run_id, self.role)

    @property
    def durable(self) -> bool:
        """Whether a power cut can lose nothing that was answered, as far as the store reports it."""
        return not self.loss_risks

    @property
    def replica_problem(self) -> str:
        """Why too few replicas can confirm a bid, in a sentence; '' when enough can."""
        if self.replicas >= self.replicas_required:
            return ""
        lag = self.replica_lag_seconds
        heard = "none is connected" if lag is None else f"the furthest behind was heard {lag} s ago"
        return f"{self.replicas} of {self.replicas_required} replicas of the live store keep up, {heard}"

    @property
    def loss_risks(self) -> list[str]:
        """What may be lost and the setting that prevents it, a sentence each; empty when the store is durable."""
        by_fsync = {
            "off": "it writes nothing to disk: a restart loses every bid that is not recorded yet (appendonly yes)",
            "no": "it leaves writing to the system: a power cut may lose many seconds (appendfsync always)",
            "everysec": "it writes once a second: a power cut may lose a second (appendfsync always)",
            UNKNOWN: "it does not tell this account how it writes: allow CONFIG GET, or look (appendfsync always)",
        }
        sentences = [by_fsync[self.fsync]] if self.fsync in by_fsync else []
        if self.eviction != "noeviction":
            sentences.append("it forgets keys when its memory is full (maxmemory-policy noeviction)")
        return sentences

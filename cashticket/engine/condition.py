"""What a store reports of itself: which process it is, and whether its answers are on its disk."""

from collections.abc import Mapping
from dataclasses import dataclass

from cashticket.engine.pauses import MEMORY, NO_REPLICAS, NOT_PRIMARY, NOT_WRITING, REPLICA_AWAY
from cashticket.engine.store_identity import identity

UNKNOWN = "unknown"
MIB = 2**20
IDENTITIES_BETWEEN = ","
"""Stands between the identities of several processes in one text."""

REPLICA_LAG_SECONDS_MAX = 3
"""Replicas report once a second. One that has been silent for longer is not counted on."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """That a store process answers: its identity, and its clock in ms."""

    identity: str
    now_ms: int


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """`fsync` is always, everysec, no, off (nothing is written) or unknown (this account may not read the setting).

    `writing`: its log, and its snapshots if it takes no commands without them, can be written. `memory_used` and
    `memory_max` are bytes; a maximum of 0 is no limit. `replicas_missing`: so many more it wants first.
    `torn_log` says what a start does with a log that a power cut has torn: yes loads it, no refuses it, unknown.
    `replicas` keep up (at most REPLICA_LAG_SECONDS_MAX behind), `replicas_required` must have an accepted bid.
    `replica_lag_seconds` is how long ago the replica was heard that is furthest behind, None without one.
    `now_ms` is the store's time. `version` is that of the Redis that it is, or says to be like; '' if not told.
    """

    run_id: str
    role: str = "master"
    writing: bool = True
    fsync: str = "always"
    eviction: str = "noeviction"
    torn_log: str = "no"
    replicas: int = 0
    replicas_required: int = 0
    replica_lag_seconds: int | None = None
    replicas_missing: int = 0
    memory_used: int = 0
    memory_max: int = 0
    now_ms: int = 0
    version: str = ""

    def of(self, auction_id: int) -> "StoreCondition":
        """The condition of the process that decides this auction: of the one that there is, unless it is a cluster."""
        return self

    def has(self, auction_id: int) -> bool:
        """Whether the process that decides this auction answered: yes, unless it is a cluster that misses a shard."""
        return True

    @property
    def is_whole(self) -> bool:
        """Whether every process that decides auctions answered."""
        return True

    @property
    def nodes(self) -> Mapping[str, "StoreCondition"]:
        """The condition of each process that decides auctions, by where it is; '' for the one that there is."""
        return {"": self}

    @property
    def clocks_ms(self) -> Mapping[str, int]:
        """What the clock of each of these processes says (ms), by a name that outlives the process."""
        return {"": self.now_ms}

    @property
    def identity(self) -> str:
        """Changes when another process answers, or this one in another role."""
        return identity(self.run_id, self.role)

    @property
    def memory_free(self) -> float:
        """The free share of its memory, 1 without a limit. At 0 it takes no bids."""
        return max(0.0, 1 - self.memory_used / self.memory_max) if self.memory_max else 1.0

    @property
    def refusals(self) -> dict[str, str]:
        """Why no bid of any auction is taken now, and what to do, by name; empty when bids can be taken."""
        role, missing, limit = self.role or "server of unknown role", self.replicas_missing, self.memory_max // MIB
        present = {
            NOT_PRIMARY: self.role != "master" and f"the live store is a {role} and takes no bids",
            NOT_WRITING: not self.writing and "the live store cannot write its log or its snapshot: give its disk room",
            REPLICA_AWAY: self.replica_problem and f"{self.replica_problem}: start it, or see STORE_REPLICAS",
            NO_REPLICAS: missing and f"the live store wants {missing} more replicas (min-replicas-to-write)",
            MEMORY: not self.memory_free and f"the {limit} MiB of memory of the live store are full: raise maxmemory",
        }
        return {reason: sentence for reason, sentence in present.items() if isinstance(sentence, str) and sentence}

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
        if self.torn_log == "yes" and self.fsync != "off":
            sentences.append("it loads a log that a power cut has torn, and half a bid with it (aof-load-truncated no)")
        return sentences

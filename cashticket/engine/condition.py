"""What a store reports of itself: which process it is, and whether its answers are on its disk."""

from dataclasses import dataclass

from cashticket.engine.store_identity import identity

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """`fsync` is always, everysec, no, off (nothing is written) or unknown (this account may not read the setting)."""

    run_id: str
    role: str = "master"
    writing: bool = True
    fsync: str = "always"
    eviction: str = "noeviction"

    @property
    def identity(self) -> str:
        """Changes when another process answers, or this one in another role."""
        return identity(self.run_id, self.role)

    @property
    def durable(self) -> bool:
        """Whether a power cut can lose nothing that was answered, as far as the store reports it."""
        return not self.loss_risks

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

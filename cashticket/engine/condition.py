"""What a store says of itself: which process it is, and whether what it answers is on its disk."""

from dataclasses import dataclass

from cashticket.engine import greeting

UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class StoreCondition:
    """`fsync` is always, everysec, no, off (nothing is written) or unknown (the store does not tell this account)."""

    run_id: str
    role: str = "master"
    writing: bool = True
    fsync: str = "always"
    eviction: str = "noeviction"

    @property
    def identity(self) -> str:
        """Changes when another process answers, or this one in another role."""
        return greeting.identity(self.run_id, self.role)

    @property
    def durable(self) -> bool:
        """Whether nothing that was answered can be lost by a power cut, as far as the store tells."""
        return not self.softness

    @property
    def softness(self) -> list[str]:
        """What to change so that nothing is lost, a sentence each; empty when the store is durable."""
        told = {
            "off": "it writes nothing to disk: a restart loses every bid that is not recorded yet (appendonly yes)",
            "no": "it leaves writing to the system: a power cut may lose many seconds (appendfsync always)",
            "everysec": "it writes once a second: a power cut may lose a second (appendfsync always)",
            UNKNOWN: "it does not tell this account how it writes: allow CONFIG GET, or look (appendfsync always)",
        }
        found = [told[self.fsync]] if self.fsync in told else []
        if self.eviction != "noeviction":
            found.append("it forgets keys when its memory is full (maxmemory-policy noeviction)")
        return found

"""What a tool found, and what it cost."""

from dataclasses import dataclass, field
from enum import IntEnum


class Level(IntEnum):
    """How bad a finding is, as its tool says."""

    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@dataclass(frozen=True, order=True)
class Finding:
    """`what` is the tool's name for it, `where` the place, `detail` its sentence."""

    level: Level
    tool: str
    what: str
    where: str
    detail: str


@dataclass
class Scan:
    """One run of a tool: `command` as it was typed, `facts` what it looked at and measured."""

    tool: str
    version: str
    command: str
    seconds: float = 0.0
    findings: list[Finding] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)

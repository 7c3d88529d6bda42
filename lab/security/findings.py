"""What a tool found, and what it cost."""

import json
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from pathlib import Path


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


def store(scans: list[Scan], file: Path) -> None:
    """Keep scans as JSON, so that the page can be written again without scanning."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(scan) for scan in scans], ensure_ascii=False, indent=1), encoding="utf-8")


def load(file: Path) -> list[Scan]:
    """Scans that were stored."""
    scans = []
    for facts in json.loads(file.read_text(encoding="utf-8")):
        findings = [Finding(**{**each, "level": Level(each["level"])}) for each in facts.pop("findings")]
        scans.append(Scan(**facts, findings=findings))
    return scans

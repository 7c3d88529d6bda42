"""What a run measures, in which order, how often and for how long, and how many minutes that takes at most."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lab.load import raw
from lab.load.scenarios import HOT, MIXED, SCENARIOS, Scenario
from lab.load.systems import ARCHITECTURE, PROCEDURE, ROW_LOCK, System

REPEATED_SCENARIOS = (HOT.name, MIXED.name)
REPEATED_SYSTEMS = (ROW_LOCK.name, PROCEDURE.name, ARCHITECTURE.name)
"""What the published comparison stands on. Everything else is measured once, without endurance."""
REPEATS = 5
ENDURANCE_SECONDS = 600

START_SECONDS = 12
"""Starting a system from scratch, warming it up, looking for other work, stopping it."""
TURN_SECONDS = 4
"""What a turn takes besides being driven; for each second that it is driven TURN_SHARE more: people are made before,
and every answer is checked after it."""
TURN_SHARE = 0.07
RAMP_SECONDS = 20
"""Opening the sockets of those who watch, a hundred a second."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How long a rate is held, how narrow the knee is (a share of the held rate), and how many rates are tried.

    `sync_ms`: a sync of the database's and the stores' disk takes at least so long; 0: as long as it takes here.
    `database_flush`: when the database syncs its log (`lab.load.durability.FLUSHES`).
    `rate` is that of a course; None: half of what each system was seen to hold (`lab.load.course_run`).
    `repeats`: how often the knee of the systems in REPEATED_SYSTEMS is found; with more than one, their rates are held
    `repeat_seconds`, and each further repeat tries at most `repeat_turns_max` rates. They are then driven for
    `endurance_seconds` (0: not) with `endurance_share` of their knee.
    """

    seconds: int
    precision: float
    turns_max: int
    sync_ms: float = 0.0
    database_flush: str = "commit"
    rate: int | None = None
    repeats: int = 1
    repeat_seconds: int = 30
    repeat_turns_max: int = 3
    endurance_seconds: int = 0
    endurance_share: float = 0.7


FULL = Settings(seconds=60, precision=0.08, turns_max=12)
REPEATED = replace(FULL, turns_max=7, repeats=REPEATS, endurance_seconds=ENDURANCE_SECONDS)
QUICK = Settings(seconds=10, precision=0.2, turns_max=4, repeat_seconds=10)


def settings_of(
    scenario: str, *, quick: bool, steps: bool = False, repeats: int | None = None, endurance: int | None = None
) -> Settings:
    """The settings of a scenario, or of its `steps`; `repeats` and `endurance` (seconds) instead of its own. Raises
    ValueError for more than one repeat, or endurance, of a scenario without systems that are repeated."""
    # Every step once, so that all of them were measured alike.
    is_repeated = scenario in REPEATED_SCENARIOS and not steps
    settings = QUICK if quick else REPEATED if is_repeated else FULL
    chosen = settings.repeats if repeats is None else repeats
    seconds = settings.endurance_seconds if endurance is None else endurance
    is_repeatable = set(REPEATED_SYSTEMS) & set(SCENARIOS[scenario].systems) and not SCENARIOS[scenario].course
    if (chosen > 1 or seconds) and not is_repeatable:
        raise ValueError(f"The systems of {scenario} are measured once, without endurance.")
    # With one search for each system there is time for more of its rates.
    turns_max = FULL.turns_max if chosen == 1 and not quick else settings.turns_max
    return replace(settings, repeats=chosen, endurance_seconds=seconds, turns_max=turns_max)


@dataclass(frozen=True, slots=True)
class Part:
    """What is measured between one start of a system and its end: a repeat of its knee, or its endurance (None)."""

    system: System
    repeat: int | None = 1

    @property
    def is_first(self) -> bool:
        return self.repeat == 1

    def folder(self, run: Path) -> Path:
        """Where its files go. The first repeat stands in the system's own folder."""
        if self.is_first:
            return run / self.system.name
        return run / self.system.name / (raw.ENDURANCE if self.repeat is None else f"repeat-{self.repeat:02}")

    def proof(self, run: Path) -> Path:
        """The file that is written last, once the part is finished."""
        return self.folder(run) / (raw.SYSTEM if self.is_first else raw.MEASURED)

    def name(self, settings: Settings) -> str:
        """What progress calls it."""
        if self.repeat is None:
            return f"{self.system.name}, endurance"
        count = repeats_of(self.system, settings)
        return f"{self.system.name}, repeat {self.repeat} of {count}" if count > 1 else self.system.name

    def turns_max(self, settings: Settings) -> int:
        """How many rates are tried at most."""
        if self.repeat is None:
            return 1
        return settings.turns_max if self.is_first else settings.repeat_turns_max

    def seconds(self, settings: Settings) -> int:
        """How long a rate is held."""
        if self.repeat is None:
            return settings.endurance_seconds
        return settings.repeat_seconds if repeats_of(self.system, settings) > 1 else settings.seconds


def repeats_of(system: System, settings: Settings) -> int:
    """How often the knee of this system is found."""
    return settings.repeats if system.name in REPEATED_SYSTEMS else 1


def parts(systems: Sequence[System], settings: Settings) -> list[Part]:
    """Every part of a run in its order: each system once, then each once again, and so on, then the endurance.

    Interleaved, so that what changes on the machine during an hour falls on all systems alike.
    """
    planned = [
        Part(system, repeat)
        for repeat in range(1, settings.repeats + 1)
        for system in systems
        if repeat <= repeats_of(system, settings)
    ]
    lasting = [each for each in systems if each.name in REPEATED_SYSTEMS] if settings.endurance_seconds else []
    return planned + [Part(each, None) for each in lasting]


def missing_parts(run: Path, systems: Sequence[System], settings: Settings) -> list[Part]:
    """The parts that the folder of a run lacks."""
    return [part for part in parts(systems, settings) if not part.proof(run).exists()]


def seconds_at_most(part: Part, settings: Settings, scenario: Scenario) -> float:
    """How long a part takes at most, with every rate that it may try."""
    if scenario.course:
        return START_SECONDS + scenario.course.seconds(settings.seconds) * (1 + TURN_SHARE) + TURN_SECONDS
    ramp = RAMP_SECONDS if scenario.sockets and part.system.pushes else 0
    turn = part.seconds(settings) * (1 + TURN_SHARE) + TURN_SECONDS + ramp
    return START_SECONDS + part.turns_max(settings) * turn


def plan_of_time(missing: Sequence[Part], settings: Settings, scenario: Scenario) -> str:
    """What is still to be measured, and how many minutes it takes at most."""
    seconds = sum(seconds_at_most(part, settings, scenario) for part in missing)
    searches = sum(part.is_first for part in missing)
    lasting = sum(part.repeat is None for part in missing)
    further = len(missing) - searches - lasting
    counts = [f"{'courses' if scenario.course else 'searches'}: {searches}"] if searches else []
    counts += [f"further repeats: {further}"] if further else []
    counts += [f"endurance: {lasting} × {settings.endurance_seconds} s"] if lasting else []
    return f"plan: {', '.join(counts) or 'nothing is missing'}; at most {math.ceil(seconds / 60)} min"


def held_text(settings: Mapping[str, Any]) -> str:
    """How long a rate was held by the settings that a run wrote down."""
    if settings.get("repeats", 1) == 1:
        return f"held {settings['seconds']} s"
    return f"held {settings['repeat_seconds']} s in each of {settings['repeats']} repeats, else {settings['seconds']} s"

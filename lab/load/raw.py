"""Raw files of a run, and reading them back.

    FOLDER/run.json                                    scenario, settings, commit, machine, versions, time of a sync
    FOLDER/SYSTEM/system.json                          what the system consists of; there after its first repeat
    FOLDER/SYSTEM/turn-NN-rate-RRRR/turn.json          what the lab counted: ledger, backlog, processor time, violations
    FOLDER/SYSTEM/turn-NN-rate-RRRR/answers.tsv.gz     a line for each answer, as k6 wrote it (`Answer`)
    FOLDER/SYSTEM/turn-NN-rate-RRRR/k6.json            k6's own summary
    FOLDER/SYSTEM/repeat-NN/                           the turns of a further repeat
    FOLDER/SYSTEM/endurance/                           the one turn at a share of the knee
    FOLDER/SYSTEM/…/measured.json                      when such a part began, and the other work before it

A turn without turn.json, a system without system.json, or a further part without measured.json was interrupted and does
not count.
"""

import gzip
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from lab.load.kinds import BID, COUNTED, REFUSALS, SEEN

SYSTEM, MEASURED, ENDURANCE = "system.json", "measured.json", "endurance"
FURTHER = re.compile(rf"repeat-\d\d|{ENDURANCE}")
"""Folders of the repeats after the first one, and of the minutes at a share of the knee."""
ACCEPTED, REPLAYED, REFUSED = 201, 200, 422
PASSED = (101, 200, 303, 304)
"""A socket that opened, a page, a sign-in or form that leads on, and a board that has not changed."""


class Meaning(NamedTuple):
    """What a kind and a status say, as the properties of `Answer`."""

    journey: str
    is_bid: bool
    is_refusal: bool
    is_error: bool


@cache
def meaning_of(kind: str, status: int) -> Meaning:
    """A run has a million answers, and a handful of kinds and statuses."""
    journey, is_bid = kind.partition(".")[0], kind.rpartition(".")[2] == BID
    is_refusal = journey in REFUSALS or (is_bid and status == REFUSED)
    is_due = status in ((ACCEPTED, REPLAYED, REFUSED) if is_bid else PASSED)
    return Meaning(journey, is_bid, is_refusal, not is_due and not is_refusal)


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one request: when it was sent and answered (ms since 1970), its number, HTTP status (0: none
    came; 996 to 999: `lab.load.kinds.STATUS_NAMES`), how many ms it took by the client's own account, and its body.

    `kind` is a journey and its step, such as `browse.home`. A `watch.frame` is what a socket brought: `waited_ms` is
    its age when it came, and `row` says how many frames were so old.
    """

    sent_ms: int
    answered_ms: int
    row: int
    status: int
    waited_ms: float
    body: str
    kind: str = BID

    @property
    def is_bid(self) -> bool:
        """Whether it answers a bid."""
        return meaning_of(self.kind, self.status).is_bid

    @property
    def is_refusal(self) -> bool:
        """Whether it is a refused bid, or a sign-in turned away with the seconds to wait."""
        return meaning_of(self.kind, self.status).is_refusal

    @property
    def is_error(self) -> bool:
        """Whether it is neither an accepted nor a refused bid; of other requests, whether another answer was due."""
        return meaning_of(self.kind, self.status).is_error

    @property
    def journey(self) -> str:
        """What its sender was doing: `bid`, `browse` or `watch`."""
        return meaning_of(self.kind, self.status).journey

    @property
    def count(self) -> int:
        """How many answers it stands for."""
        return self.row if self.kind in COUNTED else 1

    @property
    def cell(self) -> str:
        """Number and kind as a file has them: `7` for bid 7 of a scenario of bids alone, else `browse.home:7`."""
        return str(self.row) if self.kind == BID else f"{self.kind}:{self.row}"


@dataclass(frozen=True, slots=True)
class RawTurn:
    """The files of one turn: `facts` of turn.json, `client` of k6.json, and the answers."""

    facts: dict[str, Any]
    client: dict[str, Any]
    answers: list[Answer]


@dataclass(frozen=True, slots=True)
class RawRepeat:
    """The files of one repeat, or of the minutes at a share of the knee: `facts` of measured.json, and its turns."""

    facts: dict[str, Any]
    turns: list[RawTurn]


@dataclass(frozen=True, slots=True)
class RawSystem:
    """The files of one measured system, its turns in the order in which they were driven: those of the first repeat,
    of the further ones, and the one at a share of the knee."""

    name: str
    facts: dict[str, Any]
    turns: list[RawTurn]
    repeats: list[RawRepeat] = field(default_factory=list)
    endurance: RawRepeat | None = None


def read_answers(path: Path) -> list[Answer]:
    """Answers in the order in which they came. Raises ValueError for a line that is none."""
    opened = gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else open(path, encoding="utf-8")  # noqa: SIM115
    with opened as file:
        return [_answer(path, number, text.rstrip("\n")) for number, text in enumerate(file, 1)]


def _answer(path: Path, number: int, text: str) -> Answer:
    cells = text.split("\t", 5)
    try:
        sent_ms, answered_ms, row, status, waited_ms, body = cells
        kind, _, number_of_kind = row.rpartition(":")
        times = (int(sent_ms), int(answered_ms), int(number_of_kind))
        return Answer(*times, int(status), float(waited_ms), body, kind or BID)
    except ValueError:
        raise ValueError(f"{path}:{number} is no answer: {text[:80]!r}") from None


def compress(path: Path) -> Path:
    """Replace a file by its compressed copy."""
    packed = path.with_name(path.name + ".gz")
    # Without name and time, so that equal answers make equal files.
    packed.write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    path.unlink()
    return packed


def write_json(path: Path, document: dict[str, Any]) -> None:
    """Write a document in one step: a reader sees all of it or no file."""
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    partial.replace(path)


def read_json(path: Path) -> dict[str, Any]:
    """Raises ValueError, naming the file, when it holds no JSON object."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise ValueError(f"{path} is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise ValueError(f"{path} holds no JSON object")
    return document


def is_measured(folder: Path, system: str) -> bool:
    """Whether the folder holds a finished measurement of this system."""
    return (folder / system / SYSTEM).exists()


def read_systems(folder: Path, names: Iterable[str]) -> list[RawSystem]:
    """The measured ones of these systems."""
    return [_read_system(folder / name) for name in names if is_measured(folder, name)]


def _read_system(folder: Path) -> RawSystem:
    repeats = [read_repeat(each) for each in further_folders(folder) if each.name != ENDURANCE]
    endurance = read_repeat(folder / ENDURANCE) if (folder / ENDURANCE / MEASURED).exists() else None
    return RawSystem(folder.name, read_json(folder / SYSTEM), _read_turns(folder), repeats, endurance)


def further_folders(folder: Path) -> list[Path]:
    """What a system's folder holds beside its first repeat: finished repeats in their order, and `endurance`."""
    finished = [path.parent for path in folder.glob(f"*/{MEASURED}")]
    return sorted((each for each in finished if FURTHER.fullmatch(each.name)), key=lambda each: each.name)


def read_repeat(folder: Path) -> RawRepeat:
    """The raw files of one repeat. Raises OSError and ValueError for a missing or broken one."""
    proof = folder / SYSTEM if (folder / SYSTEM).exists() else folder / MEASURED
    return RawRepeat(read_json(proof), _read_turns(folder))


def _read_turns(folder: Path) -> list[RawTurn]:
    return [read_turn(path.parent) for path in sorted(folder.glob("turn-*/turn.json"))]


def read_turn(folder: Path) -> RawTurn:
    """The raw files of one turn. Raises OSError and ValueError for a missing or broken one."""
    return RawTurn(
        read_json(folder / "turn.json"), read_json(folder / "k6.json"), read_answers(folder / "answers.tsv.gz")
    )


def copy_without_bodies(source: Path, target: Path) -> None:
    """Copy the raw files of one system and of its repeats, with times from each first request on and without the bodies
    of the answers: no figure needs them, except those of sights."""
    for further in further_folders(source):
        copy_without_bodies(further, target / further.name)
    copied = (SYSTEM, MEASURED, "turn-*/turn.json", "turn-*/k6.json", "turn-*/ledger.tsv.gz")
    for path in chain.from_iterable(source.glob(name) for name in copied):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    for path in source.glob("turn-*/answers.tsv.gz"):
        answers = read_answers(path)
        first = min((answer.sent_ms for answer in answers), default=0)
        rows = (
            f"{each.sent_ms - first}\t{each.answered_ms - first}\t{each.cell}\t{each.status}\t{each.waited_ms:.3f}\t"
            f"{each.body if each.kind == SEEN else ''}\n"
            for each in answers
        )
        plain = target / path.relative_to(source).with_suffix("")
        plain.write_text("".join(rows), encoding="utf-8")
        compress(plain)

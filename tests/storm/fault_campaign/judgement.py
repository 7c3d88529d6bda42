"""Judges a run: by version, turns what people saw into operations of the checkers, and runs them over everything."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from cashticket.auction.aliases import alias
from lab.checkers import violations
from lab.checkers.ranks import Replay
from lab.evidence import Ending, Evidence
from lab.history import OK, Operation
from lab.oracle.boards import TOP
from tests.storm.fault_campaign.run import RunRecord

MANY = 10
ODD = ("401", "500", "400", "404", "303")


@dataclass(frozen=True, slots=True)
class Tally:
    """What was judged: recorded bids, boards and standings seen, alerts on sockets."""

    recorded: int
    seen: int
    alerts: int
    complaints: list[str]


def judge(record: RunRecord) -> Tally:
    """Everything that is wrong with a run. No complaints when it is sound."""
    complaints = list(record.trouble)
    shown = _SeenOperations(record)
    operations = [*record.operations, *shown.seen()]
    operations.sort(key=lambda each: each.invoked)
    evidence = Evidence(operations, record.endings)
    complaints += [f"{each.invariant} {each.what}" for each in violations(evidence)]
    complaints += shown.complaints[:MANY]
    alerts = [each for each in evidence.all_of("alert") if each.question["auction"] in record.salts]
    complaints += list(_wrong_alerts(record.endings, alerts))[:MANY]
    complaints += list(_odd_answers(evidence))[:MANY]
    recorded = sum(len(ending.rows) for ending in record.endings)
    seen = sum(each.what in ("board", "standing") for each in operations)
    return Tally(recorded, seen, len(alerts), complaints)


class _SeenOperations:
    """Turns `seen` operations into `board` and `standing`: each version becomes the bid after which it was true."""

    def __init__(self, record: RunRecord) -> None:
        self._record, self.complaints = record, list[str]()
        self._names = {
            auction: {alias(salt, auction, person): person for person in record.people}
            for auction, salt in record.salts.items()
        }
        self._bids = {
            ending.auction: {(row.person, row.amount): row.sequence for row in ending.rows} for ending in record.endings
        }

    def seen(self) -> Iterator[Operation]:
        for operation in self._record.operations:
            if operation.what != "seen" or operation.outcome != OK:
                continue
            auction, version = operation.question["auction"], operation.answer["version"]
            sequence = self._record.versions[auction].get(version)
            if sequence is None:
                self.complaints.append(f"I6 auction {auction}: version {version} was shown and never was")
                continue
            facts = (
                self._board(auction, operation.answer) if operation.question["piece"] == "board" else operation.answer
            )
            yield replace(operation, what=operation.question["piece"], answer={**facts, "sequence": sequence})

    def _board(self, auction: int, shown: dict[str, Any]) -> dict[str, Any]:
        people = [(self._names[auction].get(name, 0), amount) for name, amount in shown["ladder"]]
        rows = [[person, amount, self._bids[auction].get((person, amount), 0)] for person, amount in people]
        return {"cutoff": shown["cutoff"], "bidders": shown["bidders"], "top": rows[:TOP]}


def _wrong_alerts(endings: list[Ending], alerts: list[Operation]) -> Iterator[str]:
    """I13 on sockets: an alert tells of a displacement that was due, or of a lasting one whose own message was lost.

    No connection is told of one displacement twice.
    """
    due: dict[tuple[int, int], list[int]] = defaultdict(list)
    own: dict[tuple[int, int], list[int]] = defaultdict(list)
    for ending in endings:
        for row, effect in Replay(ending).steps():
            own[ending.auction, row.person].append(row.sequence)
            if effect.alert and effect.displaced is not None:
                due[ending.auction, effect.displaced].append(row.sequence)
    shown: set[tuple[int, int, int, int]] = set()
    for operation in alerts:
        auction, person, sequence = (
            operation.question["auction"],
            operation.question["person"],
            operation.answer["sequence"],
        )
        name = f"I13 auction {auction}: a socket of {person} was told of bid {sequence}"
        falls, bids = due[auction, person], own[auction, person]
        place = bisect_right(falls, sequence)
        fall = falls[place - 1] if place else 0
        if not fall or bisect_left(bids, fall) != bisect_right(bids, sequence):
            yield f"{name} without having fallen by it"
            continue
        once = (operation.question["socket"], operation.question["connection"], auction, fall)
        if once in shown:
            yield f"{name}, of which it knew"
        shown.add(once)


def _odd_answers(evidence: Evidence) -> Iterator[str]:
    """Nobody gets an unexpected status: unavailable is 503, unknown is 504."""
    for operation in evidence.operations:
        word = operation.answer.get("why") or operation.answer.get("reason")
        allowed = operation.what == "move" and word == "404"
        if word in ODD and not allowed:
            yield f"{operation.what} of {operation.question} was answered {word}"
        elif word == "unreadable":
            yield f"{operation.question} showed something that is no piece"

"""What stood in the way at each moment of a run, so that a wait that was too long is explained by it and not by chance.

A probe notes which processes are down or do not listen yet, whether the live store answers, and why auctions take no
bids. `explanation` says which of these lasted how long within a wait, and which other faults came meanwhile.
"""

import socket
import threading
from collections import defaultdict
from collections.abc import Sequence

from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from lab.history import OK, Operation, Recorder
from tests.storm.fault_campaign.installation import Installation

LOOK_SECONDS = 0.1
NS = 1_000_000_000
STAGE_OF_PAUSE = {"restarted": "check and witness", "witness": "witness missing", "backlog": "drain"}


class StageProbe(threading.Thread):
    """Looks until stopped, and records every change."""

    def __init__(self, installation: Installation, recorder: Recorder, auctions: Sequence[int]) -> None:
        super().__init__(name="stage-probe", daemon=True)
        self._installation, self._recorder, self._auctions = installation, recorder, list(auctions)
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        before: list[str] | None = None
        while not self._stopping.wait(LOOK_SECONDS):
            stages = sorted({*self._starting(), *self._pauses()})
            if stages != before:
                self._recorder.invoke("stage").ok(stages=stages)
                before = stages

    def _starting(self) -> list[str]:
        processes, ports = self._installation.processes, self._installation.ports_of_answering()
        down = [name for name, process in processes.items() if not process.is_running()]
        deaf = [name for name, port in ports.items() if name not in down and not _listens(port)]
        return [f"process start of {name}" for name in (*down, *deaf)]

    def _pauses(self) -> list[str]:
        try:
            statuses = self._installation.app.extensions["engine"].statuses(self._auctions)
        except (StoreUnavailable, OutcomeUnknown, UnknownAuction):
            return ["live store away"]
        reasons = {status.paused for status in statuses.values() if status.paused}
        return [STAGE_OF_PAUSE.get(reason, f"pause {reason}") for reason in reasons]


def _listens(port: int) -> bool:
    with socket.socket() as client:
        client.settimeout(LOOK_SECONDS)
        return client.connect_ex(("127.0.0.1", port)) == 0


def explanation(operations: Sequence[Operation], began: int, until: int) -> str:
    """What lasted how long between two moments (ns), the longest first, and which faults began meanwhile."""
    marks = [each for each in operations if each.what == "stage" and each.outcome == OK]
    lasted: dict[str, int] = defaultdict(int)
    ends = [*(mark.invoked for mark in marks[1:]), until]
    for mark, following in zip(marks, ends, strict=False):
        since, end = max(began, mark.invoked), min(until, following)
        for stage in mark.answer["stages"]:
            lasted[stage] += max(0, end - since)
    stages = [f"{name} {ns / NS:.1f} s" for name, ns in sorted(lasted.items(), key=lambda each: -each[1]) if ns > 0]
    faults = [
        f"then {each.question['kind']} after {(each.invoked - began) / NS:.1f} s"
        for each in operations
        if each.what == "fault" and began < each.invoked < until
    ]
    return ", ".join([*stages, *faults]) or "nothing was down, paused or failing: the machine was busy"

"""History of what clients sent and were answered: a JSON line when an operation starts, and one when it ends.

Moments are nanoseconds of the machine's monotonic clock, which all processes share. An operation ends as `ok` (it
happened, with this answer), `fail` (refused, it did not happen) or `unknown`. One without an end, because its process
died, is unknown too. The first line is written before the request leaves, so a killed client hides nothing. Unknown
bids are sent again; `requests` groups all sendings of one request.
"""

import gc
import json
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

OK, FAIL, UNKNOWN = "ok", "fail", "unknown"


@dataclass(slots=True)
class Operation:
    """One operation: `what` is bid, board, mark, ledger or move, `question` and `answer` its facts. Times in ns."""

    process: str
    what: str
    question: dict[str, Any]
    invoked: int
    outcome: str = UNKNOWN
    answer: dict[str, Any] = field(default_factory=dict)
    completed: int | None = None


@dataclass(slots=True)
class Request:
    """One bid under one request id and amount, however often it was sent.

    `invoked` is when it was first sent, `answered` when it was first confirmed (None: never), `answers` every
    confirmation. `uncertain`: one sending has no known end. `sure`: one sending said the amount once more.
    """

    auction: int
    person: int
    request_id: str
    amount: int
    invoked: int
    answered: int | None = None
    answers: list[dict[str, Any]] = field(default_factory=list)
    uncertain: bool = False
    sure: bool = False


class Pending:
    """An operation that has not ended. Only the first end counts."""

    def __init__(self, recorder: "Recorder", number: int) -> None:
        self._recorder, self._number = recorder, number

    def ok(self, **answer: Any) -> None:
        self._recorder.end(self._number, OK, answer)

    def fail(self, reason: str) -> None:
        self._recorder.end(self._number, FAIL, {"reason": reason})

    def unknown(self, why: str) -> None:
        self._recorder.end(self._number, UNKNOWN, {"why": why})


class Recorder:
    """Writes the history of one process into its own file, until `close` or the end of `with`. Threads may share it."""

    def __init__(self, path: Path, process: str) -> None:
        self._file = open(path, "a", encoding="utf-8", buffering=1)  # noqa: SIM115 - closed by close
        self._process, self._numbers, self._lock = process, count(1), threading.Lock()

    def invoke(self, what: str, **question: Any) -> Pending:
        """Record the start of an operation. Call it before the request leaves."""
        with self._lock:
            number = next(self._numbers)
        self._write({"process": self._process, "number": number, "type": "invoke", "what": what, "question": question})
        return Pending(self, number)

    def end(self, number: int, outcome: str, answer: dict[str, Any]) -> None:
        self._write({"process": self._process, "number": number, "type": outcome, "answer": answer})

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "Recorder":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _write(self, entry: dict[str, Any]) -> None:
        text = json.dumps({"t": time.monotonic_ns(), **entry}, ensure_ascii=False) + "\n"
        with self._lock:
            self._file.write(text)


def read(*paths: Path) -> list[Operation]:
    """All operations of these files in the order of their start.

    Leaves out a last line torn by a crash. Raises ValueError for any other line that cannot be read.
    """
    # Millions of small objects without cycles: garbage collection would cost more than reading.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return sorted(_put_together(paths), key=lambda operation: operation.invoked)
    finally:
        if collecting:
            gc.enable()


def _put_together(paths: Iterable[Path]) -> Iterable[Operation]:
    by_key: dict[tuple[str, int], Operation] = {}
    for path in paths:
        for entry in _lines(path):
            key = (entry["process"], entry["number"])
            if entry["type"] == "invoke":
                if key in by_key:
                    raise ValueError(f"{path}: operation {key} starts twice")
                by_key[key] = Operation(entry["process"], entry["what"], entry["question"], entry["t"])
                continue
            operation = by_key.get(key)
            if operation is None:
                raise ValueError(f"{path}: an end of operation {key}, which never started")
            if operation.completed is None:
                operation.outcome, operation.answer = entry["type"], entry["answer"]
                operation.completed = entry["t"]
    return by_key.values()


def write(path: Path, operations: Iterable[Operation]) -> None:
    """Write operations as recorders would have, for synthetic histories."""
    with open(path, "w", encoding="utf-8") as file:
        for number, each in enumerate(operations, 1):
            name = {"process": each.process, "number": number}
            question = {"t": each.invoked, **name, "type": "invoke", "what": each.what, "question": each.question}
            file.write(json.dumps(question, ensure_ascii=False) + "\n")
            if each.completed is not None:
                end = {"t": each.completed, **name, "type": each.outcome, "answer": each.answer}
                file.write(json.dumps(end, ensure_ascii=False) + "\n")


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with open(path, encoding="utf-8") as file:
        for text in file:
            if text.endswith("\n"):
                yield json.loads(text)


def requests(operations: Iterable[Operation]) -> dict[tuple[int, int, str, int], Request]:
    """Bids grouped by (auction, person, request id, amount), in the order of their first sending."""
    by_key: dict[tuple[int, int, str, int], Request] = {}
    for operation in operations:
        if operation.what != "bid":
            continue
        question = operation.question
        key = (question["auction"], question["person"], question["request_id"], question["amount"])
        request = by_key.get(key)
        if request is None:
            request = by_key[key] = Request(*key, operation.invoked)
        request.sure |= question.get("sure") == request.amount
        if operation.outcome == OK:
            request.answers.append(operation.answer)
            if request.answered is None or (operation.completed or 0) < request.answered:
                request.answered = operation.completed
        elif operation.outcome == UNKNOWN:
            # A later refusal proves nothing: the first sending may be carried out after the second.
            request.uncertain = True
    return by_key

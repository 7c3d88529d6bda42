"""Makes examinations one after the other. None takes longer than its deadline, and none can end the others."""

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask import Flask

from cashticket.logs.failures import failure_text
from cashticket.work.doctor.diagnoses import Diagnosis, Health, Unwell, bad, skipped

SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Examination:
    """`look` yields a diagnosis for each of `names`, in their order. When it fails or takes longer than `seconds`, the
    first one that is missing is bad with this `mend`, and the others are skipped.

    `needs` names what must not be bad before: otherwise all of it is skipped."""

    names: tuple[str, ...]
    look: Callable[[], Iterable[Diagnosis]]
    mend: str
    needs: tuple[str, ...] = ()
    seconds: float = SECONDS


def examine(app: Flask, examinations: Iterable[Examination]) -> Iterator[Diagnosis]:
    """Yield every diagnosis as soon as it is known."""
    # Part → what has to be mended before it can be of use to others.
    causes: dict[str, str] = {}
    for examination in examinations:
        cause = next((causes[name] for name in examination.needs if name in causes), "")
        for diagnosis in _unseen(examination.names, cause) if cause else _diagnoses(app, examination):
            if cause or diagnosis.health is Health.BAD:
                causes[diagnosis.name] = cause or diagnosis.name
            yield diagnosis


def _unseen(names: Iterable[str], cause: str) -> list[Diagnosis]:
    return [skipped(name, f"it cannot be seen before `{cause}` is mended") for name in names]


def _diagnoses(app: Flask, examination: Examination) -> list[Diagnosis]:
    diagnoses, failure = _looked(app, examination)
    left = examination.names[len(diagnoses) :]
    if left:
        diagnoses.append(bad(left[0], failure.seen, failure.mend))
        diagnoses.extend(_unseen(left[1:], left[0]))
    return diagnoses


def _looked(app: Flask, examination: Examination) -> tuple[list[Diagnosis], Unwell]:
    """What was seen before the deadline, and why no more was."""
    diagnoses: list[Diagnosis] = []
    failures: list[Unwell] = []

    def look() -> None:
        with app.app_context():
            try:
                for diagnosis in examination.look():
                    diagnoses.append(diagnosis)  # noqa: PERF402 - what was seen before a failure stays
            except Unwell as unwell:
                failures.append(unwell)
            except Exception as error:
                failures.append(Unwell(f"it could not be looked at: {failure_text(error)}", examination.mend))

    # A thread, because names of hosts and disks that hang cannot be waited for with a limit.
    thread = threading.Thread(target=look, name="examination", daemon=True)
    thread.start()
    thread.join(examination.seconds)
    too_late = Unwell(f"it gave no answer within {examination.seconds:g} s", examination.mend)
    return list(diagnoses), next(iter(failures), too_late)

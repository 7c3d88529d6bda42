"""Whether Python and its packages are those that this release was tested with."""

import re
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cashticket.work.doctor.diagnoses import Diagnosis, bad, ok, skipped, warn

PYTHON_MIN = (3, 11)
LIST = Path(__file__).resolve().parents[3] / "requirements.txt"
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(?P<version>[^\s;\\]+)(?P<only_where>\s*;)?", re.MULTILINE
)
NAMED_MAX = 5
INSTALL = "stop the processes, run `.venv/bin/pip install --require-hashes -r requirements.txt`, and start them again"


def look(pins: Path = LIST, python: tuple[int, ...] = sys.version_info[:3]) -> Iterator[Diagnosis]:
    """`pins` is the list of packages, `python` the version that runs."""
    written = ".".join(map(str, python))
    if python < PYTHON_MIN:
        needed = ".".join(map(str, PYTHON_MIN))
        yield bad("python", f"Python {written}", f"make a new .venv with Python {needed} or newer")
    else:
        yield ok("python", f"Python {written}")
    yield _packages(pins)


def _packages(pins: Path) -> Diagnosis:
    if not pins.is_file():
        return skipped("packages", f"there is no {pins.name} beside the program to compare with")
    missing, others, count = [], [], 0
    for pin in PIN.finditer(pins.read_text(encoding="utf-8")):
        name, wanted = pin["name"], pin["version"]
        try:
            installed = version(name)
        except PackageNotFoundError:
            # Others are for another system or Python.
            missing += [] if pin["only_where"] else [name]
            continue
        count += 1
        if installed != wanted:
            others.append(f"{name} {installed} instead of {wanted}")
    if missing:
        return bad("packages", f"not installed: {_some(missing)}", INSTALL)
    if others:
        return warn("packages", f"not as tested: {_some(others)}", INSTALL)
    return ok("packages", f"{count} packages, all as {pins.name} names them")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - NAMED_MAX} more" if len(names) > NAMED_MAX else ""
    return ", ".join(names[:NAMED_MAX]) + more

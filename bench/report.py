"""The last line of every measurement: JSON with the figure, its terms, spread, commit and machine."""

import json
import os
import platform
import statistics
import subprocess
import sys
from typing import Any


def machine() -> dict[str, Any]:
    return {"cores": os.cpu_count(), "system": platform.platform(terse=True), "python": platform.python_version()}


def commit() -> str:
    answer = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    dirty = subprocess.run(["git", "status", "--porcelain"], capture_output=True, text=True, check=False).stdout
    return (answer.stdout.strip() or "unknown") + ("+changes" if dirty else "")


def spread(values: list[float]) -> dict[str, float]:
    return {
        "min": round(min(values), 3),
        "median": round(statistics.median(values), 3),
        "max": round(max(values), 3),
    }


def finish(figure: dict[str, Any], as_json: bool) -> None:
    """Print `figure` with commit and machine, as the last line of standard output."""
    figure = {**figure, "commit": commit(), "machine": machine()}
    if as_json:
        print(json.dumps(figure))
        return
    for name, value in figure.items():
        print(f"{name:>12}: {value}")
    sys.stdout.flush()

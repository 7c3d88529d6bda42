"""The make that started us. A Ctrl+C reaches both, but `kill -INT` of make alone does not: make then waits for its
children without telling them. So the child looks: a make that ends by a signal keeps that signal blocked.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

ENDING = 1 << (signal.SIGINT - 1) | 1 << (signal.SIGHUP - 1)


def make_wants_to_end() -> Callable[[], bool]:
    """A look at the make that started this process: True once it was interrupted or has gone. Always False when
    something else started us, or where there is no /proc to look at."""
    parent = os.getppid()
    if _line(parent, "Name").strip() not in ("make", "gmake"):
        return lambda: False
    return lambda: os.getppid() != parent or bool(int(_line(parent, "SigBlk") or "0", 16) & ENDING)


def _line(process: int, name: str) -> str:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2] for line in lines if line.startswith(f"{name}:")), "")

"""Notices when the `make` that started this process was interrupted.

Ctrl+C reaches both, but `kill -INT` of make alone does not: make then waits for its children without signalling them.
While it waits, it keeps that signal blocked, which /proc shows.
"""

import os
import signal
from collections.abc import Callable
from pathlib import Path

ENDING = 1 << (signal.SIGINT - 1) | 1 << (signal.SIGHUP - 1)


def make_wants_to_end() -> Callable[[], bool]:
    """A function that returns True once the parent make was interrupted or has ended. It always returns False when
    make is not the parent, or without /proc."""
    parent = os.getppid()
    if _status(parent, "Name").strip() not in ("make", "gmake"):
        return lambda: False
    return lambda: os.getppid() != parent or bool(int(_status(parent, "SigBlk") or "0", 16) & ENDING)


def _status(process: int, name: str) -> str:
    try:
        text_lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return ""
    return next((row.partition(":")[2] for row in text_lines if row.startswith(f"{name}:")), "")

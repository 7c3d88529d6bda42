"""How much room the disks of live store and ledger have left, where this machine has them."""

import os
from collections.abc import Sequence
from pathlib import Path

TENTH = 10
FREE_MIN_CAP = 2**30
"""Nobody needs more than 1 GiB free, however large the disk."""

MARGIN = 1.1
"""Bidding goes on only when there is a tenth more than the least, so that it does not flicker at the edge."""


def full_disks(paths: Sequence[Path], least: int, *, paused: bool = False) -> list[str]:
    """A sentence for every disk with too little room; `least` bytes, 0 for a tenth of the disk or 1 GiB. While bidding
    is `paused` for it a little more is asked for. Folders that are not here are somebody else's to watch."""
    found = []
    for path in paths:
        try:
            disk = os.statvfs(path)
        except OSError:
            continue
        size, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
        wanted = (least or min(size // TENTH, FREE_MIN_CAP)) * (MARGIN if paused else 1)
        if free < wanted:
            found.append(f"{path} has {free // 2**20} MiB left, {int(wanted) // 2**20} MiB are needed")
    return found

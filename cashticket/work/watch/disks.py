"""Free space on the disks of live store and ledger, as far as they are on this machine."""

import os
from collections.abc import Sequence
from pathlib import Path

TENTH = 10
FREE_MIN_CAP = 2**30
"""1 GiB free is enough on any disk."""

MARGIN = 1.1
"""While bidding is paused, a tenth more must be free before it resumes, so that it does not flap."""


def full_disks(paths: Sequence[Path], free_min: int, *, paused: bool = False) -> list[str]:
    """Return a sentence for every disk with less than `free_min` bytes free (0: a tenth of the disk, at most 1 GiB).

    `paused`: bidding is paused for a full disk, so MARGIN applies. Folders missing on this machine are skipped.
    """
    sentences = []
    for path in paths:
        try:
            disk = os.statvfs(path)
        except OSError:
            continue
        size, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
        needed = (free_min or min(size // TENTH, FREE_MIN_CAP)) * (MARGIN if paused else 1)
        if free < needed:
            sentences.append(f"{path} has {free // 2**20} MiB left, {int(needed) // 2**20} MiB are needed")
    return sentences

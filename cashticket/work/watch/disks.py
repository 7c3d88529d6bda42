"""Free space on the disks of live store and ledger, as far as they are on this machine."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TENTH = 10
FREE_MIN_CAP = 2**30
"""1 GiB free is enough on any disk."""

MARGIN = 1.1
"""While bidding is paused, a tenth more must be free before it resumes, so that it does not flap."""


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """The size of a disk, what is free, and below how much bidding pauses. All in bytes."""

    size: int
    free: int
    needed: int


def space_on(path: Path, free_min: int) -> DiskSpace | None:
    """The space on the disk of this folder, of which `free_min` bytes are needed (0: a tenth of the disk, at most 1
    GiB). None for a folder that is missing on this machine."""
    try:
        disk = os.statvfs(path)
    except OSError:
        return None
    size, free = disk.f_blocks * disk.f_frsize, disk.f_bavail * disk.f_frsize
    return DiskSpace(size, free, free_min or min(size // TENTH, FREE_MIN_CAP))


def full_disks(paths: Sequence[Path], free_min: int, *, paused: bool = False) -> list[str]:
    """Return a sentence for every disk with less than `free_min` bytes free (0: a tenth of the disk, at most 1 GiB).

    `paused`: bidding is paused for a full disk, so MARGIN applies. Folders missing on this machine are skipped.
    """
    sentences = []
    for path in paths:
        space = space_on(path, free_min)
        if space is None:
            continue
        needed = space.needed * (MARGIN if paused else 1)
        if space.free < needed:
            sentences.append(f"{path} has {space.free // 2**20} MiB left, {int(needed) // 2**20} MiB are needed")
    return sentences

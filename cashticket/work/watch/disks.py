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
class Disk:
    """The disk of a folder. All in bytes; with less than `needed` bidding pauses."""

    path: Path
    size: int
    free: int
    needed: int


def disk_of(path: Path, free_min: int) -> Disk | None:
    """The disk of `path`, None if that is missing on this machine. `free_min` bytes are needed; 0: a tenth of the disk,
    at most 1 GiB."""
    try:
        disk = os.statvfs(path)
    except OSError:
        return None
    size = disk.f_blocks * disk.f_frsize
    return Disk(path, size, disk.f_bavail * disk.f_frsize, free_min or min(size // TENTH, FREE_MIN_CAP))


def full_disks(paths: Sequence[Path], free_min: int, *, paused: bool = False) -> list[str]:
    """Return a sentence for every disk with less than `free_min` bytes free (0: a tenth of the disk, at most 1 GiB).

    `paused`: bidding is paused for a full disk, so MARGIN applies. Folders missing on this machine are skipped.
    """
    disks = [disk for path in paths if (disk := disk_of(path, free_min))]
    needed = {disk.path: disk.needed * (MARGIN if paused else 1) for disk in disks}
    return [
        f"{disk.path} has {disk.free // 2**20} MiB left, {int(needed[disk.path]) // 2**20} MiB are needed"
        for disk in disks
        if disk.free < needed[disk.path]
    ]

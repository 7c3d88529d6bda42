"""Keeps the posters that the rows of an imported file name: all of them, or none if one is at fault."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from cashticket.catalogue import posters
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.table import FaultyRows
from cashticket.catalogue.import_rows import ImportRow
from cashticket.catalogue.poster_process import PosterProcess
from cashticket.catalogue.poster_storing import gathered

Progress = Callable[[Sequence[Any], str], Iterable[Any]]
"""Walks through a sequence and may show how far it is, with the given label."""


def keep_posters(
    rows: Sequence[ImportRow], name: str, beside: Path, folder: Path | None, walk: Progress
) -> dict[int, str]:
    """Keep the posters that the rows name under `folder` (None: only check them). Returns row number → stem.

    Poster files lie in the folder `beside` or below it. One process decodes them all, and a fresh one goes on where a
    file ended it. Raises FaultyRows with every fault, and then nothing is kept.
    """
    naming = [row for row in rows if row.poster is not None]
    if not naming:
        return {}
    stems, faults = {}, []
    with gathered(folder) as drafts, PosterProcess() as process:
        for row in walk(naming, "Reading posters"):
            try:
                stems[row.number] = posters.take_in_beside(beside, row.poster, drafts, process)
            except NotPublishable as error:
                faults.append(f"{row.where}: poster: {str(error).removesuffix('.')}")
        if faults:
            raise FaultyRows(name, faults)
    return stems

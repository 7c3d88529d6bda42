"""Posters that lists name by their stem: they are stored already, or were on another machine."""

from collections.abc import Sequence
from pathlib import Path

from cashticket.catalogue.import_files.table import Tell
from cashticket.catalogue.import_rows import ImportRow
from cashticket.catalogue.poster_decoding.limits import FALLBACK_WIDTH


def stored_posters(rows: Sequence[ImportRow], folder: Path, tell: Tell) -> dict[int, str]:
    """Row number → stem, of the posters that `folder` has. Tells which it has not: their concerts get a drawn one."""
    stems = {row.number: row.stored_poster for row in rows if row.stored_poster}
    present = {stem for stem in {*stems.values()} if (folder / f"{stem}-{FALLBACK_WIDTH}.webp").exists()}
    if absent := sorted({*stems.values()} - present):
        tell(f"Posters that are not stored here are left out: {', '.join(absent[:20])}.")
    return {number: stem for number, stem in stems.items() if stem in present}

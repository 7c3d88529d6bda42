"""Which bids the ledger held after a turn, as a raw file: a line for each with auction, sequence and request id."""

import gzip
from collections.abc import Iterable
from pathlib import Path

from lab.load import raw

NAME = "ledger.tsv.gz"

Recorded = tuple[int, int, str]
"""Auction, sequence and request id of a recorded bid."""


def write(folder: Path, bids: Iterable[Iterable[object]]) -> None:
    """Write the recorded bids of a turn into its folder."""
    plain = folder / NAME.removesuffix(".gz")
    plain.write_text("".join("\t".join(map(str, bid)) + "\n" for bid in bids), encoding="utf-8")
    raw.compress(plain)


def read(folder: Path) -> list[Recorded]:
    """The recorded bids of a turn. Raises OSError without the file, ValueError for a line that is no bid."""
    bids = []
    for text in gzip.decompress((folder / NAME).read_bytes()).decode().splitlines():
        auction, sequence, request_id = text.split("\t")
        bids.append((int(auction), int(sequence), request_id))
    return bids

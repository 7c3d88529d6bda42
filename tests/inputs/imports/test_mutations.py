"""Damaged files end in a sentence or are read: no traceback, nothing half done, and memory has a bound.

CI reads a share with fixed seeds, `make storm` all of them.
"""

import io
import resource
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from cashticket.extensions import db
from cashticket.models import Auction, Concert, OperatorAct, Seat
from tests.inputs.imports.files import HEADING, SPRING, faults_of, workbook
from tests.inputs.imports.mutations import mutated

SHARE, ALL = 200, 2_000
MEMORY_MAX = 400_000
"""KiB by which the process may grow, however a file is damaged."""


@pytest.fixture
def growth() -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_MAX


def stored() -> list[int]:
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(each)) or 0 for each in (Concert, Auction, OperatorAct)]


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("files", [SHARE, pytest.param(ALL, marks=pytest.mark.trial)])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_damaged_file_ends_in_a_sentence_and_changes_nothing(
    app: Flask, tmp_path: Path, growth: None, files: int
) -> None:
    ends: Counter[str] = Counter()
    for number in range(files):
        name, content = mutated(number)
        (tmp_path / name).write_bytes(content)
        result = app.test_cli_runner().invoke(args=["concert", "import", str(tmp_path / name), "--json"])
        assert result.exit_code in (0, 1) and isinstance(result.exception, SystemExit | None), (number, result.exc_info)
        lines = result.stderr.splitlines()
        ends[f"{name} {'refused' if result.exit_code else 'read'}"] += 1
        if result.exit_code:
            assert lines[-1].startswith("Error: ") and result.stdout == "" and stored() == [0, 0, 0], number
            assert "Traceback" not in result.stderr and len(lines) <= 205, number
        else:
            assert stored()[0] and " auctions added" in lines[-1], number
            for table in (Seat, Auction, Concert, OperatorAct):
                db.session.execute(delete(table))
            db.session.commit()
    print(dict(ends))
    assert len(ends) == 6 and min(ends.values()) >= files / 200, ends


def packed(**parts: bytes) -> bytes:
    """The usual workbook with these bytes behind parts of it, by the last word of their names."""
    with zipfile.ZipFile(io.BytesIO(workbook(HEADING, SPRING))) as archive:
        contents = {name: archive.read(name) for name in archive.namelist()}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content.replace(b"<sheetData>", b"<sheetData>" + parts.get(Path(name).stem, b"")))
    return written.getvalue()


HEAVY = {
    "cells of one row": lambda: packed(sheet1=b'<row r="1">' + b"<c/>" * 790_000 + b"</row>"),
    "cells with all they may have": lambda: packed(
        sheet1=b'<row r="1">' + b'<c r="A1" s="1" t="s"><v>1</v></c>' * 190_000 + b"</row>"
    ),
    "empty rows": lambda: packed(sheet1=b"<row/>" * 790_000),
    "one long text": lambda: packed(sheet1=b'<row r="1"><c t="str"><v>' + b"x" * 25_000_000 + b"</v></c></row>"),
    "nested elements": lambda: packed(sheet1=b"<row>" * 390_000 + b"</row>" * 390_000),
    "separators": lambda: b"," * 5_000_000,
    "lines": lambda: b"a\n" * 2_500_000,
    "quotes": lambda: b'"' * 5_000_000,
    "objects": lambda: b"[" + b"{}," * 1_600_000 + b"{}]",
    "members": lambda: b"[{" + b",".join(b'"%d":1' % number for number in range(400_000)) + b"}]",
    "arrays in arrays": lambda: b"[" * 5_000_000,
    "digits": lambda: b'[{"title": ' + b"9" * 4_900_000 + b"}]",
    "bad bytes": lambda: b"\xff\n" * 2_500_000,
}


@pytest.mark.parametrize("content", HEAVY.values(), ids=HEAVY.keys())
def test_a_file_that_is_made_to_be_heavy_ends_within_bounds(content: object, growth: None) -> None:
    assert callable(content) and faults_of(content())

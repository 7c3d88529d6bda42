"""Files that were good and then met with an accident: bytes, cells and parts of workbooks changed at random."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import datetime

from tests.inputs.imports.files import TERMS, TERMS_HEADING, table, workbook
from tests.inputs.imports.seasons import NASTY

TOKENS = (
    *(
        b"\0",
        b"\xff",
        b"\xfe\xff",
        b'"',
        b"'",
        b",",
        b";",
        b"\t",
        b"\r",
        b"\n",
        b"\r\n",
        b"[",
        b"]",
        b"{",
        b"}",
        b":",
        b"\\",
    ),
    *(
        b"=",
        b"+2d",
        b"-",
        b"null",
        b"true",
        b"1e999",
        b"NaN",
        b"9" * 400,
        b"0.1",
        b"sep=;\n",
        "밤".encode(),
        "밤".encode("cp949"),
    ),
    *(
        b"\xed\xa0\x80",
        b"\\ud800",
        b"\xe2\x80\xae",
        b"\xef\xbb\xbf",
        b"<",
        b">",
        b"&",
        b"</c>",
        b"<v>",
        b"<!DOCTYPE a>",
        b"&#0;",
    ),
    *(
        b't="d"',
        b't="e"',
        b's="99"',
        b'r="XFD1048576"',
        b"1900-01-00",
        b"-5",
        b"2041-02-30",
        b"title",
        "제목".encode(),
        b"a" * 300,
    ),
)
# Long enough that an accident often hits what may be anything.
ABOUT = "봄밤에 강가에서 듣는 노래 " * 40
GOOD = table((*TERMS_HEADING, "설명"), (*TERMS, ABOUT), ("여름밤", *TERMS[1:], ABOUT), ("가을밤", *TERMS[1:], ""))
OBJECTS = json.dumps(
    [dict(zip(TERMS_HEADING, (title, *TERMS[1:]), strict=True)) | {"description": ABOUT} for title in NASTY[:6]],
    ensure_ascii=False,
).encode()


def _workbook(dice: random.Random) -> bytes:
    """A workbook in which cells have other values than they should."""
    values = (None, True, 1.5, 10**20, datetime.fromisoformat("1900-01-01"), "=1+1", *NASTY[:20])
    lines = [list(TERMS_HEADING), *([*TERMS] for _ in range(3))]
    for line in lines[dice.choice([0, 1, 1]) :]:
        for _ in range(dice.choice([0, 0, 0, 0, 1, 3])):
            line[dice.randrange(len(line))] = dice.choice(values)  # type: ignore[call-overload]
    return workbook(*lines)


def _struck(content: bytes, dice: random.Random) -> bytes:
    """The bytes after one accident, or a few."""
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        at, length = dice.randrange(len(content) + 1), dice.choice([1, 1, 1, 2, 8, 60])
        before, hit, after = content[:at], content[at : at + length], content[at + length :]
        changes: tuple[Callable[[], bytes], ...] = (
            lambda before=before, after=after: before + after,
            lambda before=before, hit=hit, after=after: before + dice.choice(TOKENS) + hit + after,
            lambda before=before, after=after: before + dice.choice(TOKENS) + after,
            lambda before=before, hit=hit, after=after: before + hit * dice.choice([2, 50]) + after,
            lambda before=before, hit=hit, after=after: before + bytes(dice.randrange(256) for _ in hit) + after,
            lambda before=before: before or b"x",
            lambda content=content: content + content,
        )
        content = dice.choice(changes)()
    return content


def _struck_part(content: bytes, dice: random.Random) -> bytes:
    """The workbook with one of its parts struck, left out, or given the name of another."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = dice.choice([*parts, "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
    change = dice.random()
    if change < 0.8 and name in parts:
        parts[name] = _struck(parts[name], dice)
    elif change < 0.9:
        parts.pop(name, None)
    else:
        parts[dice.choice(list(parts))] = parts.get(name, b"")
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, part in parts.items():
            archive.writestr(each, part)
    return written.getvalue()


def mutated(number: int) -> tuple[str, bytes]:
    """Name and content of a file, the same for the same number."""
    dice = random.Random(number)
    kind = number % 5
    if kind == 0:
        return "season.json", _struck(OBJECTS, dice)
    if kind == 1:
        return "season.xlsx", _struck_part(_workbook(dice), dice)
    if kind == 2:
        book = _workbook(dice)
        return "season.xlsx", book if dice.random() < 0.7 else _struck(book, dice)
    encoding = dice.choice(["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le"])
    return "season.csv", _struck(GOOD.replace(",", dice.choice(",;\t")).encode(encoding), dice)

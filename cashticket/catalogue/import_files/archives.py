"""Bounds of a workbook's archive, looked at before anything in it is read: a small file may unpack to a huge one."""

import re
import zipfile

from cashticket.catalogue.concerts import NotPublishable

PARTS_MAX = 1_000
UNPACKED_MAX = 30_000_000
"""Bytes of all parts together, unpacked."""
TAGS_MAX = {"xl/worksheets/": 800_000, "xl/sharedStrings": 800_000}
OTHER_TAGS_MAX = 150_000
"""Signs that begin a tag in one part. Rows and texts are read one after the other, the other parts as a whole."""

READ = re.compile(r".*\.(?:xml|rels)", re.IGNORECASE)
PIECE = 1 << 16
DECLARED = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
ENCODING = re.compile(rb"""^\s*<\?xml[^>]*encoding=["']([^"']*)["']""")
STRICT = b"http://purl.oclc.org/ooxml/"
"""What a workbook names that Excel saved as Strict Open XML Spreadsheet, a kind of its own."""
FORMULA = re.compile(rb"<f[ >/]")


def has_formulas(archive: zipfile.ZipFile, name: str) -> bool:
    """Check the bounds, and say whether a sheet has formulas. Raises NotPublishable for what is beyond them."""
    parts = archive.infolist()
    if len(parts) > PARTS_MAX or sum(part.file_size for part in parts) > UNPACKED_MAX:
        raise NotPublishable(
            f"{name} unpacks to more than {UNPACKED_MAX // 1_000_000} MB or {PARTS_MAX:,} parts; copy the table alone "
            "into a new workbook."
        )
    if any(part.flag_bits & 1 for part in parts):
        raise NotPublishable(f"{name} is protected by a password; take that away and try again.")
    formulas = False
    for part in parts:
        if READ.fullmatch(part.filename):
            formulas |= _has_formulas(archive, part, name)
    return formulas


def _has_formulas(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str) -> bool:
    tags_max = next((count for start, count in TAGS_MAX.items() if part.filename.startswith(start)), OTHER_TAGS_MAX)
    tags, formulas, last = 0, False, b""
    with archive.open(part) as opened:
        while piece := opened.read(PIECE):
            if not last and (encoding := ENCODING.match(piece)) and not encoding[1].lower().startswith(b"utf"):
                raise NotPublishable(f"{name} has a part in another encoding than Unicode; save it again in Excel.")
            if STRICT in piece and part.filename == "xl/workbook.xml":
                raise NotPublishable(
                    f"{name} is a strict Open XML spreadsheet; save it in Excel as Excel Workbook (.xlsx)."
                )
            tags += piece.count(b"<")
            around, last = last[-10:] + piece, piece
            if DECLARED.search(around.replace(b"\0", b"")):
                raise NotPublishable(f"{name} has declarations that no workbook has; save it again in Excel.")
            formulas = formulas or FORMULA.search(around) is not None
            if tags > tags_max:
                raise NotPublishable(
                    f"{name} has more cells or formats than can be read; copy the table into a new one."
                )
    return formulas

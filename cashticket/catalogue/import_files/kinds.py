"""What a file is, by its first bytes. Files that cannot be read are named, with what to do instead."""

import io
import zipfile

from cashticket.catalogue.concerts import NotPublishable

ZIP, OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SAVE = "save it as XLSX or CSV and try again"
OTHERS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"RIFF": "a picture",
    b"\x1f\x8b": "packed (gzip)",
    b"7z\xbc\xaf": "packed (7z)",
    b"Rar!": "packed (RAR)",
    b"{\\rtf": "a text document (RTF)",
    b"SQLite format 3\0": "a database",
}
PARTS = {
    "xl/workbook.bin": "a workbook in the binary form of Excel (.xlsb)",
    "word/document.xml": "a document of Word",
    "ppt/presentation.xml": "a presentation",
    "content.xml": "a spreadsheet of OpenDocument (.ods)",
    "Index/Document.iwa": "a spreadsheet of Numbers",
    "Index.zip": "a spreadsheet of Numbers",
    "Contents/content.hpf": "a document of Hangul (.hwpx)",
}


def is_workbook(content: bytes, name: str) -> bool:
    """Whether the content is an XLSX workbook; False for text. Raises NotPublishable for any other kind of file."""
    if not content.strip(b" \t\r\n"):
        raise NotPublishable(
            f"{name} holds no concerts: it is empty, and needs a heading line (title, artist, venue, starts) and rows."
        )
    if content.startswith(OLE):
        raise NotPublishable(f"{name} is {_old_kind(content)}.")
    for start, kind in OTHERS.items():
        if content.startswith(start):
            raise NotPublishable(f"{name} is {kind}; put the concerts into a spreadsheet, {SAVE}.")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        raise NotPublishable(f"{name} is a web page or XML, as some programs call .xls; open it in Excel, {SAVE}.")
    if not content.startswith(ZIP + b"\x03\x04") and not content.startswith(ZIP + b"\x05\x06"):
        return False
    _check_parts(content, name)
    return True


def _old_kind(content: bytes) -> str:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return f"protected by a password; take that away in Excel, {SAVE}"
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return f"a workbook of an old Excel (.xls); {SAVE}"
    return f"a document of an old Office or of Hangul; put the concerts into a spreadsheet, {SAVE}"


def _check_parts(content: bytes, name: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise NotPublishable(f"{name} is a damaged archive or workbook; open it in Excel, {SAVE}.") from error
    if "xl/workbook.bin" not in parts and any(part.startswith("xl/") for part in parts):
        return
    for part, kind in PARTS.items():
        if part in parts:
            raise NotPublishable(f"{name} is {kind}; {SAVE}.")
    raise NotPublishable(f"{name} is an archive (ZIP) and no workbook; unpack it and import the list in it.")

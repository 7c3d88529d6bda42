"""Reads the bytes of a text file: UTF-8, UTF-16 or CP949, by its mark or by what fits. Other bytes are told."""

import re

from cashticket.catalogue.import_files.table import FaultyRows, Tell

# The marks of the four-byte forms begin like those of the two-byte ones.
MARKS = {
    b"\xef\xbb\xbf": "utf-8",
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}
NAMES = {
    "utf-8": "UTF-8",
    "cp949": "CP949 (EUC-KR)",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32",
}
FAULTS_MAX = 200
ZEROS_SHARE = 0.1
"""Without a mark a file is UTF-16 if so many of its two-byte signs have a zero byte on the same side: digits and
separators do."""

LINE_END = re.compile("\r\n|\r|\n")


def text_of(content: bytes, name: str, tell: Tell) -> str:
    """The text of a file called `name`. Tells which encoding was taken, unless it is UTF-8. Raises FaultyRows with
    every place that has other bytes."""
    mark = next((each for each in MARKS if content.startswith(each)), b"")
    encoding = MARKS[mark] if mark else _guessed(content)
    content = content[len(mark) :]
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        raise FaultyRows(name, _bad_bytes(content, encoding, len(mark))) from error
    if encoding != "utf-8":
        tell(f"{name} is read as {NAMES[encoding]}.")
    return text


def _guessed(content: bytes) -> str:
    signs = max(len(content) // 2, 1)
    even, odd = content[0::2].count(0) / signs, content[1::2].count(0) / signs
    if max(even, odd) >= ZEROS_SHARE and min(even, odd) * 4 <= max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    faults = {encoding: _count_faults(content, encoding) for encoding in ("utf-8", "cp949")}
    return min(faults, key=lambda encoding: faults[encoding])


def _count_faults(content: bytes, encoding: str) -> int:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return 1 + content.decode(encoding, "replace").count("\ufffd")
    return 0


def _bad_bytes(content: bytes, encoding: str, before: int) -> list[str]:
    """A fault for each place that is not of the encoding, up to FAULTS_MAX; `before` are the bytes before `content`."""
    faults: list[str] = []
    start = line = position = 0
    while start < len(content) and len(faults) < FAULTS_MAX:
        try:
            content[start:].decode(encoding)
            break
        except UnicodeDecodeError as error:
            first, last = start + error.start, start + error.end
            line, position = _moved(content[start:first].decode(encoding, "replace"), line, position, encoding)
            bad = content[first:last]
            values = " ".join(f"0x{byte:02X}" for byte in bad)
            faults.append(
                f"line {line + 1}, byte {position + 1} (byte {before + first + 1:,} of the file): "
                f"{values} is not {NAMES[encoding]}"
            )
            position += len(bad)
            start = last
    if len(faults) == FAULTS_MAX:
        faults.append("there may be more such bytes")
    return faults


def _moved(text: str, line: int, position: int, encoding: str) -> tuple[int, int]:
    """Lines before, and bytes since the last line end, after `text` is read on."""
    ends = list(LINE_END.finditer(text))
    rest = text[ends[-1].end() :] if ends else text
    return line + len(ends), len(rest.encode(encoding)) + (0 if ends else position)

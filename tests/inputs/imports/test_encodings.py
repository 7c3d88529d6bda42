"""Text files in every encoding that spreadsheets save are read as what they are, and bytes of none are told."""

import codecs

import pytest

from tests.inputs.imports.files import HEADING, SPRING, faults_of, read, table, titles

SEASON = table(HEADING, SPRING, ("가을밤", "BTS·세븐틴", "올림픽홀", "2041-10-10T19:00"))
READ = {
    "UTF-8": (SEASON.encode(), ""),
    "UTF-8 with a mark": (codecs.BOM_UTF8 + SEASON.encode(), ""),
    "UTF-8 with two marks": (codecs.BOM_UTF8 * 2 + SEASON.encode(), ""),
    "CP949": (SEASON.encode("cp949"), "season is read as CP949 (EUC-KR)."),
    "EUC-KR": (SEASON.encode("euc-kr"), "season is read as CP949 (EUC-KR)."),
    "CP949 with letters that EUC-KR has not": (SEASON.replace("봄밤", "똠방").encode("cp949"), "CP949"),
    "UTF-16 of Excel": (SEASON.encode("utf-16"), "season is read as UTF-16."),
    "UTF-16, the other way round": (codecs.BOM_UTF16_BE + SEASON.encode("utf-16-be"), "season is read as UTF-16."),
    "UTF-16 without a mark": (SEASON.encode("utf-16-le"), "season is read as UTF-16."),
    "UTF-16 without a mark, the other way round": (SEASON.encode("utf-16-be"), "season is read as UTF-16."),
    "UTF-16 with tabs, as Excel saves “Unicode text”": (
        SEASON.replace(",", "\t").encode("utf-16"),
        "separated by tabs",
    ),
    "UTF-32": (SEASON.encode("utf-32"), "season is read as UTF-32."),
    "ASCII": (table(HEADING, ("Spring", "The Lanterns", "Hall", SPRING[3])).encode("ascii"), ""),
}
WITH_KOREAN_HEADING = table(("공연명", "출연", "장소", "공연일시"), SPRING)


@pytest.mark.parametrize(("content", "note"), READ.values(), ids=READ.keys())
def test_a_file_is_read_as_what_it_is_and_a_note_says_which(content: bytes, note: str) -> None:
    rows, told = read(content)
    assert rows[0].concert["title"] in ("봄밤", "똠방", "Spring")
    assert note in " ".join(told) and bool(told) == bool(note)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_headings_in_korean_are_read_in_every_encoding(encoding: str) -> None:
    assert titles(WITH_KOREAN_HEADING.encode(encoding)) == ["봄밤"]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "utf-16"])
def test_json_is_read_in_every_encoding(encoding: str) -> None:
    content = '[{"title": "봄밤", "artist": "등불", "venue": "한강홀", "starts": "2041-04-10T19:00"}]'
    assert titles(content.encode(encoding)) == ["봄밤"]


GOOD = SEASON.encode()
FIRST_LINE = len(GOOD.splitlines(keepends=True)[0])
BAD = {
    "one byte of no encoding": (GOOD + b"\xff", "line 4, byte 1 (byte 126 of the file): 0xFF is not UTF-8"),
    "at the start": (b"\xfftitle" + GOOD[5:], "line 1, byte 1 (byte 1 of the file): 0xFF is not UTF-8"),
    "in the second line": (
        GOOD[: FIRST_LINE + 3] + b"\xff\x80" + GOOD[FIRST_LINE + 3 :],
        f"line 2, byte 4 (byte {FIRST_LINE + 4} of the file): 0xFF is not UTF-8",
    ),
    "a letter cut off at the end": (GOOD + "봄".encode()[:2], "0xEB 0xB4 is not UTF-8"),
    "a letter cut off inside": (GOOD.replace("홀".encode(), "홀".encode()[:2], 1), "0xED 0x99 is not UTF-8"),
    "halves of pairs": (GOOD + b"\xed\xa0\x80", "0xED is not UTF-8"),
    "too long a form": (GOOD + b"\xc0\xaf", "0xC0 is not UTF-8"),
    "behind a mark": (codecs.BOM_UTF8 + b"\xb0" + GOOD, "line 1, byte 1 (byte 4 of the file): 0xB0 is not UTF-8"),
    "Korean of CP949 in UTF-8": (codecs.BOM_UTF8 + GOOD + "밤".encode("cp949"), "is not UTF-8"),
    "a byte of no letter in CP949": (SEASON.encode("cp949") + b"\xff", "0xFF is not CP949 (EUC-KR)"),
    "half a sign of UTF-16": (SEASON.encode("utf-16") + b"\x41", "0x41 is not UTF-16"),
    "half a pair of UTF-16": (SEASON.encode("utf-16") + b"\x00\xd8\x41\x00", "line 4, byte 1 "),
    "old Mac lines": (GOOD.replace(b"\r\n", b"\r") + b"\xff", "line 4, byte 1 "),
}


@pytest.mark.parametrize(("content", "fault"), BAD.values(), ids=BAD.keys())
def test_bytes_of_no_encoding_are_told_with_line_and_place(content: bytes, fault: str) -> None:
    assert fault in " / ".join(faults_of(content))


def test_every_place_is_told_and_a_broken_file_has_an_end() -> None:
    content = GOOD.replace(b"\r\n", b"\xff\r\n")
    assert [each.split(" (")[0] for each in faults_of(content)] == [
        "line 1, byte 26",
        "line 2, byte 41",
        "line 3, byte 55",
    ]
    assert len(faults_of(b"title\xff" * 100_000)) == 201

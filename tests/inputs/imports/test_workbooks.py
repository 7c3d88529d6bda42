"""XLSX workbooks: cells as Excel means them, other kinds of files by their name, and bounds that no file breaks."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.xml import DEFUSEDXML

from cashticket.catalogue.import_files import archives, workbooks
from cashticket.catalogue.import_files.table import FaultyRows
from cashticket.catalogue.importing import read_file
from tests.inputs.imports.files import HEADING, SEVEN, SPRING, TERMS_HEADING, faults_of, read, titles, workbook


def at(text: str) -> datetime:
    """A moment without a zone, as cells have them."""
    return datetime.fromisoformat(text)


AT = at("2041-04-10 19:00")
CELLS = ("봄밤", "등불", "한강홀", AT, 20, 100_000, 5_000, at("2041-04-01 12:00"), "+2d")


def with_cell(column: str, value: Any, number_format: str | None = None) -> bytes:
    """The usual workbook with this value in a column."""
    place = TERMS_HEADING.index(column)

    def format_cell(book: Workbook) -> None:
        if number_format:
            book.active.cell(2, place + 1).number_format = number_format

    return workbook(TERMS_HEADING, [*CELLS[:place], value, *CELLS[place + 1 :]], change=format_cell)


def test_a_workbook_is_read_with_its_numbers_and_moments() -> None:
    [row], told = read(workbook(TERMS_HEADING, CELLS))
    assert row.concert["starts_at"] == SEVEN and told == []
    assert row.terms and {**row.terms.fields, "opens": row.terms.opens.isoformat() if row.terms.opens else None} == {
        "seats": 20,
        "minimum": 100_000,
        "step": 5_000,
        "opens": "2041-04-01T03:00:00+00:00",
    }


MEANT = {
    "a whole float": ("minimum", 100_000.0, None, 100_000),
    "a sum of floats": ("minimum", 0.1 * 3 * 1_000_000, None, 300_000),
    "an amount that looks shortened": ("minimum", 150_000, "0.00E+00", 150_000),
    "an amount with won": ("minimum", 150_000, '#,##0"원"', 150_000),
    "an amount as text": ("minimum", "150,000원", None, 150_000),
    "seats as text": ("seats", "20석", None, 20),
    "a title that is a number": ("title", 1984, None, "1984"),
    "a title that is a float": ("title", 19.5, None, "19.5"),
    "a title with a line break of Excel": ("title", "봄_x000D_\n밤", None, "봄 밤"),
    "a guarded title": ("title", "'=LOVE", None, "=LOVE"),
    "a moment as text": ("starts", "2041.04.10(수) 오후 7:00", None, SEVEN),
    "a moment in a Korean format": ("starts", AT, 'yyyy"년" m"월" d"일" h"시"', SEVEN),
    "a moment of which the day is shown": ("starts", AT, "yyyy-mm-dd", SEVEN),
    "midnight that is shown": ("starts", at("2041-04-11 00:00"), "yyyy-mm-dd hh:mm", SEVEN + timedelta(hours=5)),
    "a serial with a format": ("starts", 51601.791666666664, "yyyy-mm-dd hh:mm", SEVEN),
}


@pytest.mark.parametrize(("column", "value", "number_format", "meant"), MEANT.values(), ids=MEANT.keys())
def test_a_cell_is_read_as_excel_means_it(column: str, value: Any, number_format: str | None, meant: Any) -> None:
    [row], _ = read(with_cell(column, value, number_format))
    fields = row.concert | {"starts": row.concert["starts_at"]} | (row.terms.fields if row.terms else {})
    assert fields[column] == meant


TOLD = {
    "a date": ("starts", date(2041, 4, 10), None, "starts: '2041-04-10' has no time of day"),
    "a day shown as one": ("starts", at("2041-04-10 00:00"), "yyyy-mm-dd", "'2041-04-10' has no time of day"),
    "a day with letters": ("starts", at("2041-04-10 00:00"), 'yyyy"h" mm dd', "'2041-04-10' has no time of day"),
    "a time": ("starts", time(19, 0), None, "starts: 19:00:00 is a time without a day; put day and time into one cell"),
    "a serial without a format": ("starts", 51601.791666666664, "0.00", "is the number by which spreadsheets count"),
    "a day serial": ("starts", 51601, "General", "is the number by which spreadsheets count"),
    "another century": ("starts", at("1941-04-10 19:00"), None, "lies in another century"),
    "a span of time": ("closes", timedelta(days=2), "[h]:mm", "is a time without a day"),
    "yes": ("seats", True, None, "seats: TRUE is no text and no number"),
    "a title that is yes": ("title", False, None, "title: FALSE is no text and no number"),
    "an error": ("minimum", "#N/A", None, "minimum: '#N/A' is an error of the spreadsheet"),
    "a part": ("minimum", 0.5, "0%", "minimum: '0.5' has a part of a whole"),
    "below zero": ("minimum", -5, None, "minimum: '-5' is below zero"),
    "a date among numbers": ("seats", at("2041-04-10 00:00"), None, "seats: 2041-04-10 00:00:00 is a date or time"),
    "a date as a title": ("title", AT, None, "title: 2041-04-10 19:00:00 is a date or time"),
    "a huge number": ("minimum", 1.5e20, None, "is shortened by a spreadsheet"),
    "a formula without a value": ("minimum", "=5*2", None, "minimum: a formula has no value; open the file in Excel"),
}


@pytest.mark.parametrize(("column", "value", "number_format", "fault"), TOLD.values(), ids=TOLD.keys())
def test_a_cell_that_means_something_else_is_told(
    column: str, value: Any, number_format: str | None, fault: str
) -> None:
    [told] = faults_of(with_cell(column, value, number_format))
    assert fault in told and told.startswith("row 1 (row 2 of the sheet): ")


def test_a_date_column_and_a_time_column_are_told() -> None:
    content = workbook(["제목", "출연", "장소", "공연일", "공연시간"], [*SPRING[:3], date(2041, 4, 10), time(19, 0)])
    [fault] = faults_of(content)
    assert fault.startswith("heading: '공연일' and '공연시간' stand apart; put day and time into one column")


def with_sheets(book: Workbook) -> None:
    """Notes in front, the season behind, and a hidden sheet."""
    season = book.active
    book.create_sheet("메모", 0).append(["이 시트는 메모입니다", "올가"])
    hidden = book.create_sheet("숨김", 1)
    for line in (HEADING, ("숨은 밤", *SPRING[1:])):
        hidden.append(line)
    hidden.sheet_state = "hidden"
    season.title = "시즌"
    book.create_sheet("작년").append(HEADING)


def test_the_first_sheet_with_a_heading_is_read_and_the_others_are_named() -> None:
    rows, told = read(workbook(HEADING, SPRING, change=with_sheets))
    assert [row.concert["title"] for row in rows] == ["봄밤"]
    assert told == ["season: only the sheet '시즌' is read; not '메모', '숨김', '작년'."]


def with_titles(book: Workbook) -> None:
    sheet = book.active
    sheet.insert_rows(1, 3)
    sheet["A1"] = "2041년 상반기 공연"
    sheet.merge_cells("A1:D1")
    sheet.insert_rows(5)
    sheet.insert_cols(1)
    sheet["C20"] = None


def test_merged_titles_and_empty_rows_and_columns_are_left_out() -> None:
    content = workbook(HEADING, SPRING, ("여름밤", "등불", "강변", "내일"), change=with_titles)
    assert [each.split(":")[0] for each in faults_of(content)] == ["row 2 (row 7 of the sheet)"]


def merged_and_hidden(book: Workbook) -> None:
    for area in ("A2:A3", "B2:B3", "C2:C3", "D2:D3", "F2:F3", "J4:K5"):
        book.active.merge_cells(area)
    book.active.row_dimensions[4].hidden = True


def test_merged_cells_of_a_concert_count_for_each_row_and_hidden_rows_are_told() -> None:
    lines = (TERMS_HEADING, CELLS, ("", "", "", "", 10, 100_000, 5_000, AT, "+2d"), ("가을", *CELLS[1:]))
    told: list[str] = []
    with pytest.raises(FaultyRows) as refused:
        read_file(workbook(*lines, change=merged_and_hidden), "season", told.append)
    assert refused.value.faults == [
        "row 2 (row 3 of the sheet): minimum: is missing, as other terms of an auction are there"
    ]
    assert told == [
        "season: hidden rows are read too: 4 of the sheet.",
        "season: merged cells count for each of their rows: artist, starts, title, venue.",
    ]


def zipped(*parts: tuple[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return written.getvalue()


def with_part(name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The usual workbook in which one part is changed, or added."""
    with zipfile.ZipFile(io.BytesIO(workbook(HEADING, SPRING))) as archive:
        parts = {each: archive.read(each) for each in archive.namelist()}
    return zipped(*(parts | {name: change(parts.get(name, b""))}).items())


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 500
OTHERS = {
    "an old Excel": (OLE + "Workbook".encode("utf-16-le"), "of an old Excel (.xls); save it as XLSX or CSV"),
    "a password": (OLE + "EncryptedPackage".encode("utf-16-le"), "is protected by a password"),
    "an old document": (OLE + "HwpSummary".encode("utf-16-le"), "an old Office or of Hangul"),
    "OpenDocument": (zipped(("mimetype", b"x"), ("content.xml", b"<a/>")), "OpenDocument (.ods)"),
    "Numbers": (zipped(("Index/Document.iwa", b"x")), "of Numbers"),
    "an older Numbers": (zipped(("Index.zip", b"x")), "of Numbers"),
    "the binary form": (zipped(("xl/workbook.bin", b"x")), "(.xlsb)"),
    "Word": (zipped(("word/document.xml", b"<a/>")), "a document of Word"),
    "an archive": (zipped(("season.csv", b"title")), "an archive (ZIP) and no workbook"),
    "an empty archive": (zipped(), "an archive (ZIP) and no workbook"),
    "a web page": (b"\xef\xbb\xbf\n<html><table><tr><td>title", "a web page or XML"),
    "a PDF": (b"%PDF-1.7", "is a PDF"),
    "a picture": (b"\x89PNG\r\n", "is a picture"),
    "half a workbook": (workbook(HEADING, SPRING)[:-200], "a damaged archive or workbook"),
    "no workbook inside": (zipped(("xl/worksheets/sheet1.xml", b"<a/>")), "is no readable workbook"),
    "broken XML": (with_part("xl/workbook.xml", lambda part: part[:-9]), "is no readable workbook"),
    "entities": (
        with_part("xl/sharedStrings.xml", lambda part: b'<!DOCTYPE a [<!ENTITY b "bbbb">]>' + part),
        "has declarations that no workbook has",
    ),
    "another encoding": (
        with_part("xl/workbook.xml", lambda part: b'<?xml version="1.0" encoding="cp037"?>' + part),
        "in another encoding than Unicode",
    ),
    "a bomb": (with_part("xl/worksheets/sheet1.xml", lambda part: part + b" " * 40_000_000), "more than 30 MB"),
    "a bomb beside the sheet": (with_part("docProps/bomb.xml", lambda _: b" " * 40_000_000), "more than 30 MB"),
    "a strict workbook": (
        with_part(
            "xl/workbook.xml",
            lambda part: part.replace(
                b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                b"http://purl.oclc.org/ooxml/spreadsheetml/main",
            ),
        ),
        "is a strict Open XML spreadsheet; save it in Excel as Excel Workbook",
    ),
    "many tags": (with_part("xl/styles.xml", lambda part: part + b"<a/>" * 200_000), "more cells or formats"),
    "many parts": (zipped(*((f"xl/{number}.xml", b"") for number in range(1_001))), "1,000 parts"),
}


@pytest.mark.parametrize(("content", "sentence"), OTHERS.values(), ids=OTHERS.keys())
def test_a_file_that_cannot_be_read_is_named_with_what_to_do(content: bytes, sentence: str) -> None:
    [told] = faults_of(content)
    assert told.startswith("season ") and sentence in told


def test_macros_and_links_to_other_files_are_not_followed() -> None:
    with_macro = with_part("xl/vbaProject.bin", lambda _: b"\xd0\xcf macro")
    assert titles(with_macro) == ["봄밤"]
    assert titles(with_part("xl/externalLinks/externalLink1.xml", lambda _: b"<broken")) == ["봄밤"]


def test_rows_far_below_cost_nothing_and_many_rows_are_refused() -> None:
    def far_below(book: Workbook) -> None:
        book.active["A1048576"] = "합계"

    assert faults_of(workbook(HEADING, SPRING, change=far_below)) == [
        "row 2 (row 1048576 of the sheet): is a row of totals and no concert; take it out"
    ]
    assert "at most 5000" in faults_of(workbook(HEADING, *[SPRING] * 5_100))[0]
    assert "more than 200 columns" in faults_of(workbook([*HEADING, *[""] * 300, "x"], SPRING))[0]


def test_cells_that_a_file_leaves_out_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbooks, "CELLS_MAX", 5_000)
    last_column = b"".join(b'<row r="%d"><c r="XFD%d"/></row>' % (row, row) for row in range(3, 5))
    content = with_part(
        "xl/worksheets/sheet1.xml", lambda part: part.replace(b"</sheetData>", last_column + b"</sheetData>")
    )
    merged = b"</sheetData><mergeCells>" + b'<mergeCell ref="A2:A9"/>' * 6_000 + b"</mergeCells>"
    for heavy in (content, with_part("xl/worksheets/sheet1.xml", lambda part: part.replace(b"</sheetData>", merged))):
        assert faults_of(heavy) == ["season has more cells than can be read; copy the table into a new workbook."]


def test_a_row_whose_number_has_no_end_ends() -> None:
    content = with_part("xl/worksheets/sheet1.xml", lambda part: part.replace(b'r="2"', b'r="900000000000000"'))
    assert faults_of(content)


def test_xml_is_read_by_what_refuses_bombs() -> None:
    assert DEFUSEDXML and archives.UNPACKED_MAX == 30_000_000

"""`flask concert import`: many concerts, posters and auctions from one file."""

from collections.abc import Sequence
from pathlib import Path

import click

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.import_files.table import BYTES_MAX, FaultyRows
from cashticket.catalogue.import_hints import hints_of
from cashticket.catalogue.import_posters import keep_posters
from cashticket.catalogue.import_rows import ImportRow
from cashticket.catalogue.import_storing import Imported
from cashticket.catalogue.importing import StoppedHalfway, read_file, store
from cashticket.catalogue.publishing import first_store
from cashticket.catalogue.stored_posters import stored_posters
from cashticket.cli.concert_output import concert_data
from cashticket.cli.import_preview import preview, print_preview
from cashticket.cli.options import operator_option
from cashticket.cli.output import Data, command, json_option, print_many
from cashticket.cli.progress import walk
from cashticket.ledger.operator_acts import record_alone
from cashticket.models import Auction, Concert
from cashticket.models.columns import utcnow
from cashticket.models.operator_acts import Act
from cashticket.typed.text import shown_line
from cashticket.wiring import current_engine, current_settings
from cashticket.work import identity_terms
from cashticket.work.choosing_stores import StoreChoice
from cashticket.work.publishing import open_imported, store_now

SENTENCES_MAX = 200
COLUMNS = ("id", "title", "artist", "venue", "starts_at", "auctions")


@command("import", example="concert import season.csv --dry-run")
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything and print what would be published; add nothing.")
@operator_option
@json_option
def import_file(file: Path, dry_run: bool, operator: str, as_json: bool) -> None:
    """Add the concerts of an XLSX, CSV or JSON file, with their auctions: all of them or none.

    Columns: title, artist, venue, starts; optional title_en, artist_en, venue_en, cancel_until, genre, city, age_limit,
    description, poster (a picture beside the file), organiser. For an auction also: seats, minimum, step, opens,
    closes; optional soft_close, soft_close_cap, pricing, identity, maximum, purchase_hours, offer_hours, zone, view,
    benefits, face_price, rows. They mean the same as the options of `concert add` and `auction add`. Korean headings
    such as 공연명, 공연일시 or 최저가(원) are read too.

    Faults are printed by row, at most 200; the first row below the heading is row 1. Hints name prices that may be
    slips and change nothing. Concerts and auctions that are stored already stay as they are, so a file may be imported
    again, and so may what `concert list` prints.

    \b
    season.csv:
      title,artist,venue,starts,seats,minimum,step,opens,closes
      Spring Night,The Lanterns,Han River Hall,2027-04-10T19:00,20,100000,5000,2027-04-01T12:00,+2d
      Summer Night,The Lanterns,Han River Hall,2027-07-10T19:00,,,,,
    """
    try:
        rows, imported = _import(file, dry_run)
    except FaultyRows as error:
        # A single one is in the last line anyway.
        _tell_all(error.faults if len(error.faults) > 1 else [], "faults")
        raise
    if not dry_run:
        _publish(imported, file, operator)
    _print(imported, rows, dry_run, as_json)


def _import(file: Path, dry_run: bool) -> tuple[list[ImportRow], Imported]:
    name = shown_line(file.name)
    rows = read_file(_content(file), name, _tell, identity_terms.usual())
    identity_terms.check_rows(rows, name)
    _tell_all([f"Hint: {hint.sentence}" for hint in hints_of(rows)], "hints")
    # A file without auctions needs no live store.
    now = store_now(current_engine()) if any(row.terms for row in rows) else utcnow()
    stems = stored_posters(rows, current_settings().posters, _tell)
    if not dry_run and any(row.poster for row in rows):
        # Posters take long and are kept before the rows are, so faults of the rows are told before.
        store(rows, stems, name, now, dry=True)
    folder = None if dry_run else current_settings().posters
    stems |= keep_posters(rows, name, file.parent, folder, walk)
    has_auctions = any(row.terms for row in rows)
    choice = StoreChoice(current_engine(), current_settings().retiring_stores).of_next if has_auctions else first_store
    imported = store(rows, stems, name, now, dry=dry_run, store_of=choice)
    _tell_all([f"Note: {note}." for note in imported.notes], "notes")
    return rows, imported


def _tell(sentence: str) -> None:
    click.echo(sentence, err=True)


def _tell_all(sentences: Sequence[str], what: str) -> None:
    """Print the first SENTENCES_MAX of them, and how many there are."""
    for sentence in sentences[:SENTENCES_MAX]:
        click.echo(sentence, err=True)
    if len(sentences) > SENTENCES_MAX:
        more = len(sentences) - SENTENCES_MAX
        click.echo(f"… and {more:,} more {what}, {len(sentences):,} in all", err=True)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(BYTES_MAX + 1)
    except OSError as error:
        raise NotPublishable(f"{shown_line(str(file))} cannot be read: {error.strerror}.") from error


def _publish(imported: Imported, file: Path, operator: str) -> None:
    # Before they are opened: whoever completes an import that was interrupted adds nothing any more.
    if imported.concerts or imported.auctions_added:
        facts = {
            "concerts": [concert.id for concert in imported.concerts],
            "auctions": [auction.id for auction in imported.new],
        }
        record_alone(operator, Act.CONCERT_IMPORT, shown_line(file.name)[:80], facts=facts)
    try:
        open_imported(current_engine(), imported, walk)
    except StoppedHalfway as error:
        raise click.ClickException(str(error)) from error


def _print(imported: Imported, rows: Sequence[ImportRow], dry_run: bool, as_json: bool) -> None:
    if dry_run and not as_json:
        print_preview(imported)
    else:
        data = (
            preview(imported, hints_of(rows)) if dry_run else [_data(each, imported.new) for each in imported.concerts]
        )
        if as_json or data:
            print_many(data, COLUMNS, as_json, none="")
    already = f"; {imported.concerts_known} of them were there already" if imported.concerts_known else ""
    verb = "would be added; times are in Seoul" if dry_run else "added"
    click.echo(
        f"{len(rows)} rows: {len(imported.concerts)} concerts and {imported.auctions_added} auctions {verb}{already}.",
        err=True,
    )


def _data(concert: Concert, auctions: Sequence[Auction]) -> Data:
    return concert_data(concert, [auction.id for auction in auctions if auction.concert_id == concert.id])

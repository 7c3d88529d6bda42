"""`flask auction export`: the order of an auction, as CSV or JSON, by alias; names only for a reason that is kept."""

from collections.abc import Iterator, Sequence

import click

from cashticket.cli.auction.losses import losses_of, sentences_of
from cashticket.cli.options import operator_option
from cashticket.cli.output import ID, Data, command, json_option, print_streamed
from cashticket.ledger import queries
from cashticket.locale import iso
from cashticket.models import Auction
from cashticket.spreadsheet import print_csv
from cashticket.wiring import current_engine
from cashticket.work import exporting
from cashticket.work.exporting import Export, NotExportable, Row

COLUMNS = ("rank", "alias", "amount", "sequence", "winning", "seat", "price", "award")
PROGRESS_ROWS = 10_000
PERSONAL = ("person_id", "name", "email", "phone")


@command("export", example="auction export 3 > auction-3.csv")
@click.argument("auction_id", metavar="ID", type=ID)
@click.option("--with-people", is_flag=True, help="Add names and addresses; needs --why, which is kept.")
@click.option("--why", default="", help="What the names are needed for.")
@operator_option
@json_option
def export(auction_id: int, with_people: bool, why: str, operator: str, as_json: bool) -> None:
    """Write the final order, or the present one while bidding goes on: CSV for spreadsheets, or JSON.

    Rows are written as they are read. A running order moves meanwhile: nobody appears twice, and whoever bids or raises
    while it is read may be missing. JSON says how many bids came in (bids_meanwhile), as does standard error.

    Numbers that were given up, bids that were answered and could not be kept, and standings that were withdrawn are in
    the JSON (gaps, given_up_bids, withdrawals) and on standard error.

    Bidders appear under their aliases of the concert. An export with names is recorded with the operator and reason.

    \b
    With names:
      flask --app wsgi auction export 3 --with-people --why 'list for the entrance' > guests.csv
    """
    auction = queries.auction(auction_id)
    if auction is None:
        raise NotExportable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    # Before anything is written: a reason that cannot be kept gives no names.
    head, export = _head(auction) | losses_of(auction), exporting.export_of(current_engine(), auction)
    if export.lost:
        click.echo(f"The live store does not know auction {auction_id}; this is the ledger's order.", err=True)
    if with_people:
        export = exporting.with_people(auction_id, export, why.strip(), operator)
    columns = COLUMNS + PERSONAL if with_people else COLUMNS
    _print(head, export, columns, as_json=as_json)


def _print(head: Data, export: Export, columns: Sequence[str], *, as_json: bool) -> None:
    rows = ({name: row[name] for name in columns} for row in _with_progress(export))
    if as_json:
        print_streamed(head | _facts(export), "lines", rows, lambda: _moved(head["id"], export))
    else:
        print_csv(rows, columns)
        _moved(head["id"], export)
    for sentence in sentences_of(head):
        click.echo(f"{sentence[0].upper()}{sentence[1:]}.", err=True)


def _with_progress(export: Export) -> Iterator[Row]:
    """The rows, with a line on standard error for every PROGRESS_ROWS of them."""
    for number, row in enumerate((row for rows in export.windows for row in rows), 1):
        yield row
        if number % PROGRESS_ROWS == 0:
            click.echo(f"{number:,} of {export.bidders:,} rows", err=True)


def _head(auction: Auction) -> Data:
    return {
        "id": auction.id,
        "concert_id": auction.concert_id,
        "concert": auction.concert.title,
        "seats": auction.seats,
        "ends_at": iso(auction.ends_at),
    }


def _facts(export: Export) -> Data:
    return {"state": export.state, "final": export.final, "cutoff": export.cutoff, "sequence": export.sequence}


def _moved(auction_id: int, export: Export) -> Data:
    """Say how many bids came in while the order was read: people who bid meanwhile may be missing."""
    if export.final or export.lost:
        return {}
    moved = current_engine().read(auction_id).sequence - export.sequence
    if moved:
        click.echo(
            f"The order moved while it was read: {moved:,} bids came in, and their bidders may be missing. Nobody "
            "appears twice. Export again after the end for the final order.",
            err=True,
        )
    return {"bids_meanwhile": moved}


commands = (export,)

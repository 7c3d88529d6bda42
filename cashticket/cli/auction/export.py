"""`flask auction export`: the order of an auction, as CSV or JSON, by alias; names only for a reason that is kept."""

import click

from cashticket.auction import rules
from cashticket.cli.options import operator_option
from cashticket.cli.output import ID, Data, command, json_option, print_one
from cashticket.cli.spreadsheet import print_csv
from cashticket.ledger import queries
from cashticket.locale import iso
from cashticket.models import Auction
from cashticket.wiring import current_engine
from cashticket.work import exporting
from cashticket.work.exporting import ExportedOrder, NotExportable

COLUMNS = ("rank", "alias", "amount", "sequence", "winning", "seat", "price", "award")
PERSONAL = ("person_id", "name", "email", "phone")


@command("export", example="auction export 3 > auction-3.csv")
@click.argument("auction_id", metavar="ID", type=ID)
@click.option("--with-people", is_flag=True, help="Add names and addresses; needs --why, which is kept.")
@click.option("--why", default="", help="What the names are needed for.")
@operator_option
@json_option
def export(auction_id: int, with_people: bool, why: str, operator: str, as_json: bool) -> None:
    """Write the final order, or the present one while bidding goes on: CSV for spreadsheets, or JSON.

    Bidders appear under their aliases of this auction. An export with names is recorded with the operator and reason.

    \b
    With names:
      flask --app wsgi auction export 3 --with-people --why 'list for the entrance' > guests.csv
    """
    auction = queries.auction(auction_id)
    if auction is None:
        raise NotExportable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    order = exporting.order_of(current_engine(), auction)
    if order.lost:
        click.echo(f"The live store does not know auction {auction.id}; this is the ledger's order.", err=True)
    rows = exporting.rows_of(auction, order)
    if with_people:
        rows = exporting.with_people(auction_id, rows, why.strip(), operator)
    columns = COLUMNS + PERSONAL if with_people else COLUMNS
    rows = [{name: row[name] for name in columns} for row in rows]
    if as_json:
        print_one(_head(auction, order) | {"lines": rows}, True)
    else:
        print_csv(rows, columns)


def _head(auction: Auction, order: ExportedOrder) -> Data:
    return {
        "id": auction.id,
        "concert_id": auction.concert_id,
        "concert": auction.concert.title,
        "state": order.state,
        "final": order.final,
        "seats": auction.seats,
        "ends_at": iso(auction.ends_at),
        "cutoff": rules.cutoff(order.ranked, auction.seats, auction.minimum),
    }


commands = (export,)

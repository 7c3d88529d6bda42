"""`flask auction export`: the order of an auction, as CSV or JSON, by alias; people only for a reason that is kept."""

from dataclasses import dataclass
from typing import Any

import click
from sqlalchemy import select

from cashticket.auction import rules
from cashticket.auction.aliases import alias
from cashticket.auction.values import RankedBid
from cashticket.catalogue.concerts import NotPublishable
from cashticket.cli.options import operator_option
from cashticket.cli.output import ID, Data, command, json_option, print_one
from cashticket.cli.spreadsheet import print_csv
from cashticket.engine.interface import UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.operator_acts import record_alone
from cashticket.locale import iso
from cashticket.models import Auction, Person
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject
from cashticket.wiring import current_engine

COLUMNS = ("rank", "alias", "amount", "sequence", "winning", "seat", "price", "award")
PERSONAL = ("person_id", "name", "email", "phone")
# A statement takes a limited number of values.
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _Order:
    """Standings best first; `final` once nothing can change them."""

    state: str
    standings: list[RankedBid]
    final: bool


@command("export", example="auction export 3 > auction-3.csv")
@click.argument("auction_id", metavar="ID", type=ID)
@click.option("--with-people", is_flag=True, help="Add names and addresses; needs --why, which is kept.")
@click.option("--why", default="", help="What the names are needed for.")
@operator_option
@json_option
def export(auction_id: int, with_people: bool, why: str, operator: str, as_json: bool) -> None:
    """Write the final order, or the present one while bidding goes on: CSV for spreadsheets, or JSON.

    Bidders appear under their aliases of this auction. Whoever asks for names is kept with the reason.

    \b
    With names:
      flask --app wsgi auction export 3 --with-people --why 'list for the entrance' > guests.csv
    """
    auction = queries.auction(auction_id)
    if auction is None:
        raise NotPublishable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    order = _order(auction)
    lines = _lines(auction, order)
    columns: tuple[str, ...] = COLUMNS
    if with_people:
        _account_for(auction_id, len(lines), operator, why.strip())
        lines, columns = _named(lines), COLUMNS + PERSONAL
    lines = [{name: line[name] for name in columns} for line in lines]
    if as_json:
        print_one(_head(auction, order) | {"lines": lines}, True)
    else:
        print_csv(lines, columns)


def _head(auction: Auction, order: _Order) -> Data:
    return {
        "id": auction.id,
        "concert_id": auction.concert_id,
        "concert": auction.concert.title,
        "state": order.state,
        "final": order.final,
        "seats": auction.seats,
        "ends_at": iso(auction.ends_at),
        "cutoff": rules.cutoff(order.standings, auction.seats, auction.minimum),
    }


def _order(auction: Auction) -> _Order:
    """From the ledger once it is over; until then as the live store has it, or the ledger if the store lost it."""
    if not auction.state.is_end:
        try:
            state = current_engine().read(auction.id).state
            return _Order(state, current_engine().order(auction.id), final=False)
        except UnknownAuction:
            click.echo(f"The live store does not know auction {auction.id}; this is the ledger's order.", err=True)
    return _Order(auction.state, queries.final_order(auction.id), final=auction.state.is_end)


def _lines(auction: Auction, order: _Order) -> list[dict[str, Any]]:
    results = {line.person: line for line in queries.results(auction.id)}
    lines = []
    for rank, standing in enumerate(order.standings, 1):
        result = results.get(standing.person)
        lines.append(
            {
                "rank": rank,
                "alias": alias(auction.alias_salt, auction.id, standing.person),
                "amount": standing.amount,
                "sequence": standing.sequence,
                "winning": rules.is_winning(rank, auction.seats),
                "seat": result.seat if result else None,
                "price": result.price if result else None,
                "award": result.awarded if result else None,
                "person_id": standing.person,
            }
        )
    return lines


def _named(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    people: dict[int, dict[str, Any]] = {}
    for start in range(0, len(lines), AT_ONCE):
        ids = [line["person_id"] for line in lines[start : start + AT_ONCE]]
        found = db.session.execute(select(Person.id, Person.name, Person.email, Person.phone).where(Person.id.in_(ids)))
        people |= {row.id: {"name": row.name, "email": row.email, "phone": row.phone} for row in found}
    return [line | people[line["person_id"]] for line in lines]


def _account_for(auction_id: int, count: int, operator: str, why: str) -> None:
    """Before anybody's name is shown: who asked, and what for."""
    if not 1 <= len(why) <= WHY_MAX:
        raise NotPublishable(f"Names are given for a reason that is kept: add --why, in 1 to {WHY_MAX} characters.")
    record_alone(operator, Act.AUCTION_EXPORT, auction_subject(auction_id), why, {"people": count})


commands = (export,)

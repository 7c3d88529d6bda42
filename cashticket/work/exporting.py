"""The order of an auction for operators, by alias; with names only for a reason that is recorded."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from cashticket.auction import rules
from cashticket.auction.aliases import alias
from cashticket.auction.values import RankedBid, State
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.engine.windows import whole_order
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.ledger import award_queries, queries
from cashticket.ledger.operator_acts import record_alone
from cashticket.models import Auction, Person
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject

# A statement takes a limited number of values.
AT_ONCE = 500


class NotExportable(OperatorError):
    """The order is not exported."""


@dataclass(frozen=True, slots=True)
class ExportedOrder:
    """Ranked bids, best first. `final`: nothing can change them. `lost`: the ledger stands in for the live store."""

    state: State
    ranked: list[RankedBid]
    final: bool
    lost: bool = False


def order_of(engine: Engine, auction: Auction) -> ExportedOrder:
    """Return the ledger's order once the auction is over; until then the live store's, or the ledger's if it is lost.

    Raises StoreUnavailable and OutcomeUnknown.
    """
    if not auction.state.is_end:
        try:
            return ExportedOrder(engine.read(auction.id).state, list(whole_order(engine, auction.id)), final=False)
        except UnknownAuction:
            return ExportedOrder(auction.state, queries.final_order(auction.id), final=False, lost=True)
    return ExportedOrder(auction.state, queries.final_order(auction.id), final=True)


def rows_of(auction: Auction, order: ExportedOrder) -> list[dict[str, Any]]:
    """Return a row for each ranked bid, with alias, result and `person_id`. Amounts are in won."""
    results = {result.person: result for result in queries.results(auction.id)}
    rows = []
    for rank, bid in enumerate(order.ranked, 1):
        result = results.get(bid.person)
        rows.append(
            {
                "rank": rank,
                "alias": alias(auction.alias_salt, auction.id, bid.person),
                "amount": bid.amount,
                "sequence": bid.sequence,
                "winning": rules.is_winning(rank, auction.seats),
                "seat": result.seat if result else None,
                "price": result.price if result else None,
                "award": result.awarded if result else None,
                "person_id": bid.person,
            }
        )
    return rows


def with_people(auction_id: int, rows: list[dict[str, Any]], why: str, operator: str) -> list[dict[str, Any]]:
    """Return the rows with name, email and phone, after recording the act. Raises NotExportable without a reason.

    Whoever was awarded a seat appears under the name that the award was made for.
    """
    if not 1 <= len(why) <= WHY_MAX:
        raise NotExportable(f"Names are given for a reason that is kept: add --why, in 1 to {WHY_MAX} characters.")
    record_alone(operator, Act.AUCTION_EXPORT, auction_subject(auction_id), why, {"people": len(rows)})
    people: dict[int, dict[str, Any]] = {}
    for start in range(0, len(rows), AT_ONCE):
        ids = [row["person_id"] for row in rows[start : start + AT_ONCE]]
        query = select(Person.id, Person.name, Person.email, Person.phone).where(Person.id.in_(ids))
        people |= {
            person.id: {"name": person.name, "email": person.email, "phone": person.phone}
            for person in db.session.execute(query)
        }
    awarded = {
        person_id: {"name": name} for person_id, name in award_queries.names(auction_id).items() if name is not None
    }
    return [row | people[row["person_id"]] | awarded.get(row["person_id"], {}) for row in rows]

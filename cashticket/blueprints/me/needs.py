"""What needs the reader now: seats to buy, and auctions in which they were pushed out and can still win. Pages that are
the same for everybody load it after themselves.
"""

from flask import Blueprint, render_template

from cashticket.blueprints.me import my_auctions
from cashticket.blueprints.me.holdings import holders_now, holding_of
from cashticket.blueprints.request.identity import present_person
from cashticket.blueprints.request.reading_copy import read_own
from cashticket.ledger import person_queries
from cashticket.models import Person

blueprint = Blueprint("needs", __name__, url_prefix="/me/needs")

OFFERS_SHOWN, AUCTIONS_ASKED = 5, 10
"""Beyond that my page has the rest."""


@blueprint.get("")
def needs() -> str:
    """The piece; empty for anonymous visitors, and when nothing needs the reader. At most three SQL statements, four
    while they are out."""
    reader = present_person()
    if reader is None:
        return render_template("me/_needs.html", out=[], to_buy=[], are_all=True)
    return read_own(lambda: _needs_of(reader))


def _needs_of(reader: Person) -> str:
    # First: it notes whether the live store answers, and then nothing else waits for it.
    out, are_all = my_auctions.needing(reader, AUCTIONS_ASKED)
    now = holders_now()
    to_buy = [holding_of(award, now) for award in person_queries.offers_to(reader.id, now, OFFERS_SHOWN)]
    return render_template("me/_needs.html", out=out, to_buy=to_buy, are_all=are_all)

"""My page: what needs me now, my tickets and places in line, my bids. For the signed-in alone."""

from dataclasses import dataclass

from flask import Blueprint, render_template

from cashticket.blueprints.awards import award_context
from cashticket.blueprints.identity import present_person, signed_in_page
from cashticket.blueprints.outcomes import Outcome, outcome_of
from cashticket.engine.interface import OutcomeUnknown, Place, StoreUnavailable, UnknownAuction
from cashticket.ledger import queries
from cashticket.models import Auction, Person, RecordedBid
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine

blueprint = Blueprint("me", __name__, url_prefix="/me")

FINAL = ("settled", "voided")
WITHOUT_AWARD = ("in_line", "passed_over")
AUCTIONS_SHOWN = 30


@dataclass(frozen=True, slots=True)
class MyAuction:
    """An auction one bid in: the recorded bids, and the place now or, once final, the outcome. Either may be None."""

    auction: Auction
    bids: tuple[RecordedBid, ...]
    place: Place | None
    outcome: Outcome | None


@blueprint.get("")
@signed_in_page
def overview() -> str:
    """What needs me now, and the ways to everything else."""
    person = _me()
    now = utcnow()
    awards = [award_context(award, now) for award in queries.tickets_of(person.id)]
    running = [each for each in _my_auctions(person) if each.outcome is None]
    to_buy = sum(1 for award in awards if award["may_buy"])
    return render_template("me/overview.html", person=person, to_buy=to_buy, tickets=len(awards), running=running)


@blueprint.get("/tickets")
@signed_in_page
def tickets() -> str:
    """Awards and offers with what may be done about each, and the places in line."""
    person = _me()
    now = utcnow()
    awards = [award_context(award, now) for award in queries.tickets_of(person.id)]
    finished = [each for each in _my_auctions(person) if each.outcome and each.outcome.kind in WITHOUT_AWARD]
    return render_template("me/tickets.html", awards=awards, waiting=finished)


@blueprint.get("/bids")
@signed_in_page
def bids() -> str:
    """Every auction I bid in, with all my recorded bids."""
    return render_template("me/bids.html", auctions=_my_auctions(_me()))


def _me() -> Person:
    person = present_person()
    assert person is not None
    return person


def _my_auctions(person: Person) -> list[MyAuction]:
    return [_my_auction(auction, person.id) for auction in queries.auctions_bid_in(person.id)[:AUCTIONS_SHOWN]]


def _my_auction(auction: Auction, person_id: int) -> MyAuction:
    final = auction.state in FINAL
    bids_there = tuple(queries.bids_of(auction.id, person_id))
    outcome = outcome_of(auction, person_id) if final else None
    return MyAuction(auction, bids_there, None if final else _place(auction.id, person_id), outcome)


def _place(auction_id: int, person_id: int) -> Place | None:
    try:
        return current_engine().place(auction_id, person_id)
    except (UnknownAuction, StoreUnavailable, OutcomeUnknown):
        # My bids are in the ledger; the page is worth showing without the rank of this second.
        return None

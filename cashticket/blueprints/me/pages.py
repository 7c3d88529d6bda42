"""My page: what needs a decision now, tickets and positions in line, bids. Nothing here changes anything."""

from flask import Blueprint, abort, render_template, request

from cashticket.auction.values import AwardState
from cashticket.blueprints.me import my_auctions
from cashticket.blueprints.me.holdings import holders_now, holding_of
from cashticket.blueprints.request.identity import present_person, signed_in_page
from cashticket.blueprints.request.reading_copy import reads_copy_of_own
from cashticket.ledger import person_queries
from cashticket.models import Person
from cashticket.models.columns import utcnow

blueprint = Blueprint("me", __name__, url_prefix="/me")

FINISHED_SHOWN, GIVEN_UP_SHOWN = 10, 50
PAGES_MAX = 1000


@blueprint.get("")
@signed_in_page
@reads_copy_of_own
def overview() -> str:
    """Seats to buy first, then running auctions, tickets for concerts to come, and links to the rest."""
    person = _me()
    # First: it notes whether the live store answers, and then nothing else waits for it.
    running = my_auctions.running(person, utcnow())
    now = holders_now()
    holdings = [holding_of(award, now) for award in person_queries.tickets_of(person.id)]
    tickets = [holding for holding in holdings if holding.award.state is AwardState.BOUGHT]
    return render_template(
        "me/overview.html",
        person=person,
        to_buy=[holding for holding in holdings if holding.may_buy],
        coming=[ticket for ticket in tickets if ticket.award.auction.concert.starts_at > now],
        running=running,
        waiting=len(my_auctions.in_line(person.id, now)),
        tickets=len(tickets),
        # Bids that are not recorded yet count as well.
        bid_in=person_queries.count_auctions(person.id) + sum(not each.bids for each in running),
    )


@blueprint.get("/running")
@signed_in_page
def running() -> str:
    """The unfinished auctions the reader bid in, as they stand now. Two SQL statements, three while they are out."""
    return render_template("me/_running.html", running=my_auctions.running(_me(), utcnow()))


@blueprint.get("/tickets")
@signed_in_page
@reads_copy_of_own
def tickets() -> str:
    """Every award with its forms and the story of its seat, and the positions in line."""
    person, now = _me(), holders_now()
    awards = person_queries.tickets_of(person.id)
    stories = person_queries.seat_histories(awards)
    holdings = [holding_of(award, now, stories[award.id]) for award in awards]
    return render_template(
        "me/tickets.html",
        holdings=sorted(holdings, key=lambda holding: holding.urgency),
        waiting=my_auctions.in_line(person.id, now),
    )


@blueprint.get("/bids")
@signed_in_page
@reads_copy_of_own
def bids() -> str:
    """Every auction the reader bid in: the running ones, then the finished ones page by page, latest first.
    The first page also has the answered bids that could not be kept."""
    person, page, now = _me(), _page_number(), utcnow()
    finished = my_auctions.finished(person.id, now, FINISHED_SHOWN + 1, (page - 1) * FINISHED_SHOWN)
    return render_template(
        "me/bids.html",
        running=my_auctions.running(person, now) if page == 1 else [],
        finished=finished[:FINISHED_SHOWN],
        given_up=person_queries.given_up_bids_of(person.id, GIVEN_UP_SHOWN) if page == 1 else [],
        page=page,
        older=page + 1 if len(finished) > FINISHED_SHOWN else None,
    )


def _me() -> Person:
    person = present_person()
    assert person is not None, "signed_in_page lets nobody else through"
    return person


def _page_number() -> int:
    """The number of the requested page, from 1. 404 for anything else."""
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= PAGES_MAX:
        abort(404)
    return int(text)

"""My page: what needs me now, my tickets and places in line, my bids. A look changes nothing."""

from typing import Any

from flask import Blueprint, abort, render_template, request

from cashticket.auction.values import AwardState
from cashticket.blueprints.me import my_auctions
from cashticket.blueprints.me.awards import award_context
from cashticket.blueprints.request.identity import present_person, signed_in_page
from cashticket.ledger import person_queries, queries
from cashticket.models import Award, Person
from cashticket.models.columns import utcnow

blueprint = Blueprint("me", __name__, url_prefix="/me")

FINISHED_SHOWN = 10
PAGES_MAX = 1000


@blueprint.get("")
@signed_in_page
def overview() -> str:
    """What needs me now on top, then where I bid and what I hold, and the ways to everything else."""
    person, now = _me(), utcnow()
    awards = [award_context(award, now) for award in queries.tickets_of(person.id)]
    running = my_auctions.running(person.id, now)
    held = [each for each in awards if each["award"].state is AwardState.BOUGHT]
    return render_template(
        "me/overview.html",
        person=person,
        to_buy=[each for each in awards if each["may_buy"]],
        coming=[each for each in held if each["award"].auction.concert.starts_at > now],
        running=running,
        waiting=len(my_auctions.in_line(person.id, now)),
        tickets=len(held),
        # Bids that the ledger does not have yet count, too.
        bid_in=person_queries.count_auctions(person.id) + sum(not each.bids for each in running),
    )


@blueprint.get("/tickets")
@signed_in_page
def tickets() -> str:
    """Awards and offers with what may be done about each and how each seat came here, and the places in line."""
    person, now = _me(), utcnow()
    awards = queries.tickets_of(person.id)
    shown = sorted((award_context(award, now) for award in awards), key=_urgency)
    return render_template(
        "me/tickets.html",
        awards=shown,
        stories=person_queries.seat_stories(awards),
        waiting=my_auctions.in_line(person.id, now),
    )


@blueprint.get("/bids")
@signed_in_page
def bids() -> str:
    """Every auction I bid in: the running ones, then the finished ones page by page, the latest first."""
    person, page, now = _me(), _page_number(), utcnow()
    finished = my_auctions.finished(person.id, FINISHED_SHOWN + 1, (page - 1) * FINISHED_SHOWN)
    return render_template(
        "me/bids.html",
        running=my_auctions.running(person.id, now) if page == 1 else [],
        finished=finished[:FINISHED_SHOWN],
        page=page,
        now=now,
        older=page + 1 if len(finished) > FINISHED_SHOWN else None,
    )


def _me() -> Person:
    person = present_person()
    assert person is not None, "signed_in_page has looked"
    return person


def _urgency(shown: dict[str, Any]) -> int:
    """What can be bought now comes first, then tickets, then what is over."""
    award: Award = shown["award"]
    return 0 if shown["may_buy"] else 1 if award.state is AwardState.BOUGHT else 2


def _page_number() -> int:
    """The page asked for, from 1; 404 for what is no such number."""
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or len(text) > 4 or not 1 <= int(text) <= PAGES_MAX:
        abort(404)
    return int(text)

"""The lineage of the seats of a finished auction: who held the right to each, by alias, and why it moved.

The pages are the same bytes for everybody: they read no session and set no cookie. All that can change in them is
numbered, as in the results, so that asking again for an unchanged page takes one statement.
"""

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for

from cashticket.auction.values import State
from cashticket.blueprints.auction.page_numbers import asked_page, page_address
from cashticket.blueprints.request.languages import chosen_language
from cashticket.blueprints.request.public_pages import public_page
from cashticket.blueprints.wording.concerts import title_of
from cashticket.ledger import results, seat_histories
from cashticket.ledger.operator_acts import why_voided
from cashticket.models import Auction

blueprint = Blueprint("lineage", __name__, url_prefix="/auctions/<int(max=9007199254740991):auction_id>")


@blueprint.get("/lineage")
def show(auction_id: int) -> Response:
    """Every right to every seat, 50 seats a page, the best seat first.

    An unfinished auction leads to its own page. 404 for a page that there is not.
    """
    finished = results.finished(auction_id) or abort(404)
    auction = finished.auction
    if not auction.state.is_end:
        return make_response(redirect(url_for("auctions.show", auction_id=auction_id)))
    number = asked_page()
    if number is None or number > seat_histories.page_count(auction):
        page = make_response(render_template("auctions/lineage_missing.html", **_frame(auction)), 404)
        page.headers["Cache-Control"] = "no-store"
        return page
    facts = (auction.state, auction.settled_at, finished.changes, auction.ends_at, auction.line_paused_at, number)
    shown = (auction.concert.cancel_until, title_of(auction.concert))
    return public_page((*facts, *shown), lambda: _page(auction, number))


def _page(auction: Auction, number: int) -> str:
    were_awarded = seat_histories.were_awarded(auction)
    return render_template(
        "auctions/lineage.html",
        page=number,
        were_awarded=were_awarded,
        seats=seat_histories.page(auction, number) if were_awarded else [],
        why=why_voided(auction.id) if auction.state is State.VOIDED else "",
        **_frame(auction),
    )


def _frame(auction: Auction) -> dict[str, Any]:
    return {
        "for_all": True,
        "back_to": url_for("lineage.show", auction_id=auction.id),
        "auction": auction,
        "auction_id": auction.id,
        "pages": seat_histories.page_count(auction),
        "address": page_address("lineage.show", auction.id),
        "results_address": page_address("results.show", auction.id),
        "record_address": page_address("record.show", auction.id),
        "chosen_language": chosen_language(),
    }

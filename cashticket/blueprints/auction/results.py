"""The results of a finished auction: pages of final ranks that are the same for everybody, and the private piece with
the reader's own outcome.

The pages read no session and set no cookie. What can still change in them has a number, so that asking again for an
unchanged page takes one statement.
"""

from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from cashticket.auction.aliases import read_alias
from cashticket.auction.outages import Outage
from cashticket.auction.values import State
from cashticket.blueprints.auction.history import final_summary
from cashticket.blueprints.auction.page_numbers import asked_page, page_address
from cashticket.blueprints.request.identity import answer_as_stranger
from cashticket.blueprints.request.languages import chosen_language
from cashticket.blueprints.request.public_pages import public_page
from cashticket.blueprints.request.reader import present_reader
from cashticket.blueprints.request.reading_copy import read_for_all, read_own
from cashticket.blueprints.wording.concerts import artist_of, title_of, venue_of
from cashticket.catalogue import seat_facts
from cashticket.ledger import results
from cashticket.ledger.operator_acts import why_voided
from cashticket.ledger.outages import outages_of, value_of
from cashticket.ledger.results import Finished
from cashticket.models.columns import utcnow
from cashticket.models.reading_copy import require
from cashticket.settlement.outcomes import ending_of

blueprint = Blueprint("results", __name__, url_prefix="/auctions/<int(max=9007199254740991):auction_id>")


@blueprint.get("/results")
def show(auction_id: int) -> Response:
    """Final ranks and seats by alias, a page at a time. `alias` leads to the page of that bidder, with the row marked.

    An unfinished auction leads to its own page. 404 for a page that there is not.
    """
    finished = results.finished(auction_id) or abort(404)
    if not finished.auction.state.is_end:
        return make_response(redirect(url_for("auctions.show", auction_id=auction_id)))
    if "alias" in request.args:
        return _search(finished, request.args["alias"])
    number = asked_page()
    if number is None or number > finished.pages:
        page = make_response(render_template("auctions/results_missing.html", **_frame(finished)), 404)
        page.headers["Cache-Control"] = "no-store"
        return page
    return _page(finished, number, {"typed": None, "marked": ()})


@blueprint.get("/outcome")
def outcome(auction_id: int) -> Response | str:
    """The reader's own outcome, with a link to the page of their row. Without a session it asks to sign in.

    `with=account` adds, out of band, the account's part of the header and messages.
    """
    reader = present_reader()
    whole = request.args.get("with") == "account"
    if whole and reader is None:
        answer_as_stranger()
    return read_own(lambda: _outcome(auction_id, reader, whole))


def _outcome(auction_id: int, reader: int | None, whole: bool) -> str:
    ending = ending_of(auction_id, reader, utcnow()) or abort(404)
    require(ending.state.is_end)
    own = ending.outcome
    return render_template(
        "auctions/_outcome_with_account.html" if whole else "auctions/_outcome.html",
        auction_id=auction_id,
        over=ending.state.is_end,
        reader=reader,
        outcome=own,
        page=results.page_of(own.rank) if own and own.rank else None,
    )


def _search(finished: Finished, typed: str) -> Response:
    alias = read_alias(typed)
    marked = results.ranks_of_alias(finished.auction.id, alias) if alias else ()
    page = results.page_of(marked[0]) if marked else 1
    return _page(finished, page, {"typed": alias or typed[:40], "marked": tuple(marked)})


def _page(finished: Finished, number: int, search: dict[str, Any]) -> Response:
    auction = finished.auction

    def render() -> str:
        return render_template(
            "auctions/results.html",
            page=number,
            rows=results.page(auction.id, number, finished) if finished.bidders else [],
            history=final_summary(auction) if number == 1 else None,
            outages=_outages(finished) if number == 1 else [],
            why=why_voided(auction.id) if auction.state is State.VOIDED else "",
            **search,
            **_frame(finished),
        )

    # The facts, and so the tag, are the primary's. Voiding goes on in windows after its state has changed.
    is_still = auction.state is State.SETTLED
    facts = (*_facts(finished), number, search)
    return public_page(facts, lambda: read_for_all(render) if is_still else render())


def _facts(finished: Finished) -> tuple[object, ...]:
    """Everything that the results show and that can still change."""
    auction, concert = finished.auction, finished.auction.concert
    facts = (
        auction.state,
        auction.ranked_at,
        finished.bidders,
        finished.changes,
        finished.outages,
        auction.recorded_sequence,
        auction.ends_at,
        auction.seats,
    )
    shown = (title_of(concert), artist_of(concert), venue_of(concert), concert.starts_at)
    shown += tuple(getattr(auction, name) for name in seat_facts.NAMES)
    return facts + shown


def _outages(finished: Finished) -> list[Outage]:
    """The outages of the auction, read only if it had any."""
    return [value_of(row) for row in outages_of(finished.auction.id)] if finished.outages else []


def _frame(finished: Finished) -> dict[str, Any]:
    auction_id = finished.auction.id
    return {
        "for_all": True,
        "back_to": url_for("results.show", auction_id=auction_id),
        "auction": finished.auction,
        "auction_id": auction_id,
        "finished": finished,
        "address": page_address("results.show", auction_id),
        "record_address": page_address("record.show", auction_id),
        "lineage_address": page_address("lineage.show", auction_id),
        "page_of": results.page_of,
        "chosen_language": chosen_language(),
    }

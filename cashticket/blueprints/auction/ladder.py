"""The ladder: every winning bid of a running auction by alias, 50 on a page. The same bytes for everybody.

It reads no session and knows its language by `?lang=` alone, so shared caches may keep a page for a second.
"""

import re

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from cashticket.blueprints.request.negotiation import is_piece_request
from cashticket.engine.interface import StoreUnavailable, UnknownAuction
from cashticket.ledger import queries
from cashticket.live.ladder import ladder_context
from cashticket.wiring import current_engine

blueprint = Blueprint("ladder", __name__)

PUBLIC = "public, max-age=1"
PAGE = re.compile(r"[1-9][0-9]{0,5}")


@blueprint.get("/auctions/<int(max=9007199254740991):auction_id>/ladder")
def ladder(auction_id: int) -> Response:
    """One page of the ladder, whole or as a piece. 404 for a page that is not there. After the end, the way to the
    results."""
    page = request.args.get("page", "1")
    if not PAGE.fullmatch(page):
        abort(404)
    engine = current_engine()
    try:
        snapshot = engine.read(auction_id)
        context = None if snapshot.state.is_end else ladder_context(engine, snapshot, int(page))
    except UnknownAuction:
        return _not_in_engine(auction_id)
    if snapshot.state.is_end:
        return _to_results(auction_id)
    if context is None:
        abort(404)
    if is_piece_request():
        text = render_template("auctions/_ladder.html", **context)
    else:
        auction = queries.auction(auction_id) or abort(404)
        text = render_template("auctions/ladder.html", for_all=True, auction=auction, **context)
    return _for_everybody(make_response(text))


def _not_in_engine(auction_id: int) -> Response:
    """The answer for an auction that the live store does not have: its results if it is over. Raises StoreUnavailable
    for one that is lost."""
    auction = queries.auction(auction_id) or abort(404)
    if auction.state.is_end:
        return _to_results(auction_id)
    raise StoreUnavailable(f"auction {auction_id} is not in the live store")


def _to_results(auction_id: int) -> Response:
    return _for_everybody(make_response(redirect(f"/auctions/{auction_id}/results")))


def _for_everybody(response: Response) -> Response:
    response.headers["Cache-Control"] = PUBLIC
    return response

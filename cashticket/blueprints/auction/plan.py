"""The plan of the seats as an SVG. It reads no session and holds nothing of the visitor: the page marks one's own seat.

An announced block never changes, so browsers and proxies may keep the drawing that its address names for good.
"""

from flask import Blueprint, Response, abort, make_response, request

from cashticket.blueprints.request.compression import compressed
from cashticket.blueprints.wording.formats import language
from cashticket.blueprints.wording.seats import drawn_plan
from cashticket.ledger import queries

blueprint = Blueprint("plan", __name__, url_prefix="/auctions/<int(max=9007199254740991):auction_id>")

YEAR_SECONDS = 365 * 86_400
FRESH_SECONDS = 60
"""Without the version of the present drawing in its address, as somebody may type it."""


@blueprint.get("/plan.svg")
def drawing(auction_id: int) -> Response:
    """The plan in the language of `?lang=`, for a dark screen with `?ground=dark`. 404 for an auction without rows."""
    auction = queries.auction(auction_id) or abort(404)
    ground = "dark" if request.args.get("ground") == "dark" else "light"
    drawn = drawn_plan(auction.rows or abort(404), language(), ground)
    response = make_response(drawn.svg)
    response.content_type = "image/svg+xml; charset=utf-8"
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_SECONDS
    if request.args.get("v") == drawn.version:
        response.cache_control.max_age = YEAR_SECONDS
        response.cache_control.immutable = True
    response.set_etag(drawn.version)
    response.make_conditional(request)
    return compressed(response)

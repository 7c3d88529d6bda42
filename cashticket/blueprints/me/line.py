"""Leaving the line of a settled auction for good: the page that says so first, and the form. The answer is JSON, the
piece `auctions/_leave.html`, or a redirect to my bids.
"""

from flask import Blueprint, Response, abort, flash, jsonify, make_response, redirect, render_template
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from cashticket.blueprints.me.holdings import holders_now
from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.request.negotiation import is_piece_request, problem_response, wants_json
from cashticket.blueprints.wording.lines import has_left, refusal
from cashticket.ledger import queries
from cashticket.locale import iso
from cashticket.settlement.leaving import UnknownLine
from cashticket.settlement.outcomes import outcome_of
from cashticket.work import leaving

blueprint = Blueprint("line", __name__)

PATH = "/auctions/<int(max=9007199254740991):auction_id>/leave"
MINE = "/me/bids"


@blueprint.get(PATH)
@signed_in_page
def review(auction_id: int) -> str:
    """The reader's place in the line, what leaving means, and the form. 404 for an unknown auction."""
    return render_template("auctions/leave.html", **_context(auction_id))


@blueprint.post(PATH)
@signed_in_page
def leave(auction_id: int) -> Response:
    """Leave the line for good. Repeating it changes nothing. 409 with the reason for whoever is not in the line, 404
    for an unknown auction."""
    try:
        done = leaving.leave(auction_id, _me(), holders_now())
    except UnknownLine:
        raise NotFound from None
    if done.left_at is None:
        return _refused(auction_id, done.refused)
    if wants_json():
        return jsonify(auction_id=auction_id, left_at=iso(done.left_at))
    if is_piece_request():
        return _piece(auction_id, has_left())
    flash(has_left(), "success")
    return make_response(redirect(MINE, 303))


def _refused(auction_id: int, reason: str) -> Response:
    if wants_json():
        return problem_response(409, _("That is not possible"), refusal(reason), reason=reason)
    if is_piece_request():
        answer = _piece(auction_id, refusal(reason), refused=True)
        answer.status_code = 409
        return answer
    flash(refusal(reason), "error")
    return make_response(redirect(MINE, 303))


def _piece(auction_id: int, message: str, *, refused: bool = False) -> Response:
    piece = render_template("auctions/_leave.html", message=message, refused=refused, **_context(auction_id))
    return make_response(piece)


def _context(auction_id: int) -> dict[str, object]:
    auction = queries.auction(auction_id) or abort(404)
    outcome = outcome_of(auction, _me(), holders_now()) if auction.state.is_end else None
    return {"auction": auction, "auction_id": auction_id, "outcome": outcome}


def _me() -> int:
    principal = current_principal()
    assert principal is not None, "signed_in_page lets nobody else through"
    return principal.id

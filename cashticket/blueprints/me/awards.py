"""The decisions of holders: buy, decline, cancel. The answer is JSON, the piece of the award, or a redirect.

/me/tickets and the answer to htmx render the same piece, `awards/_award.html`, from a `Holding`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from cashticket.accounts.sessions import Principal
from cashticket.blueprints.me import step_up
from cashticket.blueprints.me.holdings import holders_now, holding_of
from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.request.negotiation import is_piece_request, problem_response, wants_json
from cashticket.blueprints.wording.awards import decision, refusal
from cashticket.ledger import person_queries
from cashticket.locale import iso
from cashticket.models import Award
from cashticket.settlement import awards
from cashticket.settlement.awards import AwardNotFound, Decided, NotAllowed
from cashticket.work import queueing

blueprint = Blueprint("awards", __name__)

Move = Callable[[int, int, datetime], Decided]
MOVES: dict[str, Move] = {"buy": awards.buy, "decline": awards.decline, "cancel": awards.cancel}
CONFLICT = 409


@blueprint.post("/awards/<int(max=9007199254740991):award_id>/<any(buy, decline, cancel):move>")
@signed_in_page
def decide(award_id: int, move: str) -> Response:
    """Carry out a holder's decision. Repeating it changes nothing. 404 for an award of somebody else."""
    principal = current_principal()
    assert principal is not None
    if move == "buy" and (answer := step_up.missing_proof(award_id, principal)):
        return answer
    try:
        decided = MOVES[move](award_id, principal.id, holders_now())
    except AwardNotFound:
        raise NotFound from None
    except NotAllowed as error:
        return _refused(award_id, principal, error.reason)
    if decided.has_mail:
        queueing.deliver_soon()
    return _decided(decided.award)


def _decided(award: Award) -> Response:
    if wants_json():
        return jsonify(award_data(award))
    message = decision(award.state, line_is_paused=award.auction.line_paused_at is not None)
    if is_piece_request():
        return _piece(award, message)
    flash(message, "success")
    return make_response(redirect("/me/tickets", 303))


def _refused(award_id: int, principal: Principal, reason: str) -> Response:
    if wants_json():
        return problem_response(CONFLICT, _("That is no longer possible"), refusal(reason), reason=reason)
    if is_piece_request():
        mine = {award.id: award for award in person_queries.tickets_of(principal.id)}
        answer = _piece(mine[award_id], refusal(reason), refused=True)
        answer.status_code = CONFLICT
        return answer
    flash(refusal(reason), "error")
    return make_response(redirect("/me/tickets", 303))


def _piece(award: Award, message: str, *, refused: bool = False) -> Response:
    holding = holding_of(award, holders_now())
    return make_response(render_template("awards/_award.html", holding=holding, message=message, refused=refused))


def award_data(award: Award) -> dict[str, Any]:
    """The JSON of an award: prices in won, moments in ISO 8601 UTC."""
    return {
        "id": award.id,
        "state": award.state,
        "auction_id": award.auction_id,
        "concert_id": award.concert_id,
        "seat": award.seat.label,
        "rank": award.rank,
        "price": award.price,
        "offered_at": iso(award.offered_at),
        "expires_at": iso(award.expires_at),
        "decided_at": iso(award.decided_at) if award.decided_at else None,
    }

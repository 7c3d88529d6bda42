"""The doors of holders: buy, decline, cancel. One call each; the answer is JSON, the award's piece, or a redirect.

An award's piece is the same on /me/tickets and as the answer to htmx: `awards/_award.html`, from `award_context`.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, flash, jsonify, make_response, redirect, render_template
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from cashticket.accounts.sessions import Principal
from cashticket.auction.values import AwardState
from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.request.negotiation import is_piece_request, problem, wants_json
from cashticket.ledger import queries
from cashticket.locale import iso
from cashticket.models import Award
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.settlement.awards import AwardNotFound, NotAllowed
from cashticket.work import queueing

blueprint = Blueprint("awards", __name__)

Move = Callable[[int, int, datetime], Award]
MOVES: dict[str, Move] = {"buy": awards.buy, "decline": awards.decline, "cancel": awards.cancel}
CONFLICT = 409


@blueprint.post("/awards/<int(max=9007199254740991):award_id>/<any(buy, decline, cancel):move>")
@signed_in_page
def decide(award_id: int, move: str) -> Response:
    """Carry out a holder's decision. Repeating it is harmless; other people's awards are not found."""
    principal = current_principal()
    assert principal is not None
    try:
        award = MOVES[move](award_id, principal.id, utcnow())
    except AwardNotFound:
        raise NotFound from None
    except NotAllowed as refusal:
        return _refused(award_id, principal, refusal.reason)
    if move != "buy":
        # The seat is on its way to the next in line already; only the telling waits for a worker.
        queueing.lapse_and_offer_soon(award.auction_id)
    return _decided(award)


def award_context(award: Award, now: datetime) -> dict[str, Any]:
    """What `awards/_award.html` shows: the award, and what its holder may do with it at `now` (UTC)."""
    deadline = award.auction.concert.cancel_until
    return {
        "award": award,
        "may_buy": award.state is AwardState.OFFERED and now < award.expires_at,
        "may_cancel": award.state is AwardState.BOUGHT and now < deadline,
        "cancel_until": deadline,
        "now": now,
    }


def _decided(award: Award) -> Response:
    if wants_json():
        return jsonify(award_data(award))
    if is_piece_request():
        return _piece(award, said=sentence(award.state))
    flash(sentence(award.state), "success")
    return make_response(redirect("/me/tickets", 303))


def _refused(award_id: int, principal: Principal, reason: str) -> Response:
    if wants_json():
        return problem(CONFLICT, _("That is no longer possible"), refusal_sentence(reason), reason=reason)
    if is_piece_request():
        mine = {award.id: award for award in queries.tickets_of(principal.id)}
        answer = _piece(mine[award_id], said=refusal_sentence(reason), refused=True)
        answer.status_code = CONFLICT
        return answer
    flash(refusal_sentence(reason), "error")
    return make_response(redirect("/me/tickets", 303))


def _piece(award: Award, *, said: str, refused: bool = False) -> Response:
    context = award_context(award, utcnow())
    return make_response(render_template("awards/_award.html", said=said, refused=refused, **context))


def award_data(award: Award) -> dict[str, Any]:
    """An award as its holder's program reads it: won, ISO moments in UTC."""
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


def sentence(state: AwardState) -> str:
    """What just happened, to the person who did it."""
    sentences: dict[AwardState, str] = {
        AwardState.BOUGHT: _("The seat is yours. Your purchase is confirmed."),
        AwardState.DECLINED: _("You declined the seat. It was passed on to the next in line."),
        AwardState.CANCELLED: _("Your ticket is cancelled. The seat was passed on to the next in line."),
    }
    return sentences[state]


def refusal_sentence(reason: str) -> str:
    """Why something cannot be done with an award, to its holder."""
    sentences: dict[str, str] = {
        "expired": _("The time to buy this seat has run out."),
        "lapsed": _("The time to buy this seat has run out."),
        "declined": _("You have declined this seat, so it is no longer yours."),
        "cancelled": _("You have cancelled this ticket, so it is no longer yours."),
        "voided": _("The organiser has cancelled this auction. No tickets are sold."),
        "bought": _("You have already bought this seat. You may cancel it instead."),
        "not_bought": _("You have not bought this seat yet. You may decline it instead."),
        "too_late": _("The cancellation deadline of this concert has passed."),
        "blocked": _("Your account may not buy tickets. Please contact us."),
    }
    return sentences[reason]

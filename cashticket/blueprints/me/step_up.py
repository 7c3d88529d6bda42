"""Buying with a second factor set: a proof of the last 15 minutes, else the page that asks for one and then buys.

The page shows what is bought and for how much, and its button is the confirmation: proof and purchase are one request.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import NotFound

from cashticket.accounts import second_factors, step_up
from cashticket.accounts.second_factors import FactorRefused, Reason
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.accounts.sessions import Principal
from cashticket.blueprints.me.holdings import holders_now, holding_of
from cashticket.blueprints.request import second_factor
from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.rate_limits import CODES_OF_SESSION, LimitReached, counters, keyed, take
from cashticket.blueprints.request.windows import Bucket
from cashticket.ledger import person_queries
from cashticket.models.columns import utcnow

blueprint = Blueprint("step_up", __name__)

FORBIDDEN = 403
TOO_MANY = 429
WRONG = 422
STATUSES = {Reason.MISSING: FORBIDDEN, Reason.TOO_MANY: TOO_MANY, Reason.SIGN_IN_AGAIN: TOO_MANY}


@blueprint.get("/awards/<int(max=9007199254740991):award_id>/confirm")
@signed_in_page
def review(award_id: int) -> Response:
    """What is bought and for how much, with the fields for the proof. 404 for an award of somebody else."""
    principal = current_principal()
    assert principal is not None
    return _page(200, award_id, principal)


def missing_proof(award_id: int, principal: Principal) -> Response | None:
    """The answer to a purchase that lacks a recent proof of the second factor; None if it may go on."""
    if not step_up.is_needed(principal.id, principal.handle, utcnow()):
        return None
    if all(award.id != award_id for award in person_queries.tickets_of(principal.id)):
        raise NotFound
    refused = _refusal(principal)
    return _refused(award_id, principal, refused) if refused else None


def _refusal(principal: Principal) -> FactorRefused | None:
    """Why the proof in this request is refused, None if it is right.

    Nobody typed a password here. So a session has five wrong codes, fewer than the account's codes are refused for.
    """
    is_code = bool(request.form.get("code", "").strip()) and not request.form.get("passkey")
    buckets = [Bucket(CODES_OF_SESSION, keyed(principal.handle))] if is_code else []
    try:
        store = take(buckets)
    except LimitReached as reached:
        record(SecurityEvent.LIMIT_HIT, person_id=principal.id, limit=reached.limit)
        return FactorRefused(Reason.SIGN_IN_AGAIN, reached.seconds)
    # What failed on our side was no wrong code, nor is one that was right before.
    is_wrong = False
    try:
        refused = second_factor.prove_if_set(principal.id)
        is_wrong = refused is not None and refused.reason not in (Reason.TOO_MANY, Reason.USED)
    finally:
        if store and not is_wrong:
            counters().give_back(store, buckets)
    return refused


def _refused(award_id: int, principal: Principal, refused: FactorRefused) -> Response:
    status = STATUSES.get(refused.reason, WRONG)
    headers = {"Retry-After": str(refused.seconds)} if refused.seconds else {}
    text = second_factor.refusal_text(refused)
    if wants_json():
        title = _("Buying takes your second factor")
        return problem_response(status, title, text, headers, needed="second_factor", reason=refused.reason)
    address = f"/awards/{award_id}/confirm"
    if request.headers.get("HX-Request") == "true":
        return make_response("", 204, {"HX-Redirect": address})
    if refused.reason is Reason.MISSING and "code" not in request.form:
        return make_response(redirect(address, 303))
    answer = _page(status, award_id, principal, text)
    answer.headers.update(headers)
    return answer


def _page(status: int, award_id: int, principal: Principal, problem: str = "") -> Response:
    award = next((each for each in person_queries.tickets_of(principal.id) if each.id == award_id), None)
    if award is None:
        raise NotFound
    holding = holding_of(award, holders_now())
    if not holding.may_buy:
        return make_response(redirect("/me/tickets", 303))
    factors = second_factors.factors_of(principal.id)
    return make_response(
        render_template("awards/step_up.html", holding=holding, factors=factors, problem=problem), status
    )

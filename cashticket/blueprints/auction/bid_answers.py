"""What the bid door answers with: the contract's JSON, the standing piece for htmx, a redirect for plain forms.

JSON and redirects are rendered from the decision alone. The piece shows the person's present standing, so it looks at
the auction once more, after the decision; if that look fails, the decision is still told.
"""

import json
from typing import Any

from flask import Response, current_app, flash, make_response, redirect, render_template, url_for

from cashticket.accounts import age_limits, people
from cashticket.auction.values import Accepted, Reason, Refused, Terms
from cashticket.blueprints.request.negotiation import is_piece_request, wants_json
from cashticket.blueprints.wording import bids as wording
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.ledger import queries
from cashticket.live.pieces import standing_context
from cashticket.locale import iso
from cashticket.wiring import current_engine

ENGINE_SILENT = (OutcomeUnknown, StoreUnavailable, UnknownAuction)
KNOWN_TERMS_MAX = 1000
WORDED_BY_TERMS = (*wording.AMOUNT_REFUSALS, Reason.NOT_OPEN)


def answered(auction_id: int, person_id: int, amount: int, answer: Accepted | Refused) -> Response:
    """The decision in the form that was asked for: 201, 200 for a replay, 422 for a refusal, or 303."""
    if wants_json():
        document = _accepted(answer) if isinstance(answer, Accepted) else _refused(auction_id, person_id, answer)
        return _json(document, _status(answer))
    if is_piece_request():
        return _piece(auction_id, person_id, answer)
    return _redirect(auction_id, person_id, amount, answer)


def unknown(auction_id: int, amount: int, request_id: str) -> Response:
    """504: nobody knows yet. Page and piece ask for the same request again by themselves."""
    if wants_json():
        return _json({"outcome": "unknown"}, 504)
    name = "auctions/_checking.html" if is_piece_request() else "auctions/checking.html"
    facts = {"auction_id": auction_id, "amount": amount, "request_id": request_id, "message": wording.unknown_outcome()}
    return make_response(render_template(name, **facts), 504)


def _status(answer: Accepted | Refused) -> int:
    if isinstance(answer, Refused):
        return 422
    return 200 if answer.replayed else 201


def _accepted(answer: Accepted) -> dict[str, Any]:
    return {
        "outcome": "accepted",
        "sequence": answer.sequence,
        "amount": answer.amount,
        "rank": answer.rank,
        "winning": answer.winning,
        "chances_left": answer.chances_left,
        "cutoff": answer.cutoff,
        "ends_at": iso(answer.ends_at_ms),
        "replayed": answer.replayed,
    }


def _refused(auction_id: int, person_id: int, answer: Refused) -> dict[str, Any]:
    return {
        "outcome": "refused",
        "reason": answer.reason,
        "message": _sentence(auction_id, person_id, answer),
        "chances_left": answer.chances_left,
    }


def _json(document: dict[str, Any], status: int) -> Response:
    body = json.dumps(document, ensure_ascii=False)
    return Response(body, status, {"Cache-Control": "no-store"}, content_type="application/json")


def _piece(auction_id: int, person_id: int, answer: Accepted | Refused) -> Response:
    kind = "success" if isinstance(answer, Accepted) else "error"
    try:
        standing = standing_context(current_engine(), auction_id, person_id)
    except ENGINE_SILENT:
        # The page itself will say how things stand; what was decided must not look like a failure.
        flash(_sentence(auction_id, person_id, answer), kind)
        return make_response("", 204, {"HX-Redirect": _page(auction_id)})
    own = standing["amount"] if standing["place"].sequence else None
    message = (
        wording.acceptance(answer)
        if isinstance(answer, Accepted)
        else _told_by_age(auction_id, person_id, answer)
        or wording.refusal(answer.reason, standing["snapshot"].terms, own)
    )
    told = {"kind": kind, "message": message}
    return make_response(render_template("auctions/_bid_answer.html", **standing, answer=told), _status(answer))


def _redirect(auction_id: int, person_id: int, amount: int, answer: Accepted | Refused) -> Response:
    flash(_sentence(auction_id, person_id, answer), "success" if isinstance(answer, Accepted) else "error")
    typed = None if isinstance(answer, Accepted) else amount
    return make_response(redirect(_page(auction_id, typed), 303))


def _sentence(auction_id: int, person_id: int, answer: Accepted | Refused) -> str:
    if isinstance(answer, Accepted):
        return wording.acceptance(answer)
    return _told_by_age(auction_id, person_id, answer) or wording.refusal(answer.reason, _terms_for(auction_id, answer))


def _told_by_age(auction_id: int, person_id: int, answer: Refused) -> str | None:
    """The sentence of the age limit, when that is why; only then the tables are asked."""
    if answer.reason not in (Reason.BLOCKED, Reason.NOT_VERIFIED):
        return None
    person, auction = people.person(person_id), queries.auction(auction_id)
    return age_limits.refusal(answer.reason, person, auction.concert) if person and auction else None


def _page(auction_id: int, typed: int | None = None) -> str:
    """The auction page; `typed` is put back into its form."""
    return url_for("auctions.show", auction_id=auction_id, amount=typed)


def _terms_for(auction_id: int, answer: Refused) -> Terms | None:
    """The terms, when the refusal is worded by them. Price terms are frozen, so each process reads them once."""
    if answer.reason not in WORDED_BY_TERMS:
        return None
    known: dict[int, Terms] = current_app.extensions.setdefault("known_terms", {})
    if auction_id not in known:
        if len(known) >= KNOWN_TERMS_MAX:
            known.clear()
        try:
            known[auction_id] = current_engine().read(auction_id).terms
        except ENGINE_SILENT:
            return None
    return known[auction_id]

"""The answer to a bid: one `BidReply`, rendered as JSON, as the standing piece for htmx, or as a redirect.

JSON and redirects need nothing but the decision. The piece shows the person's present standing, so the auction is read
once more for it; if that read fails, the decision is still answered.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, url_for

from cashticket.accounts import people
from cashticket.auction.values import Accepted, Reason, Refused
from cashticket.blueprints.request.negotiation import is_piece_request, wants_json
from cashticket.blueprints.wording import rights
from cashticket.blueprints.wording.bids import TERMS_REFUSALS, acceptance, refusal, unknown_outcome
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.ledger import queries
from cashticket.live.pieces import StandingView, standing_context
from cashticket.locale import iso
from cashticket.wiring import current_engine, terms_cache

_text_of = json.JSONEncoder(ensure_ascii=False).encode
# `json.dumps` would make an encoder for each answer.


@dataclass(frozen=True, slots=True)
class BidReply:
    """The answer to one bid. `refusal` says why it was refused, empty for an accepted bid. `typed` is the refused
    amount, which the form of the auction page shows again."""

    auction_id: int
    decision: Accepted | Refused
    refusal: str = ""
    typed: int | None = None

    @property
    def status(self) -> int:
        """The HTTP status: 201, 200 for a replay, 422 for a refusal."""
        if isinstance(self.decision, Refused):
            return 422
        return 200 if self.decision.replayed else 201

    @property
    def kind(self) -> str:
        """How pages draw the message: plain or error. A bid that was accepted may stand outside the seats."""
        return "plain" if isinstance(self.decision, Accepted) else "error"

    @property
    def reason(self) -> str:
        """Why it was refused, empty for an accepted bid."""
        return self.decision.reason.value if isinstance(self.decision, Refused) else ""

    @property
    def message(self) -> str:
        """The answer as a sentence."""
        return acceptance(self.decision) if isinstance(self.decision, Accepted) else self.refusal

    @property
    def document(self) -> dict[str, Any]:
        """The answer as JSON."""
        if isinstance(self.decision, Accepted):
            return _accepted(self.decision)
        return {
            "outcome": "refused",
            "reason": self.decision.reason,
            "message": self.refusal,
            "chances_left": self.decision.chances_left,
        }


def answer(auction_id: int, person_id: int, amount: int, decision: Accepted | Refused) -> Response:
    """The decision in the form that the request prefers."""
    if wants_json():
        return _as_json(_reply(auction_id, person_id, amount, decision))
    if not is_piece_request():
        return _as_redirect(_reply(auction_id, person_id, amount, decision))
    standing = _present_standing(auction_id, person_id)
    return _as_piece(_reply(auction_id, person_id, amount, decision, standing), standing)


def unknown(auction_id: int, amount: int, request_id: str, sure: int | None) -> Response:
    """504: the live store did not answer. Page and piece send the same request again by themselves, `sure` included."""
    if wants_json():
        return _json({"outcome": "unknown"}, 504)
    name = "auctions/_checking.html" if is_piece_request() else "auctions/checking.html"
    message = unknown_outcome()
    bid = {"amount": amount, "request_id": request_id, "sure": sure}
    return make_response(render_template(name, auction_id=auction_id, message=message, **bid), 504)


def _reply(
    auction_id: int, person_id: int, amount: int, decision: Accepted | Refused, standing: StandingView | None = None
) -> BidReply:
    """`standing`, where it was read, lets a refusal name the lowest bid that would be accepted."""
    if isinstance(decision, Accepted):
        return BidReply(auction_id, decision)
    return BidReply(auction_id, decision, _refusal(auction_id, person_id, decision.reason, standing), typed=amount)


def _as_json(reply: BidReply) -> Response:
    return _json(reply.document, reply.status)


def _as_redirect(reply: BidReply) -> Response:
    # The auction page is the same for everybody: these are the pages that can tell the person.
    flash(reply.message, reply.kind)
    if reply.typed is None:
        return make_response(redirect("/me/bids", 303))
    return make_response(redirect(url_for("auctions.confirm", auction_id=reply.auction_id, amount=reply.typed), 303))


def _as_piece(reply: BidReply, standing: StandingView | None) -> Response:
    if standing is None:
        # Without a standing there is nothing to swap in, so htmx loads the page, which shows the message.
        flash(reply.message, reply.kind)
        page = url_for("auctions.show", auction_id=reply.auction_id)
        return make_response("", 204, {"HX-Redirect": page})
    return make_response(render_template("auctions/_bid_answer.html", **standing, answer=reply), reply.status)


def _json(document: Mapping[str, Any], status: int) -> Response:
    # No answer of this blueprint is cached: `security.add_headers`.
    return Response(_text_of(document), status, content_type="application/json")


def _accepted(decision: Accepted) -> dict[str, Any]:
    return {
        "outcome": "accepted",
        "sequence": decision.sequence,
        "amount": decision.amount,
        "rank": decision.rank,
        "winning": decision.winning,
        "chances_left": decision.chances_left,
        "cutoff": decision.cutoff,
        "ends_at": iso(decision.ends_at_ms),
        "replayed": decision.replayed,
    }


def _present_standing(auction_id: int, person_id: int) -> StandingView | None:
    try:
        return standing_context(current_engine(), auction_id, person_id)
    except (OutcomeUnknown, StoreUnavailable, UnknownAuction):
        return None


def _refusal(auction_id: int, person_id: int, reason: Reason, standing: StandingView | None) -> str:
    if reason in (Reason.BLOCKED, Reason.NOT_VERIFIED) and (sentence := _own_refusal(auction_id, person_id)):
        return sentence
    if standing is not None:
        own_amount = standing["amount"] if standing["place"].sequence else None
        return refusal(reason, standing["snapshot"].terms, own_amount)
    terms = terms_cache().terms(current_engine(), auction_id) if reason in TERMS_REFUSALS else None
    return refusal(reason, terms)


def _own_refusal(auction_id: int, person_id: int) -> str | None:
    person, auction = people.person(person_id), queries.auction(auction_id)
    return rights.refusal(person, auction) if person and auction else None

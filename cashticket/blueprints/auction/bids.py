"""The bid door: parses the request, asks the auction once and answers.

For a person the auction knows, a bid costs no SQL statement and one round trip to the live store. Only the piece for
htmx reads the auction once more. A refused bid changes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from time import perf_counter

from flask import Blueprint, Response, current_app
from werkzeug.exceptions import HTTPException, NotFound

from cashticket.accounts.sessions import Principal
from cashticket.auction.rules import chances_left
from cashticket.auction.values import UNFINISHED_STATES, Accepted, Reason, Refused
from cashticket.blueprints.auction import bid_answers
from cashticket.blueprints.request.bid_pace import allow_bid
from cashticket.blueprints.request.context import present_request
from cashticket.blueprints.request.counters import count_bid, count_decision
from cashticket.blueprints.request.errors import (
    error_response,
    stale_form_response,
    stale_form_sentence,
    stale_form_title,
)
from cashticket.blueprints.request.fields import body_fields, parse_amount
from cashticket.blueprints.request.identity import (
    current_principal,
    present_person,
    renewed_principal,
    sign_in_first,
)
from cashticket.blueprints.request.negotiation import is_piece_request, wants_json
from cashticket.blueprints.request.pages_again import PAGES, shown
from cashticket.blueprints.request.security import FormStale
from cashticket.blueprints.wording.bids import malformed_amount, malformed_request
from cashticket.engine.interface import (
    Decision,
    OutcomeUnknown,
    StaleSession,
    StoreUnavailable,
    UnknownAuction,
    UnknownPerson,
)
from cashticket.ledger import queries
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce
from cashticket.work.outages import DATABASE_AWAY

blueprint = Blueprint("bids", __name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
TRIES_MAX = 3
"""How often the auction is asked: after each introduction or renewed session it is asked again."""


@dataclass(frozen=True, slots=True)
class BidRequest:
    """A well-formed request to bid `amount` won. `request_id` makes sending it again harmless. `sure` is the amount as
    it was said once more, None for not at all, or not readably."""

    auction_id: int
    amount: int
    request_id: str
    sure: int | None = None


@blueprint.post("/auctions/<int(max=9007199254740991):auction_id>/bids")
def place(auction_id: int) -> Response:
    """Place the confirmed bid. The answer is JSON, a piece or a redirect, as the request prefers."""
    principal = current_principal()
    if principal is None:
        return sign_in_first()
    allow_bid(principal.id)
    bid = _parse(auction_id, body_fields())
    if isinstance(bid, str):
        return error_response(400, detail=bid)
    started_at = perf_counter()
    try:
        decision = _decide(bid, principal)
    except OutcomeUnknown:
        current_app.logger.warning("auction %s gave no answer to a bid", auction_id)
        count_bid("unknown")
        return bid_answers.unknown(auction_id, bid.amount, bid.request_id, bid.sure)
    except Exception as error:
        _count_failure(error)
        raise
    if decision is None:
        return sign_in_first()
    _count(decision, perf_counter() - started_at)
    return bid_answers.answer(auction_id, principal.id, bid.amount, decision)


@blueprint.errorhandler(FormStale)
def on_stale_form(error: FormStale) -> Response:
    """The review again, with a fresh token and the same request id; htmx gets it beside the reason."""
    if not is_piece_request() or wants_json() or present_person() is None:
        return stale_form_response()
    answer = error_response(400, title=stale_form_title(), detail=stale_form_sentence())
    review = shown(PAGES["bids.place"], present_request().view_args or {})
    if review and review.status_code == HTTPStatus.OK:
        answer.set_data(answer.get_data() + review.get_data())
    return answer


def _count(decision: Accepted | Refused, seconds: float) -> None:
    if isinstance(decision, Refused):
        count_bid("refused", decision.reason, seconds)
    else:
        count_bid("replayed" if decision.replayed else "accepted", seconds=seconds)


def _count_failure(error: Exception) -> None:
    if isinstance(error, StoreUnavailable):
        count_bid("unavailable")
    elif isinstance(error, DATABASE_AWAY):
        count_bid("database_away")
    elif not isinstance(error, HTTPException):
        count_bid("failed")


def _parse(auction_id: int, fields: Mapping[str, str]) -> BidRequest | str:
    """The request, or the sentence that says what is malformed."""
    amount = parse_amount(fields.get("amount", ""))
    if amount is None:
        return malformed_amount()
    if not REQUEST_ID.fullmatch(fields.get("request_id", "")):
        return malformed_request()
    return BidRequest(auction_id, amount, fields["request_id"], parse_amount(fields.get("sure", "")))


def _decide(bid: BidRequest, principal: Principal) -> Accepted | Refused | None:
    """The auction's decision; None when the session has ended. Introduces the person if the auction asks for it.

    Raises StoreUnavailable too for an auction that forgets whom it was told of.
    """
    # Age and idleness end a session for bids too; the cookie says until when no table need be asked.
    bidder: Principal | None = renewed_principal() if principal.is_outdated else principal
    for _attempt in range(TRIES_MAX):
        if bidder is None:
            return None
        try:
            began_at = perf_counter()
            decision = _decision_of_engine(bid, bidder)
            count_decision(perf_counter() - began_at)
            if isinstance(decision, UnknownPerson):
                bidder = _introduced(bid.auction_id)
                continue
        except UnknownAuction:
            # Also when its keys left between the two.
            return _from_the_ledger(bid, principal.id)
        if isinstance(decision, StaleSession):
            bidder = renewed_principal()
        else:
            return decision
    if bidder is None:
        return None
    # The session is good, and the auction forgets who is introduced: the live store loses it meanwhile.
    raise StoreUnavailable(f"auction {bid.auction_id} does not know who was introduced to it")


def _decision_of_engine(bid: BidRequest, bidder: Principal) -> Decision:
    engine = current_engine()
    return engine.place_bid(bid.auction_id, bidder.id, bidder.epoch, bid.amount, bid.request_id, sure=bid.sure)


def _introduced(auction_id: int) -> Principal | None:
    person = present_person()
    if person is None:
        return None
    introduce(current_engine(), person, auction_id)
    return current_principal()


def _from_the_ledger(bid: BidRequest, person_id: int) -> Accepted | Refused:
    """The answer for an auction that the live store does not have.

    Raises NotFound for an unknown auction, and StoreUnavailable for one that is not over.
    """
    auction = queries.auction(bid.auction_id)
    if auction is None:
        raise NotFound
    left = chances_left(queries.chances_used(queries.bids_of(bid.auction_id, person_id)))
    replay = queries.remembered(bid.auction_id, person_id, bid.request_id)
    if replay is not None:
        return replay if replay.amount == bid.amount else Refused(Reason.REQUEST_REUSED, left)
    if auction.state in UNFINISHED_STATES:
        raise StoreUnavailable(f"auction {bid.auction_id} is not in the live store")
    return Refused(Reason.CLOSED, left)

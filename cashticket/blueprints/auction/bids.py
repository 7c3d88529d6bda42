"""The bid door: parse, one engine call, render.

For a person whom the auction knows it makes no SQL statement and one round trip to the live store; only the piece
that htmx shows afterwards looks at the auction again. What is refused costs nothing and changes nothing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from flask import Blueprint, Response, current_app, request
from werkzeug.exceptions import NotFound

from cashticket.accounts.sessions import Principal
from cashticket.auction.rules import chances_left
from cashticket.auction.values import UNFINISHED_STATES, Accepted, Reason, Refused
from cashticket.blueprints.auction import bid_answers
from cashticket.blueprints.request import errors
from cashticket.blueprints.request import rate_limits as limits
from cashticket.blueprints.request.counters import count_bid
from cashticket.blueprints.request.identity import current_principal, renewed_principal, sign_in_first
from cashticket.blueprints.wording import bids as wording
from cashticket.engine.interface import OutcomeUnknown, StaleSession, StoreUnavailable, UnknownAuction, UnknownPerson
from cashticket.ledger import queries
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce

blueprint = Blueprint("bids", __name__)

AMOUNT = re.compile(r"[0-9]+(,[0-9]+)*", re.ASCII)
AMOUNT_LONGEST = 40
REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
INTRODUCTIONS_MAX = 3


@dataclass(frozen=True, slots=True)
class BidRequest:
    """A well-formed request: the bid of `amount` won in `auction_id`, asked for under `request_id`."""

    auction_id: int
    amount: int
    request_id: str


@blueprint.post("/auctions/<int(max=9007199254740991):auction_id>/bids")
def place(auction_id: int) -> Response:
    """Place the confirmed bid. The answer is JSON, a piece or a redirect, whichever was asked for."""
    principal = current_principal()
    if principal is None:
        return sign_in_first()
    limits.allow_bid(principal.id)
    asked = _parse(auction_id, _fields())
    if isinstance(asked, str):
        return errors.answer(400, detail=asked)
    began = perf_counter()
    try:
        answer = _decide(asked, principal)
    except OutcomeUnknown:
        current_app.logger.warning("auction %s gave no answer to a bid", auction_id)
        count_bid("unknown")
        return bid_answers.unknown(auction_id, asked.amount, asked.request_id)
    except StoreUnavailable:
        count_bid("unavailable")
        raise
    if answer is None:
        return sign_in_first()
    _count(answer, perf_counter() - began)
    return bid_answers.answered(auction_id, principal.id, asked.amount, answer)


def _count(answer: Accepted | Refused, seconds: float) -> None:
    if isinstance(answer, Refused):
        count_bid("refused", answer.reason, seconds)
    else:
        count_bid("replayed" if answer.replayed else "accepted", seconds=seconds)


def _parse(auction_id: int, fields: Mapping[str, str]) -> BidRequest | str:
    """The request, or the sentence that says what is wrong with its form."""
    amount = parse_amount(fields.get("amount", ""))
    if amount is None:
        return wording.malformed_amount()
    if not REQUEST_ID.fullmatch(fields.get("request_id", "")):
        return wording.malformed_request()
    return BidRequest(auction_id, amount, fields["request_id"])


def parse_amount(text: str) -> int | None:
    """Whole won from ASCII digits, commas between digits allowed; None for anything else."""
    if len(text) > AMOUNT_LONGEST or not AMOUNT.fullmatch(text):
        return None
    return int(text.replace(",", ""))


def _fields() -> dict[str, str]:
    """The fields of the body, form or JSON. A field that is said twice, or is no text or whole number, is dropped."""
    if request.is_json:
        return _json_fields(request.get_json(silent=True))
    return {name: values[0] for name, values in request.form.lists() if len(values) == 1}


def _json_fields(body: Any) -> dict[str, str]:
    if not isinstance(body, dict):
        return {}
    plain = {
        name: value for name, value in body.items() if isinstance(value, str | int) and not isinstance(value, bool)
    }
    return {name: str(value) for name, value in plain.items()}


def _decide(asked: BidRequest, principal: Principal) -> Accepted | Refused | None:
    """The auction's decision; None when the session is no longer good. Introduces the person where need be."""
    known: Principal | None = principal
    for _attempt in range(INTRODUCTIONS_MAX):
        if known is None:
            return None
        try:
            answer = current_engine().place_bid(asked.auction_id, known.id, known.epoch, asked.amount, asked.request_id)
        except UnknownAuction:
            return _from_the_ledger(asked, principal.id)
        if isinstance(answer, UnknownPerson):
            known = current_principal() if introduce(asked.auction_id) else None
        elif isinstance(answer, StaleSession):
            known = renewed_principal()
        else:
            return answer
    return None


def _from_the_ledger(asked: BidRequest, person_id: int) -> Accepted | Refused:
    """The answer for an auction that the engine does not have: an old one is over, a lost one must be waited for."""
    auction = queries.auction(asked.auction_id)
    if auction is None:
        raise NotFound
    left = chances_left(len(queries.bids_of(asked.auction_id, person_id)))
    given = queries.remembered(asked.auction_id, person_id, asked.request_id)
    if given is not None:
        return given if given.amount == asked.amount else Refused(Reason.REQUEST_REUSED, left)
    if auction.state in UNFINISHED_STATES:
        raise StoreUnavailable(f"auction {asked.auction_id} is not in the live store")
    return Refused(Reason.CLOSED, left)

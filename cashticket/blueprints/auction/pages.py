"""The auction page, its pieces, and the review before a bid.

Page, piece and socket render the same templates from the same contexts (`live.pieces`). The present comes from the
live store. An auction that the live store has lost gets a page that says so.
"""

import secrets
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for

from cashticket.accounts.rights import lacking
from cashticket.auction import rules
from cashticket.auction.values import CHANCES, Reason, State
from cashticket.blueprints.auction import kept_pages
from cashticket.blueprints.auction.history import summary
from cashticket.blueprints.request.fields import typed_amount
from cashticket.blueprints.request.identity import present_person, sign_in_first
from cashticket.blueprints.request.negotiation import is_piece_request
from cashticket.blueprints.wording import rights
from cashticket.blueprints.wording.bids import misread_amount, refusal
from cashticket.engine.interface import Snapshot, StoreUnavailable, UnknownAuction
from cashticket.ledger import queries
from cashticket.live.pieces import StandingView, board_context, board_of, standing_context, to_win
from cashticket.models import Auction, Person
from cashticket.typed.numbers import NoWholeNumber
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce

blueprint = Blueprint("auctions", __name__, url_prefix="/auctions/<int(max=9007199254740991):auction_id>")

WARNS_ABOVE = 2
"""The review warns of an amount above this many times the cut-off. Far above it asks to say it once more."""

PLAIN_FIRST_STEPS = 50
"""Steps that take the place of a cut-off of 0 won where neither a bid nor a face price says what seats are worth."""


@blueprint.get("")
def show(auction_id: int) -> Response | str:
    """The auction page, the same for everybody: it reads no session, so a proxy may keep it for a second.

    What it shows of one reader comes from `standing`, which the page loads.
    """
    try:
        snapshot = current_engine().read(auction_id)
    except UnknownAuction:
        return _not_in_engine(recorded(auction_id))
    return _kept_a_second(make_response(kept_pages.page_of(snapshot, lambda: _page(snapshot))))


def _page(snapshot: Snapshot) -> str:
    auction_id = snapshot.terms.auction_id
    return render_template(
        "auctions/show.html",
        for_all=True,
        auction=recorded(auction_id),
        typed=_asked_amount(),
        history=summary(auction_id),
        **{**board_of(snapshot), **watching(snapshot)},
    )


@blueprint.get("/board")
def board(auction_id: int) -> Response:
    """The public board. It reads no session, so shared caches may keep one copy for a second."""
    try:
        response = make_response(render_template("auctions/_board.html", **board_context(current_engine(), auction_id)))
    except UnknownAuction:
        return to_results(recorded(auction_id))
    return _kept_a_second(response)


@blueprint.get("/confirm")
def confirm(auction_id: int) -> Response | str:
    """The review before a bid: its rank as of now, its cost, and a form that counts once. Who signs in first comes back
    to it, or to the auction's page with the amount still in its form, where that page asked."""
    person = present_person()
    if person is None:
        page = url_for("auctions.show", auction_id=auction_id, amount=request.args.get("amount", ""))
        return sign_in_first(page if is_piece_request() else "")
    auction = recorded(auction_id)
    try:
        introduce(current_engine(), person, auction)
        # Sent by the form of a review whose token died, it is what stands in that form.
        review = _review(auction, person, request.values.get("amount", ""))
    except UnknownAuction:
        return _not_in_engine(auction)
    piece = is_piece_request()
    name = "auctions/_confirm.html" if piece else "auctions/confirm.html"
    status = 400 if review["amount"] is None else 200
    return make_response(render_template(name, auction=auction, piece=piece, **review), status)


def _kept_a_second(response: Response) -> Response:
    response.headers["Cache-Control"] = "public, max-age=1"
    return response


def recorded(auction_id: int) -> Auction:
    """The auction as the ledger has it, or 404."""
    return queries.auction(auction_id) or abort(404)


def _not_in_engine(auction: Auction) -> Response:
    """The page for an auction that only the ledger has: its results if it is over, else 503 with an explanation."""
    if auction.state.is_end or is_piece_request():
        return to_results(auction)
    page = make_response(render_template("auctions/unavailable.html", auction=auction), 503)
    page.headers["Retry-After"] = "5"
    return page


def to_results(auction: Auction) -> Response:
    """Leads from an auction whose keys have left the live store to its results, also a page that asked for a piece.
    Raises StoreUnavailable for one that is not over: the store has lost it."""
    if not auction.state.is_end:
        raise StoreUnavailable(f"auction {auction.id} is not in the live store")
    results = url_for("results.show", auction_id=auction.id)
    if is_piece_request():
        return make_response("", 204, {"HX-Redirect": results, "Cache-Control": "no-store"})
    response = make_response(redirect(results))
    response.headers["Cache-Control"] = "no-store"
    return response


def _asked_amount() -> int | None:
    """The amount in the address, with which the field begins; None without a readable one."""
    try:
        return typed_amount(request.args.get("amount", ""))
    except NoWholeNumber:
        return None


def watching(snapshot: Snapshot) -> dict[str, Any]:
    """The standing of somebody without an account."""
    nobody: dict[str, Any] = {"place": None, "status": "watching", "choices": []}
    return {"auction_id": snapshot.terms.auction_id, "snapshot": snapshot, "to_win": to_win(snapshot), **nobody}


def _review(auction: Auction, person: Person, typed: str) -> dict[str, Any]:
    """The context of the review. `amount` is None for a malformed one; `foreseen` says why the bid would be refused."""
    own = standing_context(current_engine(), auction.id, person.id, neighbours=False)
    try:
        amount = typed_amount(typed)
    except NoWholeNumber as problem:
        return {**own, "typed": typed[:40], "amount": None, "foreseen": misread_amount(problem.code)}
    if (message := _foreseen_refusal(auction, person, own, amount)) is not None:
        return {
            **own,
            "typed": typed,
            "amount": amount,
            "foreseen": message,
            "lacks": lacking(person, auction),
        }
    rank = current_engine().would_rank(auction.id, person.id, amount)
    return {
        **own,
        "typed": typed,
        "amount": amount,
        "foreseen": None,
        "would_rank": rank,
        "would_win": rules.is_winning(rank, own["snapshot"].terms.seats),
        "remaining": own["chances_left"] - 1,
        "warns": amount > WARNS_ABOVE * _yardstick(own["snapshot"], auction),
        "far_above": rules.is_far_above(amount, own["snapshot"].cutoff),
        "request_id": request.form.get("request_id", "")[:64] or secrets.token_urlsafe(16),
    }


def _yardstick(snapshot: Snapshot, auction: Auction) -> int:
    """The amount (won) by which the review judges whether a bid has a zero too many: the cut-off, which is the minimum
    while seats are left. Every bid is far above 0, so there the best bid counts, else the face price."""
    plain = PLAIN_FIRST_STEPS * snapshot.terms.step
    return snapshot.cutoff or snapshot.best or auction.face_price or plain


def _foreseen_refusal(auction: Auction, person: Person, own: StandingView, amount: int) -> str | None:
    """Why this bid would be refused as of now."""
    if barred := rights.barring(person, auction):
        return barred
    reason = _foreseen(own, amount)
    return refusal(reason, own["snapshot"].terms, own["amount"] or None) if reason else None


def _foreseen(own: StandingView, amount: int) -> Reason | None:
    snapshot = own["snapshot"]
    if snapshot.state.is_end:
        return Reason.CLOSED
    ended = snapshot.state is not State.SCHEDULED and not snapshot.goes_on
    # While it is paused, an end that has passed moves when bidding goes on.
    ends_at_ms = max(snapshot.ends_at_ms, snapshot.now_ms + 1) if snapshot.paused else snapshot.ends_at_ms
    window = rules.Window(snapshot.now_ms, ends_at_ms, ended)
    own_bids = rules.Own(CHANCES - own["chances_left"], own["amount"] if own["place"].sequence else None)
    # An amount far above is asked for once more by the review itself.
    bid = (snapshot.sequence, amount)
    return rules.judge(snapshot.terms, window, own_bids, *bid, cutoff=snapshot.cutoff, sure=amount)

"""The reader's watch list: the page, and for each auction the form that puts it there or takes it off.

Pages that are the same for everybody show a link to the page of that form. For whoever is signed in the form itself
takes its place: on an auction's page with its own part, on a concert's page by `reminders`.
"""

from flask import Blueprint, Response, abort, flash, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import watch_lists
from cashticket.accounts.watch_lists import FOLLOWS_MAX, IsOver, ListFull
from cashticket.blueprints.request.endings import ending, endings
from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.request.negotiation import is_piece_request, problem_response, wants_json
from cashticket.blueprints.request.rate_limits import FOLLOW_CHANGES, counted
from cashticket.blueprints.request.reader import present_reader
from cashticket.blueprints.wording.reminders import coming_reminders_of
from cashticket.ledger import queries
from cashticket.models.columns import utcnow

blueprint = Blueprint("watch_list", __name__)

PAGE = "/me/watchlist"
AUCTION = "/auctions/<int(max=9007199254740991):auction_id>/reminder"
CONCERT = "/concerts/<int(max=9007199254740991):concert_id>/reminders"


@blueprint.get(PAGE)
@signed_in_page
def show() -> str:
    """Every auction that the reader follows, those that are not over first."""
    return render_template("me/watch_list.html", **_watched())


@blueprint.get(f"{PAGE}/watched")
@signed_in_page
def watched() -> str:
    """The list alone, as it stands now."""
    return render_template("me/_watched.html", **_watched())


@blueprint.get(AUCTION)
@signed_in_page
def reminder(auction_id: int) -> str:
    """The form of one auction, as a page of its own. 404 for an unknown auction."""
    auction = queries.auction(auction_id) or abort(404)
    followed = auction_id in watch_lists.followed(_me(), [auction_id])
    now = utcnow()
    end = ending(auction, now)
    coming = "" if end.is_over else coming_reminders_of(auction, end.ends_at, now)
    context = {"auction": auction, "auction_id": auction_id, "followed": followed, "is_over": end.is_over}
    return render_template("me/reminder.html", coming=coming, **context)


@blueprint.post(AUCTION)
@signed_in_page
def change(auction_id: int) -> Response:
    """Follow the auction (`watch=yes`) or follow it no more (`watch=no`). Repeating it changes nothing. 409 for one
    that is over and for a full list, 404 for an unknown auction."""
    wanted = {"yes": True, "no": False}.get(request.form.get("watch", ""))
    if wanted is None:
        abort(400)
    with counted((FOLLOW_CHANGES,), str(_me())):
        if not wanted:
            watch_lists.unfollow(_me(), auction_id)
            return _changed(auction_id, followed=False, message=_("We no longer remind you of this auction."))
        auction, now = queries.auction(auction_id) or abort(404), utcnow()
        end = ending(auction, now)
        try:
            watch_lists.follow(_me(), auction_id, now, goes_on=not end.is_over)
        except IsOver:
            return _refused(auction_id, _("Bidding is over in this auction."))
        except ListFull:
            sentence = _("Your watch list is full: it takes %(most)s auctions. Take one off first.", most=FOLLOWS_MAX)
            return _refused(auction_id, sentence)
    coming = coming_reminders_of(auction, end.ends_at, now)
    return _changed(auction_id, followed=True, message=_("The auction is on your watch list."), coming=coming)


@blueprint.get(CONCERT)
def reminders(concert_id: int) -> str:
    """The forms of a concert's auctions, each in the place of its link; nothing for strangers. Three statements."""
    reader = present_reader()
    if reader is None:
        return ""
    running, now = [auction for auction in queries.auctions_of(concert_id) if not auction.state.is_end], utcnow()
    coming = {auction.id: coming_reminders_of(auction, None, now) for auction in running}
    return render_template("me/_reminders.html", auctions=coming, followed_ids=watch_lists.followed(reader, coming))


def _watched() -> dict[str, object]:
    auctions, now = watch_lists.watch_list(_me()), utcnow()
    return {"auctions": auctions, "endings": endings(auctions, now, asks_of_begun=True), "now": now}


def _changed(auction_id: int, *, followed: bool, message: str, coming: str = "") -> Response:
    if wants_json():
        return jsonify(auction_id=auction_id, watched=followed)
    if is_piece_request():
        return _piece(auction_id, message, followed=followed, coming=coming)
    flash(message, "success")
    return make_response(redirect(PAGE, 303))


def _refused(auction_id: int, message: str) -> Response:
    if wants_json():
        return problem_response(409, _("That is no longer possible"), message)
    if is_piece_request():
        return _piece(auction_id, message, followed=False)
    flash(message, "error")
    return make_response(redirect(PAGE, 303))


def _piece(auction_id: int, message: str, *, followed: bool, coming: str = "") -> Response:
    # The refusal too is swapped in as an answer: it says beside the button why nothing changed.
    context = {"auction_id": auction_id, "followed": followed, "message": message, "coming": coming}
    return make_response(render_template("auctions/_reminder.html", **context))


def _me() -> int:
    principal = current_principal()
    assert principal is not None, "signed_in_page lets nobody else through"
    return principal.id

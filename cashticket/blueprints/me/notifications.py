"""The reader's notices and how many are unread. Opening a page changes nothing; a form marks notices as read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from cashticket.auction.values import NoticeKind
from cashticket.blueprints.request.endings import Ending, endings
from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.wording.aged_notices import aged
from cashticket.blueprints.wording.concerts import title_of
from cashticket.blueprints.wording.notices import Words, words_of
from cashticket.models.columns import utcnow
from cashticket.notify import inbox

blueprint = Blueprint("notifications", __name__, url_prefix="/me/notifications")

PAGE = 30
LATEST = 5
ID_DIGITS = 16


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice as templates show it: when it was written (UTC), the title of its concert ("" when it is about
    the account), and its words."""

    id: int
    at: datetime
    unread: bool
    concert: str
    words: Words


@blueprint.get("")
@signed_in_page
def show() -> str:
    """The newest notices, or those older than `before`."""
    person_id = _me()
    before = request.args.get("before")
    items = inbox.newest(person_id, _id(before) if before is not None else None, PAGE + 1)
    notices = _shown(items[:PAGE])
    older = notices[-1].id if len(items) > PAGE else None
    waiting = inbox.unread(person_id)
    return render_template(
        "me/notifications.html", notices=notices, older=older, paged=before is not None, waiting=waiting
    )


@blueprint.post("")
@signed_in_page
def mark_read() -> Response:
    """Mark everything up to the notice `through`, the newest one the reader saw, as read."""
    inbox.mark_read(_me(), _id(request.form.get("through", "")), utcnow())
    flash(_("Everything is marked as read."), "success")
    return make_response(redirect("/me/notifications", 303))


@blueprint.get("/unread")
@signed_in_page
def unread() -> str:
    """The number of unread notices, for the header of an open page."""
    return render_template("notifications/_unread.html", unread=inbox.unread(_me()))


@blueprint.get("/latest")
@signed_in_page
def latest() -> str:
    """The newest notices, for the bell of an open page."""
    items = inbox.newest(_me(), limit=LATEST)
    return render_template("notifications/_latest.html", notices=_shown(items))


@blueprint.post("/rank-outs")
@signed_in_page
def acknowledge_rank_outs() -> str:
    """Mark the reader's rank-outs in `auction`, up to the one by the bid `sequence`, as read.

    Sent when an alert is closed or followed. Returns the number of unread notices.
    """
    auction_id, sequence = (_id(request.form.get(name, "")) for name in ("auction", "sequence"))
    inbox.acknowledge_rank_out(_me(), auction_id, sequence, utcnow())
    return unread()


@blueprint.app_template_global()
def unread_notices() -> int | None:
    """The number of unread notices for the header; None when this page does not count them and bell.js asks.

    Only pages that look at the session in the tables anyway pay for the count. A failure is no reason to fail the page.
    """
    principal = current_principal()
    if principal is None or not principal.was_found_open:
        return None
    try:
        return inbox.unread(principal.id)
    except SQLAlchemyError:
        return None


def _shown(items: Sequence[inbox.InboxItem]) -> list[ShownNotice]:
    now = utcnow()
    reminders = [item.auction for item in items if item.auction and item.notice.kind is NoticeKind.AUCTION_REMINDER]
    by_auction = endings(reminders, now)
    return [_shown_one(item, by_auction.get(item.auction.id) if item.auction else None, now) for item in items]


def _shown_one(item: inbox.InboxItem, ending: Ending | None, now: datetime) -> ShownNotice:
    notice = item.notice
    concert = title_of(item.concert) if item.concert else ""
    words = words_of(notice, item.auction.zone if item.auction else None)
    words = aged(words, notice, item.auction, item.award, ending, now)
    return ShownNotice(notice.id, notice.created_at, notice.seen_at is None, concert, words)


def _me() -> int:
    principal = current_principal()
    assert principal is not None, "signed_in_page lets nobody else through"
    return principal.id


def _id(text: str) -> int:
    """The id in `text`. 400 for anything but digits."""
    if not text.isascii() or not text.isdigit() or len(text) > ID_DIGITS:
        abort(400)
    return int(text)

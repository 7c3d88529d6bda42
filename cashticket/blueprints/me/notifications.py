"""What the reader was told, and the count of what waits to be read. Looking changes nothing; a form marks as read."""

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.wording.notices import words_of
from cashticket.models.columns import utcnow
from cashticket.notify import inbox

blueprint = Blueprint("notifications", __name__, url_prefix="/me/notifications")

SHOWN = 30
LATEST = 5
ID_DIGITS = 16


@blueprint.get("")
@signed_in_page
def show() -> str:
    """The newest notices, or those older than `before`."""
    person_id = _me()
    before = request.args.get("before")
    items = inbox.newest(person_id, _id(before) if before is not None else None, SHOWN + 1)
    page = [(item, words_of(item.notice)) for item in items[:SHOWN]]
    older = page[-1][0].notice.id if len(items) > SHOWN else None
    waiting = inbox.unread(person_id)
    return render_template(
        "me/notifications.html", notices=page, older=older, paged=before is not None, waiting=waiting
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
    """How many notices wait to be read, for the header of a page that is open."""
    return render_template("notifications/_unread.html", unread=inbox.unread(_me()))


@blueprint.get("/latest")
@signed_in_page
def latest() -> str:
    """The newest few, for the bell of a page that is open."""
    items = inbox.newest(_me(), limit=LATEST)
    return render_template("notifications/_latest.html", notices=[(item, words_of(item.notice)) for item in items])


@blueprint.post("/rank-outs")
@signed_in_page
def acknowledge_rank_outs() -> str:
    """Mark the reader's displacements from `auction`, up to that by the bid `sequence`, as read: their alert was
    closed or followed. Answers what still waits."""
    auction_id, sequence = (_id(request.form.get(name, "")) for name in ("auction", "sequence"))
    inbox.acknowledge_rank_out(_me(), auction_id, sequence, utcnow())
    return unread()


@blueprint.app_template_global()
def unread_notices() -> int | None:
    """What waits to be read by the signed-in, for the page's header; None when the page does not count.

    Only pages whose door has asked the tables who is reading pay for the count, and no page fails for want of it: the
    others have the browser ask.
    """
    principal = current_principal()
    if principal is None or vars(principal).get("row") is None:
        return None
    try:
        return inbox.unread(principal.id)
    except SQLAlchemyError:
        return None


def _me() -> int:
    principal = current_principal()
    assert principal is not None, "signed_in_page has looked"
    return principal.id


def _id(text: str) -> int:
    """The id that `text` says, or 400."""
    if not text.isascii() or not text.isdigit() or len(text) > ID_DIGITS:
        abort(400)
    return int(text)

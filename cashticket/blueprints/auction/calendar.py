"""The opening and the end of an auction as a calendar file: the same bytes for everybody in one language.

The end may move; the file says so, and who takes it again later gets the end that holds then. Once the auction is void,
the file takes both out of calendars.
"""

from datetime import datetime, timedelta

from flask import Blueprint, Response, abort, url_for
from flask_babel import gettext as _

from cashticket.auction.values import State
from cashticket.blueprints.request.public_pages import public_answer
from cashticket.blueprints.wording.awards import voided
from cashticket.blueprints.wording.concerts import title_of
from cashticket.calendar_files import CONTENT_TYPE, Appointment, calendar_file
from cashticket.ledger import queries
from cashticket.ledger.operator_acts import why_voided
from cashticket.models import Auction
from cashticket.wiring import current_settings

blueprint = Blueprint("calendar", __name__, url_prefix="/auctions/<int(max=9007199254740991):auction_id>")

ALARM = timedelta(minutes=10)


@blueprint.get("/calendar.ics")
def as_ics(auction_id: int) -> Response:
    """Both moments with an alarm ten minutes before. One SQL statement, two for a void auction. 404 for an unknown
    auction."""
    auction = queries.auction(auction_id) or abort(404)
    why = why_voided(auction_id) if auction.state is State.VOIDED else None
    facts = (auction.opens_at, auction.ends_at, title_of(auction.concert), why)
    return public_answer(facts, lambda: Response(calendar_file(_appointments(auction, why)), content_type=CONTENT_TYPE))


def _appointments(auction: Auction, why: str | None) -> list[Appointment]:
    """`why` it is void, None if it is not."""
    title, base_url = title_of(auction.concert), current_settings().base_url.rstrip("/")
    link = base_url + url_for("auctions.show", auction_id=auction.id)
    host = base_url.partition("://")[2]
    is_off = why is not None
    # The end only ever moves later, and no more once the auction is void: a later file has a greater version.
    version = int((auction.ends_at - auction.opens_at).total_seconds()) + is_off

    def appointment(name: str, at: datetime, words: str) -> Appointment:
        uid, text = f"auction-{auction.id}-{name}@{host}", f"{_note(why)}\n{link}"
        words = _("Auction cancelled: %(concert)s", concert=title) if is_off else words
        return Appointment(uid, at, words, text, link, auction.created_at, version, alarm=ALARM, is_off=is_off)

    return [
        appointment("opening", auction.opens_at, _("Bidding opens: %(concert)s", concert=title)),
        appointment("end", auction.ends_at, _("Bidding ends: %(concert)s", concert=title)),
    ]


def _note(why: str | None) -> str:
    if why is None:
        return str(_("The end of bidding can move to later. The auction page shows the end that holds."))
    reason = _("Reason given: %(why)s", why=why) if why else ""
    return f"{voided()} {reason}".rstrip()

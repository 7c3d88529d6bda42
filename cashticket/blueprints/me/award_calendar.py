"""The moments of one's own award as a calendar file: until when the seat can be bought, and the concert.

Once the seat is no longer the reader's, the file takes both out of calendars.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Blueprint, Response, abort
from flask_babel import gettext as _

from cashticket.auction.values import AwardState
from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.wording.awards import seat_name
from cashticket.blueprints.wording.concerts import title_of, venue_of
from cashticket.calendar_files import CONTENT_TYPE, Appointment, calendar_file
from cashticket.ledger import person_queries
from cashticket.models import Award
from cashticket.models.columns import utcnow
from cashticket.wiring import current_settings

blueprint = Blueprint("award_calendar", __name__)

DEADLINE_ALARM, CONCERT_ALARM = timedelta(hours=2), timedelta(days=1)


@blueprint.get("/awards/<int(max=9007199254740991):award_id>/calendar.ics")
@signed_in_page
def as_ics(award_id: int) -> Response:
    """The concert, and before the seat is bought also its deadline. 404 for an award of somebody else."""
    principal = current_principal()
    assert principal is not None, "signed_in_page lets nobody else through"
    award = next((each for each in person_queries.tickets_of(principal.id) if each.id == award_id), None)
    if award is None:
        abort(404)
    return Response(calendar_file(_appointments(award, utcnow())), content_type=CONTENT_TYPE)


def _appointments(award: Award, now: datetime) -> list[Appointment]:
    has_run_out = award.state is AwardState.OFFERED and award.expires_at <= now
    is_off = has_run_out or not award.live
    concert, base_url = award.auction.concert, current_settings().base_url.rstrip("/")
    link, host = f"{base_url}/me/tickets#award-{award.id}", base_url.partition("://")[2]
    title = _("Seat no longer yours: %(concert)s", concert=title_of(concert)) if is_off else title_of(concert)
    evening = Appointment(
        f"award-{award.id}-concert@{host}",
        concert.starts_at,
        title,
        _("Seat %(seat)s", seat=seat_name(award)),
        link,
        award.offered_at,
        version=int(is_off),
        alarm=CONCERT_ALARM,
        place=venue_of(concert),
        is_off=is_off,
    )
    if award.state is AwardState.BOUGHT:
        return [evening]
    deadline = title if is_off else _("Last moment to buy: %(concert)s", concert=title)
    uid, at = f"award-{award.id}-deadline@{host}", award.expires_at
    return [replace(evening, uid=uid, at=at, title=deadline, alarm=DEADLINE_ALARM, place=""), evening]

"""The moments of one's own award as a calendar file: until when the seat can be bought, and the concert."""

from datetime import timedelta

from flask import Blueprint, Response, abort
from flask_babel import gettext as _

from cashticket.auction.values import AwardState
from cashticket.blueprints.request.identity import current_principal, signed_in_page
from cashticket.blueprints.wording.awards import seat_name
from cashticket.blueprints.wording.concerts import title_of, venue_of
from cashticket.calendar_files import CONTENT_TYPE, Appointment, calendar_file
from cashticket.ledger import person_queries
from cashticket.models import Award
from cashticket.wiring import current_settings

blueprint = Blueprint("award_calendar", __name__)

DEADLINE_ALARM, CONCERT_ALARM = timedelta(hours=2), timedelta(days=1)


@blueprint.get("/awards/<int(max=9007199254740991):award_id>/calendar.ics")
@signed_in_page
def as_ics(award_id: int) -> Response:
    """The concert, and before the seat is bought also its deadline. 404 for an award of somebody else and for one that
    holds no seat any more."""
    principal = current_principal()
    assert principal is not None, "signed_in_page lets nobody else through"
    award = next((each for each in person_queries.tickets_of(principal.id) if each.id == award_id), None)
    if award is None or not award.live:
        abort(404)
    return Response(calendar_file(_appointments(award)), content_type=CONTENT_TYPE)


def _appointments(award: Award) -> list[Appointment]:
    concert, base_url = award.auction.concert, current_settings().base_url.rstrip("/")
    link, host = f"{base_url}/me/tickets#award-{award.id}", base_url.partition("://")[2]
    seat = _("Seat %(seat)s", seat=seat_name(award))
    appointments = []
    if award.state is AwardState.OFFERED:
        title = _("Last moment to buy: %(concert)s", concert=title_of(concert))
        uid = f"award-{award.id}-deadline@{host}"
        appointments.append(
            Appointment(uid, award.expires_at, title, seat, link, award.offered_at, alarm=DEADLINE_ALARM)
        )
    uid = f"award-{award.id}-concert@{host}"
    evening = Appointment(
        uid,
        concert.starts_at,
        title_of(concert),
        seat,
        link,
        award.offered_at,
        alarm=CONCERT_ALARM,
        place=venue_of(concert),
    )
    return [*appointments, evening]

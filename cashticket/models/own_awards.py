"""Which award a notice is about: that of its person in its auction, of which there is at most one."""

from sqlalchemy import ColumnElement, and_

from cashticket.models.awards import Award
from cashticket.models.notices import Notification


def own_award() -> ColumnElement[bool]:
    """The SQL condition by which a row of `notifications` is joined to that award."""
    return and_(Award.auction_id == Notification.auction_id, Award.person_id == Notification.person_id)

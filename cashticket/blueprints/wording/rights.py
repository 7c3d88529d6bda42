"""Why somebody may not bid, where more can be said than that the account may not."""

from flask_babel import gettext as _

from cashticket.accounts.own_people import is_own
from cashticket.blueprints.wording import age_limits
from cashticket.models import Concert, Person


def refusal(person: Person, concert: Concert) -> str | None:
    """The sentence when being staff, being one of the organiser's own people, or the age limit of `concert` keeps
    `person` from bidding; else None."""
    if person.is_staff and not person.is_excluded:
        return str(_("This is a staff account. Staff does not bid; you can watch the auction like everybody."))
    if not person.is_excluded and is_own(person, concert):
        return str(_("You belong to the organiser of this concert, so you cannot bid in its auctions. You can watch."))
    return age_limits.refusal(person, concert)

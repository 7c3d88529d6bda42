"""Why somebody may not bid, where more can be said than that the account may not."""

from flask_babel import gettext as _

from cashticket.blueprints.wording import age_limits
from cashticket.models import Concert, Person


def refusal(person: Person, concert: Concert) -> str | None:
    """The sentence when being staff, or the age limit of `concert`, keeps `person` from bidding; else None."""
    if person.is_staff and not person.is_excluded:
        return str(_("This is a staff account. Staff does not bid; you can watch the auction like everybody."))
    return age_limits.refusal(person, concert)

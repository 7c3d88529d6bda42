"""Why a change of an account is refused: the status of the answer, and a sentence for its owner."""

from flask_babel import gettext as _

from cashticket.accounts.holds import BidsHeld
from cashticket.accounts.recovery import HoldsAward
from cashticket.work.changing_people import Bound

REFUSALS = (Bound, HoldsAward, BidsHeld)


def closing_refused(error: Exception) -> tuple[int, str]:
    """For one of REFUSALS, raised while an account was being closed."""
    if isinstance(error, HoldsAward):
        return 422, str(_("You hold a ticket or an offer. Use it or give it back first."))
    if isinstance(error, Bound):
        return 422, str(_("Your account cannot be closed while a bid of yours counts in an auction."))
    return _busy()


def saving_refused(error: Exception) -> tuple[int, str]:
    """For one of REFUSALS, raised while name or date of birth were being changed."""
    if isinstance(error, Bound):
        return 422, str(_("Your name and date of birth cannot change while a bid of yours counts."))
    return _busy()


def _busy() -> tuple[int, str]:
    return 409, str(_("Another change of your account is being saved. Try again in a moment."))

"""What a form says when it takes no more for a while. Each text says when to try again."""

from flask_babel import gettext as _
from flask_babel import ngettext

from cashticket.blueprints.request.rate_limits import Limit

BUSY_SECONDS = 2
"""Retry-After of a form that came back because too many passwords were being checked."""


CODE_LIMITS = (
    Limit.CODES_OF_PERSON,
    Limit.CODES_OF_PERSON_A_DAY,
    Limit.CODES_TO_NUMBER,
    Limit.CODES_TO_NUMBER_A_DAY,
    Limit.CODES_OF_ADDRESS,
)
"""The limits of SMS with codes. Which of them is reached is not said."""


def busy() -> str:
    """Said by a form whose password could not be checked at once. The form itself is shown again, as it was typed."""
    return str(
        _("Many people are signing in right now, so we could not check your password. Try again in a few seconds.")
    )


def reached(limit: Limit, seconds: int) -> str:
    """Said when `limit` takes no more for `seconds`."""
    reasons = {
        Limit.CHANGES_OF_EMAIL: _("You asked for several changes of your address today, so no other mail was sent."),
        Limit.PHONE_QUESTIONS: _("You tried many phone numbers today, so nothing was saved."),
        **dict.fromkeys(CODE_LIMITS, _("Many codes were sent already, so no other one was sent.")),
        Limit.TYPED_CODES: _("You typed many codes today, so this one was not looked at."),
        Limit.IDENTITY_CHECKS: _("You began many verifications today, so no other one was begun."),
        Limit.PROFILE_SAVES: _("You saved your profile many times, so nothing was saved now."),
    }
    reason = reasons.get(limit) or _("Too many tries.")
    return f"{reason} {wait(seconds)}"


def wait(seconds: int) -> str:
    """When to try again: in minutes, after an hour and a half in hours."""
    if seconds <= 90 * 60:
        minutes = -(-seconds // 60)
        return str(ngettext("Try again in %(num)d minute.", "Try again in %(num)d minutes.", minutes))
    hours = -(-seconds // 3600)
    return str(ngettext("Try again in %(num)d hour.", "Try again in %(num)d hours.", hours))

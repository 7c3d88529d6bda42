"""What an act on one's own account asks for again: the current password and, where one is set, a second factor."""

from typing import NamedTuple

from flask_babel import gettext as _

from cashticket.blueprints.account.password_proof import knows_password
from cashticket.blueprints.request import second_factor
from cashticket.models import Person


class Unproved(NamedTuple):
    """What is missing, as sentences for the two fields of the form; "" for a field that is right."""

    password: str = ""
    code: str = ""


def unproved(person: Person) -> Unproved | None:
    """What the form of this request fails to prove, or None. The second factor is checked after the password.

    Raises LimitReached after too many passwords, and TooBusy.
    """
    if not knows_password(person):
        return Unproved(password=_("The password is not right."))
    refused = second_factor.prove_if_set(person.id)
    return Unproved(code=second_factor.refusal_text(refused)) if refused else None

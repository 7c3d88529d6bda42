"""The current password, typed again by a signed-in person who changes what protects the account."""

from flask import request

from cashticket.accounts import passwords
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.request.password_limits import proof_try
from cashticket.models import Person


def knows_password(person: Person) -> bool:
    """Whether the field `current_password` is right. Raises LimitReached after too many proofs, and TooBusy."""
    typed = request.form.get("current_password", "")[: passwords.LENGTH_MAX + 1]
    with proof_try(person.email) as attempt:
        right = passwords.verify(person.password_hash, typed)
        attempt.judge(right=right)
    if not right:
        record(SecurityEvent.PASSWORD_REFUSED, person_id=person.id)
    return right

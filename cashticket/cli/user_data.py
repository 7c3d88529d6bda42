"""What commands print of an account."""

from cashticket.cli.output import Data
from cashticket.models import Person


def person_data(person: Person) -> Data:
    """Everything that a command prints of an account."""
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "phone": person.phone,
        "permission": person.permission,
        "verified": person.verified_at is not None,
        "phone_proven": person.phone_proven_at is not None,
        "identity_proven": person.identity_proven_at is not None,
        "blocked": person.blocked_at is not None,
        "staff": person.is_staff,
    }

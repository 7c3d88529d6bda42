"""The age limit of a concert and the right to bid.

A person's age is the number of full years on the concert's day in Korea, as it is checked at the entrance. Without a
date of birth, bidding in an age-limited auction waits until the person enters it.
"""

from datetime import date

from cashticket.accounts import fields
from cashticket.auction.values import Permission
from cashticket.locale import SEOUL
from cashticket.models import Concert, Person


def permission(person: Person, concert: Concert) -> Permission:
    """The right to bid for seats of `concert`: the account's own, unless the age limit takes it away.

    Unverified without a date of birth, blocked for a person too young on the day.
    """
    own = person.permission
    if own is not Permission.OK or not concert.age_limit:
        return own
    if person.birth_date is None:
        return Permission.UNVERIFIED
    return Permission.OK if _is_old_enough(person.birth_date, concert) else Permission.BLOCKED


def is_barred(person: Person, concert: Concert) -> bool:
    """Whether the age limit, and nothing else, keeps `person` from bidding."""
    return permission(person, concert) is not person.permission


def _is_old_enough(born: date, concert: Concert) -> bool:
    assert concert.age_limit is not None, "only called for concerts with an age limit"
    return fields.age(born, concert.starts_at.astimezone(SEOUL).date()) >= concert.age_limit

"""The age limit of a concert and the right to bid.

A person's age is the number of full years on the concert's day in Korea, as it is checked at the entrance. Without a
date of birth, bidding in an age-limited auction waits until the person enters it.
"""

from datetime import date

from sqlalchemy import select

from cashticket.accounts import fields
from cashticket.auction.values import UNFINISHED_STATES, Permission
from cashticket.extensions import db
from cashticket.locale import SEOUL
from cashticket.models import Auction, Concert, Person


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


def exceptions(person: Person) -> dict[int, Permission]:
    """The right to bid in every unfinished auction where an age limit changes it, by auction id. One SQL statement."""
    limited = (
        select(Auction.id, Concert)
        .join(Auction.concert)
        .where(Auction.state.in_(UNFINISHED_STATES), Concert.age_limit > 0)
    )
    rights = {auction_id: permission(person, concert) for auction_id, concert in db.session.execute(limited)}
    return {auction_id: right for auction_id, right in rights.items() if right is not person.permission}


def _is_old_enough(born: date, concert: Concert) -> bool:
    assert concert.age_limit is not None, "only called for concerts with an age limit"
    return fields.age(born, concert.starts_at.astimezone(SEOUL).date()) >= concert.age_limit

"""The right to bid for seats of a concert: the account's own, unless something about the concert takes it away."""

from sqlalchemy import or_, select

from cashticket.accounts import age_limits, own_people
from cashticket.auction.values import UNFINISHED_STATES, Permission
from cashticket.extensions import db
from cashticket.models import Auction, Concert, OrganiserPerson, Person


def permission(person: Person, concert: Concert) -> Permission:
    """The right of `person` to bid for seats of `concert`: blocked for the organiser's own people, and what the age
    limit leaves for everybody else."""
    if own_people.is_own(person, concert):
        return Permission.BLOCKED
    return age_limits.permission(person, concert)


def exceptions(person: Person) -> dict[int, Permission]:
    """The right to bid in every unfinished auction where it differs from the account's own, by auction id. One SQL
    statement."""
    own = (OrganiserPerson.organiser_id == Concert.organiser_id) & own_people.names(person)
    special = (
        select(Auction.id, Concert, OrganiserPerson.id)
        .join(Auction.concert)
        .outerjoin(OrganiserPerson, own)
        .where(Auction.state.in_(UNFINISHED_STATES), or_(Concert.age_limit > 0, OrganiserPerson.id.is_not(None)))
    )
    rights = {
        auction_id: age_limits.permission(person, concert) if own_id is None else Permission.BLOCKED
        for auction_id, concert, own_id in db.session.execute(special)
    }
    return {auction_id: right for auction_id, right in rights.items() if right is not person.permission}

"""The right to bid in an auction: the account's own, unless something about the concert takes it away, or the auction
asks for what the person has not proven."""

from sqlalchemy import or_, select

from cashticket.accounts import age_limits, kept_keys, own_people
from cashticket.auction import person_rules
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.values import UNFINISHED_STATES, Permission
from cashticket.extensions import db
from cashticket.models import Auction, Concert, OrganiserPerson, Person


def permission(person: Person, concert: Concert) -> Permission:
    """The right of `person` to bid for seats of `concert`: blocked for the organiser's own people, and what the age
    limit leaves for everybody else."""
    if own_people.is_own(person, concert):
        return Permission.BLOCKED
    return age_limits.permission(person, concert)


def permission_in(person: Person, auction: Auction) -> Permission:
    """The right of `person` to bid in `auction`: unverified for whoever has not proven what it asks for, blocked for
    whoever has bid there by an account that is closed: chances are a person's."""
    if kept_keys.has_bid_before(person, auction.id):
        return Permission.BLOCKED
    return _as_proven(permission(person, auction.concert), person, auction.identity)


def lacking(person: Person, auction: Auction) -> IdentityTerm:
    """What `person` must still prove to bid in `auction`; NONE when that is nothing, or would not be enough."""
    if permission(person, auction.concert) is not Permission.OK:
        return IdentityTerm.NONE
    return auction.identity if permission_in(person, auction) is Permission.UNVERIFIED else IdentityTerm.NONE


def exceptions(person: Person) -> dict[int, Permission]:
    """The right to bid in every unfinished auction where it differs from the account's own, by auction id. One SQL
    statement, and one more for whoever has proven their identity."""
    own = (OrganiserPerson.organiser_id == Concert.organiser_id) & own_people.names(person)
    special = (
        select(Auction.id, Auction.identity, Concert, OrganiserPerson.id)
        .join(Auction.concert)
        .outerjoin(OrganiserPerson, own)
        .where(
            Auction.state.in_(UNFINISHED_STATES),
            or_(Concert.age_limit > 0, OrganiserPerson.id.is_not(None), Auction.identity != IdentityTerm.NONE),
        )
    )
    rights = {
        auction_id: _as_proven(
            age_limits.permission(person, concert) if own_id is None else Permission.BLOCKED, person, identity
        )
        for auction_id, identity, concert, own_id in db.session.execute(special)
    }
    rights |= dict.fromkeys(kept_keys.auctions_bid_before(person), Permission.BLOCKED)
    return {auction_id: right for auction_id, right in rights.items() if right is not person.permission}


def _as_proven(right: Permission, person: Person, identity: IdentityTerm) -> Permission:
    """`right`, unless what an auction asks for is not proven."""
    is_met = person_rules.meets(
        identity,
        has_proven_phone=person.phone_proven_at is not None,
        has_proven_identity=person.identity_proven_at is not None,
    )
    return right if is_met or right is not Permission.OK else Permission.UNVERIFIED

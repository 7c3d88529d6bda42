"""Why somebody may not bid, where more can be said than that the account may not."""

from flask_babel import gettext as _

from cashticket.accounts.kept_keys import has_bid_before
from cashticket.accounts.own_people import is_own
from cashticket.accounts.rights import lacking, permission_in
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.values import Permission, Reason
from cashticket.blueprints.wording import age_limits, bids
from cashticket.models import Auction, Person


def refusal(person: Person, auction: Auction) -> str | None:
    """The sentence when being staff, being one of the organiser's own people, a bid by a closed account, the age limit
    of the concert, or what is not proven keeps `person` from bidding in `auction`; else None."""
    concert = auction.concert
    if person.is_staff and not person.is_excluded:
        return str(_("This is a staff account. Staff does not bid; you can watch the auction like everybody."))
    if not person.is_excluded and is_own(person, concert):
        return str(_("You belong to the organiser of this concert, so you cannot bid in its auctions. You can watch."))
    if has_bid_before(person, auction.id):
        return str(_("You have bid in this auction with an account that you closed. Its bids count as yours."))
    return _unproven(lacking(person, auction)) or age_limits.refusal(person, concert)


def barring(person: Person, auction: Auction) -> str | None:
    """The sentence that says why this person may not bid in this auction at all."""
    reasons = {Permission.BLOCKED: Reason.BLOCKED, Permission.UNVERIFIED: Reason.NOT_VERIFIED}
    reason = reasons.get(permission_in(person, auction))
    return (refusal(person, auction) or bids.refusal(reason)) if reason else None


def _unproven(term: IdentityTerm) -> str | None:
    if term is IdentityTerm.PHONE:
        return str(_("This auction takes bids only from people with a verified phone. Verify yours; then bid."))
    if term is IdentityTerm.IDENTITY:
        return str(_("This auction takes bids only from people with a verified identity. Verify yours; then bid."))
    return None

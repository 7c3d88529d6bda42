"""Who may bid, and what a standing bid keeps as it is about its person (rules 3 and 4). Pure functions."""

from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.values import Permission, State


def right_to_bid(*, is_excluded: bool, is_staff: bool, is_verified: bool) -> Permission:
    """An account's own right to bid, before any age limit. `is_excluded`: blocked or closed. Staff never bids; a bid
    from before somebody joined the staff stands."""
    if is_excluded or is_staff:
        return Permission.BLOCKED
    return Permission.OK if is_verified else Permission.UNVERIFIED


def meets(term: IdentityTerm, *, has_proven_phone: bool, has_proven_identity: bool) -> bool:
    """Whether a person has proven what an auction of this term asks for."""
    proven = {IdentityTerm.PHONE: has_proven_phone, IdentityTerm.IDENTITY: has_proven_identity}
    return proven.get(term, True)


def binds(state: State) -> bool:
    """Whether a bid that stands in an auction of this state binds its person: the account cannot be closed, and name
    and date of birth stay as they were when the bid was made."""
    return not state.is_end


def may_change(present: object, new: object, *, bound: bool) -> bool:
    """Whether a person may change a fact under which bids were made from `present` to `new`; `bound` tells whether a
    bid of theirs stands in an unfinished auction. A fact that was never given may be given at any time."""
    return not bound or not present or present == new

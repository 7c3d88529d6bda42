"""What a standing bid keeps as it is about its person (rules 3 and 4). Pure functions."""

from cashticket.auction.values import State


def binds(state: State) -> bool:
    """Whether a bid that stands in an auction of this state binds its person: the account cannot be closed, and name
    and date of birth stay as they were when the bid was made."""
    return not state.is_end


def may_change(present: object, new: object, *, bound: bool) -> bool:
    """Whether a person may change a fact under which bids were made from `present` to `new`; `bound` tells whether a
    bid of theirs stands in an unfinished auction. A fact that was never given may be given at any time."""
    return not bound or not present or present == new

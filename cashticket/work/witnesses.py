"""How the testimony of witnesses is asked for, and what operators are told where it is missing."""

from collections.abc import Callable, Sequence

from cashticket.witness.testimony import Testimony

ReadTestimony = Callable[[], Testimony]
"""Returns what all witnesses have written. Raises ShelfUnavailable."""

NOBODY = Testimony(())


def no_witness() -> Testimony:
    """The testimony where there are no witnesses."""
    return NOBODY


def still_silent(processes: Sequence[str]) -> str:
    """What is said while living processes have not written since the live store answers again."""
    return (
        f"These processes have not written yet which bids they know: {', '.join(processes)}. Each does so within "
        "seconds; end one that hangs."
    )


def unwitnessed(auction_id: int) -> str:
    """What is said of an auction whose last bids nobody witnessed, with the two choices that an operator has."""
    return (
        f"auction {auction_id}: nobody witnessed the live store on which it took its last bids, so answered bids may "
        f"be missing. If the newest data of that store is back: `flask auction resume {auction_id} --why …`. If it may "
        f"be an older copy: `flask auction rebuild {auction_id} --yes --why …`"
    )

"""On which process of the live store every answered bid of an auction was accounted for, kept outside that store."""

from collections.abc import Collection

from sqlalchemy import select, update

from cashticket.extensions import db
from cashticket.ledger import check_marks
from cashticket.models import AuctionCheck
from cashticket.models.units import in_one_unit


def accounted_on(auction_ids: Collection[int]) -> dict[int, str]:
    """The identity of that process for each of these auctions; '' where none was noted."""
    rows = select(AuctionCheck.auction_id, AuctionCheck.accounted_on)
    noted = db.session.execute(rows.where(AuctionCheck.auction_id.in_(auction_ids)))
    return dict.fromkeys(auction_ids, "") | {auction_id: identity for auction_id, identity in noted}  # noqa: C416


def note_accounted(auction_ids: Collection[int], identity: str) -> None:
    """Note that every answered bid of these auctions is accounted for on this process. It comes before bids are taken
    there, so that the note is never behind them. Auctions that the ledger does not know are left out."""
    check_marks.ensure(auction_ids)
    noted = update(AuctionCheck).where(AuctionCheck.auction_id.in_(auction_ids)).values(accounted_on=identity)
    in_one_unit(lambda session: session.execute(noted, execution_options={"synchronize_session": False}))

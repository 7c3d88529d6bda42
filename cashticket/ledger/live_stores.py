"""Which live store each auction has. NULL stands for the first store, the one at REDIS_URL."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from cashticket.auction.store_names import FIRST_STORE
from cashticket.auction.values import UNFINISHED_STATES
from cashticket.extensions import db
from cashticket.models import Auction


def names_of(auction_ids: Collection[int]) -> dict[int, str]:
    """The name of the store of each of these auctions that is in the ledger. Reads in a session of its own."""
    rows = select(Auction.id, Auction.store).where(Auction.id.in_(auction_ids))
    with Session(db.engine) as session:
        return {auction_id: store or FIRST_STORE for auction_id, store in session.execute(rows)}


def in_store(name: str) -> ColumnElement[bool]:
    """Whether an auction is in the store of this name."""
    return Auction.store.is_(None) if name == FIRST_STORE else Auction.store == name


def unfinished_counts() -> Counter[str]:
    """How many auctions of each store are not settled or voided yet, by the store's name."""
    rows = select(Auction.store, func.count()).where(Auction.state.in_(UNFINISHED_STATES)).group_by(Auction.store)
    return Counter({store or FIRST_STORE: count for store, count in db.session.execute(rows)})


def of_concert(session: Session, concert_id: int) -> list[str]:
    """The names of the stores in which a concert has auctions that are not settled or voided yet, the newest first; by
    what `session` sees."""
    rows = select(Auction.store).where(Auction.concert_id == concert_id, Auction.state.in_(UNFINISHED_STATES))
    return [store or FIRST_STORE for store in session.scalars(rows.order_by(Auction.id.desc()))]


def unfinished_elsewhere(names: Collection[str]) -> dict[int, str]:
    """The auctions not settled or voided yet whose store has none of these names, by id, with its name."""
    rows = select(Auction.id, Auction.store).where(Auction.state.in_(UNFINISHED_STATES), Auction.store.is_not(None))
    return {each: store for each, store in db.session.execute(rows.where(Auction.store.not_in(names))) if store}

"""Watch lists: which auctions people follow, to be reminded of their opening and their end."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session, contains_eager

from cashticket.auction.reminder_rules import AuctionReminder, auction_reminder
from cashticket.auction.values import UNFINISHED_STATES
from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Auction, Follow, Person
from cashticket.models.units import in_one_unit

FOLLOWS_MAX = 100
"""Auctions on one watch list."""


class UnknownAuction(LookupError):
    """There is no such auction."""


class IsOver(Exception):
    """The auction is over: there is nothing to be reminded of."""


class ListFull(Exception):
    """The watch list has FOLLOWS_MAX auctions."""


def follow(person_id: int, auction_id: int, now: datetime, *, goes_on: bool = False) -> None:
    """Put an auction on a person's watch list at `now` (UTC). Repeating it changes nothing. `goes_on`: an end that has
    passed in the tables is not the end of bidding, because it moves. Reminders whose moment has come are not made up
    for. Raises UnknownAuction, IsOver, ListFull."""

    def work(session: Session) -> None:
        # The account is locked first, so that two forms wait for each other.
        session.get_one(Person, person_id, with_for_update=True)
        auction = session.get(Auction, auction_id)
        if auction is None:
            raise UnknownAuction(auction_id)
        if session.scalar(select(Follow.id).where(*_is(person_id, auction_id))) is not None:
            return
        has_passed = auction.ends_at <= now
        if auction.state.is_end or (has_passed and not goes_on):
            raise IsOver
        if (session.scalar(select(func.count(Follow.id)).where(Follow.person_id == person_id)) or 0) >= FOLLOWS_MAX:
            raise ListFull
        session.add(
            Follow(
                person_id=person_id,
                auction_id=auction_id,
                reminded=int(AuctionReminder.OPENING if has_passed else _come(auction, now) or 0),
                created_at=now,
            )
        )

    in_one_unit(work)


def unfollow(person_id: int, auction_id: int) -> None:
    """Take an auction off a person's watch list. Repeating it changes nothing."""
    in_one_unit(lambda session: session.execute(delete(Follow).where(*_is(person_id, auction_id))))


def followed(person_id: int, auction_ids: Collection[int]) -> frozenset[int]:
    """Those of these auctions that a person follows, in one statement."""
    rows = select(Follow.auction_id).where(Follow.person_id == person_id, Follow.auction_id.in_(auction_ids))
    return frozenset(db.session.scalars(rows))


def watch_list(person_id: int) -> Sequence[Auction]:
    """The auctions that a person follows, each with its concert: those that are not over first, by their end."""
    rows = (
        select(Auction)
        .join(Follow, Follow.auction_id == Auction.id)
        .join(Auction.concert)
        .options(contains_eager(Auction.concert))
        .where(Follow.person_id == person_id)
        .order_by(Auction.state.in_(UNFINISHED_STATES).desc(), Auction.ends_at, Auction.id)
    )
    return db.session.scalars(rows).all()


def _come(auction: Auction, now: datetime) -> AuctionReminder | None:
    return auction_reminder(to_ms(auction.opens_at), to_ms(auction.ends_at), to_ms(now))


def _is(person_id: int, auction_id: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Follow.person_id == person_id, Follow.auction_id == auction_id

"""Stores published auctions and extends them. Terms are frozen; only the end may be moved later, by an operator.

An auction is stored first and then opened in the live store. If the live store certainly refused, the rows are deleted
again. If its answer was lost, they stay, and the same terms may be sent again without harm.
"""

import secrets
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import case, delete, update
from sqlalchemy.orm import Session

from cashticket.auction.aliases import CONCERT_SALT_PREFIX
from cashticket.auction.values import State
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.plans import Plan, TakesNoAuction, check_end, check_plan, latest_end
from cashticket.catalogue.seat_facts import cleaned
from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.locale import SEOUL, to_moment
from cashticket.models import Auction, Concert, Seat
from cashticket.models.operator_acts import WHY_MAX, Act, auction_subject, cancellation, record_act
from cashticket.models.units import in_one_unit


class NotOpened(OperatorError):
    """The live store certainly did not take the terms. Raised by the caller's `engine_open`."""


StoreOf = Callable[[Session, int], str | None]
"""Takes the unit and a concert, and returns the live store of its next auction, as the table names it."""


def first_store(session: Session, concert_id: int) -> str | None:
    """The first live store for every auction."""
    return None


def publish_auction(
    plan: Plan, now: datetime, engine_open: Callable[[Auction], object], store_of: StoreOf = first_store
) -> Auction:
    """Store the auction with its seats, then call `engine_open`. `now` is the live store's time.

    Raises NotPublishable before anything is stored, and NotOpened after the rows were deleted again. After any other
    error of `engine_open` the auction stays stored, because it may be open.
    """
    auction = in_one_unit(lambda session: _store(session, plan, now, store_of))
    try:
        engine_open(auction)
    except NotOpened:
        in_one_unit(lambda session: _delete_again(session, auction.id))
        raise
    return auction


def _store(session: Session, plan: Plan, now: datetime, store_of: StoreOf) -> Auction:
    concert = session.get(Concert, plan.concert_id)
    if concert is None:
        raise NotPublishable(f"There is no concert {plan.concert_id}; `flask concert list` shows them.")
    check_plan(plan, concert, now)
    return store_auction(session, plan, concert, store_of)


def store_auction(session: Session, plan: Plan, concert: Concert, store_of: StoreOf = first_store) -> Auction:
    """Store an auction that passed `check_plan`, with its seats, in the caller's unit. Raises NotPublishable for
    what it says about them."""
    cap_seconds = soft_close_cap(plan.soft_close_cap_seconds, plan.closes_at, concert)
    terms = cleaned(asdict(plan)) | {"soft_close_cap_seconds": cap_seconds, "maximum": plan.terms.maximum}
    alias_salt = _alias_salt(session, concert)
    # The concert's row is held from here on: whoever cancels it comes before this auction, or voids it too.
    if session.scalar(cancellation(concert.id)) is not None:
        raise TakesNoAuction(f"Concert {concert.id} is cancelled; it has no more auctions.")
    store = store_of(session, concert.id)
    auction = Auction(**terms, concert=concert, ends_at=plan.closes_at, alias_salt=alias_salt, store=store)
    session.add(auction)
    session.flush()
    session.add_all(
        Seat(auction_id=auction.id, number=number, label=f"VIP-{number}") for number in range(1, plan.seats + 1)
    )
    return auction


def soft_close_cap(seconds: int, closes_at: datetime, concert: Concert) -> int:
    """How far (seconds) a soft close may move an end announced for `closes_at`, leaving winners time to buy."""
    return max(0, min(seconds, int((latest_end(concert) - closes_at).total_seconds())))


def _alias_salt(session: Session, concert: Concert) -> str:
    """The key of the aliases of a concert, made with its first auction. The row is locked, so that two auctions that
    are published at the same moment get the same."""
    session.refresh(concert, ["alias_salt"], with_for_update=True)
    if concert.alias_salt is None:
        concert.alias_salt = CONCERT_SALT_PREFIX + secrets.token_hex(15)
    return concert.alias_salt


def _delete_again(session: Session, auction_id: int) -> None:
    session.execute(delete(Seat).where(Seat.auction_id == auction_id))
    session.execute(delete(Auction).where(Auction.id == auction_id))


def auction_to_reopen(auction_id: int) -> Auction:
    """An auction whose terms may be sent to the live store again: open and without a recorded bid. Raises
    NotPublishable; an auction with bids is rebuilt instead."""
    auction = _stored(auction_id)
    if auction.state is not State.OPEN or auction.recorded_sequence:
        raise NotPublishable(f"Auction {auction_id} is {auction.state} and has bids; its terms are not sent again.")
    return auction


def extend_auction(
    auction_id: int,
    closes_at: datetime,
    why: str,
    operator: str,
    engine_extend: Callable[[int, datetime, int], tuple[int, int] | None],
) -> Auction:
    """Move the announced end later and record the act with its reason, which everybody may read after the end.
    Repeating it is harmless.

    `engine_extend` is given the end and how far (seconds) a soft close may move it. It returns the end in force (ms)
    and the sequence of the last bid before it, or None when bidding is over. Raises NotPublishable.
    """
    auction = _stored(auction_id)
    _check_extension(auction, closes_at, why)
    cap_seconds = soft_close_cap(auction.soft_close_cap_seconds, closes_at, auction.concert)
    if (moved := engine_extend(auction_id, closes_at, cap_seconds)) is None:
        raise NotPublishable(f"Bidding in auction {auction_id} is over; its end can no longer be moved.")
    ends_at_ms, after = moved
    store_extension(auction, closes_at, cap_seconds, to_moment(ends_at_ms), why.strip(), operator, after)
    return _stored(auction_id)


def store_extension(
    auction: Auction,
    closes_at: datetime,
    cap_seconds: int,
    ends_at: datetime,
    why: str,
    operator: str,
    after: int | None = None,
) -> bool:
    """Store an end that the live store has already, and the act. Returns False, and changes nothing, if it is there.

    `after` is the sequence of the last bid before it. Without it, the reason is not shown to everybody.
    """
    facts: dict[str, Any] = {"from": auction.closes_at.isoformat(), "to": closes_at.isoformat()}
    facts |= {} if after is None else {"after": after}
    terms = {"closes_at": closes_at, "soft_close_cap_seconds": cap_seconds}
    auction_id = auction.id

    def work(session: Session) -> bool:
        moved = session.execute(
            update(Auction)
            .where(Auction.id == auction_id, Auction.closes_at < closes_at)
            .values(**terms, ends_at=case((Auction.ends_at < ends_at, ends_at), else_=Auction.ends_at)),
            execution_options={"synchronize_session": False},
        )
        if moved.rowcount:  # type: ignore[attr-defined]
            record_act(session, operator, Act.AUCTION_EXTEND, auction_subject(auction_id), why, facts)
        return bool(moved.rowcount)  # type: ignore[attr-defined]

    return in_one_unit(work)


def _stored(auction_id: int) -> Auction:
    db.session.rollback()
    auction = db.session.get(Auction, auction_id)
    if auction is None:
        raise NotPublishable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    return auction


def _check_extension(auction: Auction, closes_at: datetime, why: str) -> None:
    if not 1 <= len(why.strip()) <= WHY_MAX:
        raise NotPublishable(f"Say why, in 1 to {WHY_MAX} characters.")
    if auction.state is not State.OPEN:
        raise NotPublishable(f"Auction {auction.id} is {auction.state}; its end can no longer be moved.")
    if closes_at <= auction.closes_at:
        announced = auction.closes_at.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M:%S")
        raise NotPublishable(f"The end may only be moved later than {announced} in Seoul.")
    check_end(closes_at, auction.concert)

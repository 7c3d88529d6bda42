"""An auction before it is published: its terms as operators give them, in won, aware moments, seconds and hours."""

from dataclasses import dataclass
from datetime import datetime

from cashticket.auction import settlement_rules
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.settlement_rules import BUYING_HOURS_BOUNDS, OFFER_HOURS, PURCHASE_HOURS
from cashticket.auction.terms import (
    SOFT_CLOSE_CAP_MS,
    SOFT_CLOSE_MS,
    TERMS_BOUNDS,
    Terms,
    check_terms,
    default_maximum,
)
from cashticket.auction.values import Pricing
from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.seat_facts import FACE_PRICE_BOUNDS
from cashticket.locale import SEOUL, to_moment, to_ms
from cashticket.models import Concert


class TakesNoAuction(NotPublishable):
    """Nothing is wrong with the terms: the concert takes no auction any more."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The terms of an auction to be published. `maximum` None stands for the usual ceiling, `default_maximum`; the last
    five are what is announced of the seats (`seat_facts`), None where nothing is."""

    concert_id: int
    seats: int
    minimum: int
    step: int
    opens_at: datetime
    closes_at: datetime
    pricing: Pricing = Pricing.PAY_AS_BID
    soft_close_seconds: int = SOFT_CLOSE_MS // 1000
    soft_close_cap_seconds: int = SOFT_CLOSE_CAP_MS // 1000
    maximum: int | None = None
    purchase_hours: int = PURCHASE_HOURS
    offer_hours: int = OFFER_HOURS
    identity: IdentityTerm = IdentityTerm.NONE
    zone: str | None = None
    view: str | None = None
    benefits: str | None = None
    face_price: int | None = None
    rows: str | None = None

    @property
    def terms(self) -> Terms:
        """The terms as the law has them, for an auction without an id."""
        return Terms(
            auction_id=0,
            seats=self.seats,
            minimum=self.minimum,
            step=self.step,
            opens_at_ms=to_ms(self.opens_at),
            closes_at_ms=to_ms(self.closes_at),
            soft_close_ms=self.soft_close_seconds * 1000,
            soft_close_cap_ms=self.soft_close_cap_seconds * 1000,
            maximum=default_maximum(self.minimum, self.step) if self.maximum is None else self.maximum,
        )


def bounds(field: str) -> tuple[int, int]:
    """The lowest and the highest value of a number of the plan, such as `seats`, `soft_close_seconds` or
    `offer_hours`."""
    if field == "face_price":
        return FACE_PRICE_BOUNDS
    if field.endswith("_hours"):
        return BUYING_HOURS_BOUNDS
    if not field.endswith("_seconds"):
        return TERMS_BOUNDS[field]
    lowest, highest = TERMS_BOUNDS[field.removesuffix("_seconds") + "_ms"]
    return lowest // 1000, highest // 1000


def check_plan(plan: Plan, concert: Concert, now: datetime) -> None:
    """Raises NotPublishable naming what is wrong with the plan for this concert; `now` is the live store's time."""
    if concert.starts_at <= now:
        raise TakesNoAuction("The concert has already started.")
    try:
        check_terms(plan.terms)
    except ValueError as error:
        raise NotPublishable(str(error)) from error
    for name, hours in (("purchase", plan.purchase_hours), ("offer", plan.offer_hours)):
        lowest, highest = BUYING_HOURS_BOUNDS
        if not lowest <= hours <= highest:
            raise NotPublishable(f"The {name} hours must be {lowest} to {highest}, not {hours}.")
    if plan.closes_at <= now:
        raise NotPublishable("The auction must close in the future.")
    check_end(plan.closes_at, concert)


def latest_end(concert: Concert) -> datetime:
    """The latest moment at which an auction of this concert may end, also by a soft close: an hour before the
    cancellation deadline, so that its winners can buy."""
    return to_moment(settlement_rules.latest_end(to_ms(concert.cancel_until)))


def check_end(closes_at: datetime, concert: Concert) -> None:
    """Raises NotPublishable, with the latest possible end, for an announced end that leaves no time to buy."""
    if closes_at > latest_end(concert):
        latest, deadline = (_in_seoul(moment) for moment in (latest_end(concert), concert.cancel_until))
        raise NotPublishable(
            f"The auction must end by {latest} in Seoul: its winners need an hour to buy before the concert's "
            f"cancellation deadline, {deadline}."
        )


def _in_seoul(moment: datetime) -> str:
    return moment.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M")

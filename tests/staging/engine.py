"""The stage of the contract tests: one auction far in the future, so that a store's own clock never intrudes."""

from dataclasses import replace
from typing import Any

from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Permission, RankedBid, Reason, Refused
from cashticket.engine.interface import Engine
from cashticket.engine.windows import whole_order

ALICE, BOB, CAROL, MALLORY = 1, 2, 3, 4
AUCTION = 7
OPENS = 4_102_444_800_000
CLOSES = OPENS + 3_600_000
TERMS = Terms(
    AUCTION, 2, 10_000, 1_000, OPENS, CLOSES, soft_close_ms=120_000, soft_close_cap_ms=300_000, alias_salt="s"
)


def publish(engine: Engine, **changes: Any) -> Terms:
    """An auction of two seats from 10 000 won in steps of 1 000, with everybody introduced."""
    terms = replace(TERMS, **changes)
    assert engine.open(terms)
    for person in (ALICE, BOB, CAROL, MALLORY):
        engine.introduce(terms.auction_id, person, Permission.OK, 1, 1)
    return terms


def bid(
    engine: Engine,
    person: int,
    amount: int,
    request_id: str | None = None,
    now_ms: int = OPENS,
    sure: int | None = None,
) -> Any:
    """A bid of a current session; its request id says who and how much unless given."""
    return engine.place_bid(AUCTION, person, 1, amount, request_id or f"{person}-{amount}", now_ms, sure=sure)


def accepted(
    engine: Engine,
    person: int,
    amount: int,
    request_id: str | None = None,
    now_ms: int = OPENS,
    sure: int | None = None,
) -> Accepted:
    """A bid that must be accepted."""
    answer = bid(engine, person, amount, request_id, now_ms, sure)
    assert isinstance(answer, Accepted), answer
    return answer


def refused(reason: Reason, chances_left: int | None = 3) -> Refused:
    return Refused(reason, chances_left)


def order_of(engine: Engine, auction_id: int = AUCTION) -> list[RankedBid]:
    """The whole order of an auction in which nobody bids meanwhile, best first."""
    return list(whole_order(engine, auction_id))

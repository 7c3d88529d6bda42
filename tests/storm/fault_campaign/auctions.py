"""The auctions of one run: two concerts with two auctions each, and how to tell that they have come to rest."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Flask
from sqlalchemy.orm import Session

from cashticket.auction.terms import NO_CEILING
from cashticket.auction.values import Pricing
from cashticket.catalogue.plans import Plan
from cashticket.catalogue.publishing import publish_auction
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment
from cashticket.models import Auction, Award, Concert
from cashticket.models.units import in_one_unit
from cashticket.settlement.line import next_in_line
from cashticket.work.check.compare import check
from lab.endings import ending_of
from lab.evidence import Ending
from tests.storm.fault_campaign.bidders import MINIMUM, STEP

CONCERTS, SEATS = 2, (12, 20)
SOFT_CLOSE = {12: 0, 20: 2}
"""Soft close of the smaller auction (none) and of the larger one, in seconds."""

CAP_SECONDS = 3
LIVE = ("offered", "bought")


def open_auctions(app: Flask, seconds: float) -> dict[int, str]:
    """Open new auctions that end in so many seconds. Returns the alias salt of each by id."""
    engine = app.extensions["engine"]
    with app.app_context():
        now = to_moment(engine.clock())
        salts = {}
        for concert in [_concert(now) for _ in range(CONCERTS)]:
            for seats in SEATS:
                ends = now + timedelta(seconds=seconds)
                soft = {"soft_close_seconds": SOFT_CLOSE[seats], "soft_close_cap_seconds": CAP_SECONDS}
                pricing = Pricing.UNIFORM if concert % 2 else Pricing.PAY_AS_BID
                plan = Plan(concert, seats, MINIMUM, STEP, now, ends, pricing, **soft, maximum=NO_CEILING)
                row = publish_auction(plan, now, lambda auction: engine.open(terms_of(auction)))
                salts[row.id] = row.alias_salt
        db.session.remove()
        return salts


def _concert(now: datetime) -> int:
    later = now + timedelta(days=30)
    texts = {"title": "한여름 밤의 공연", "artist": "Seoul Quartet", "venue": "올림픽홀"}

    def work(session: Session) -> int:
        concert = Concert(**texts, starts_at=later, cancel_until=later - timedelta(days=1))
        session.add(concert)
        session.flush()
        return concert.id

    return in_one_unit(work)


def are_settled(app: Flask, auctions: list[int]) -> bool:
    """Whether ledger and live store both say that all are settled."""
    engine = app.extensions["engine"]
    with app.app_context():
        states = queries.states(auctions)
        db.session.remove()
        return all(state.is_end for state in states.values()) and not set(auctions) & set(engine.auctions())


def are_handed_over(app: Flask, auctions: list[int]) -> bool:
    """Whether every seat is held, or nobody waits in the line any more: where few could bid, the line is short."""
    with app.app_context():
        over = [_are_seats_held(row) for each in auctions if (row := queries.auction(each))]
        db.session.remove()
        return len(over) == len(auctions) and all(over)


def _are_seats_held(auction: Auction) -> bool:
    held = db.select(db.func.count(Award.id)).where(Award.auction_id == auction.id, Award.state.in_(LIVE))
    return db.session.scalar(held) == auction.seats or not next_in_line(db.session(), auction.id, 1)


def offered(app: Flask, auctions: list[int]) -> list[tuple[int, int]]:
    """(award, person) of every award that waits for its holder's decision."""
    with app.app_context():
        rows = db.session.execute(
            db.select(Award.id, Award.person_id)
            .where(Award.auction_id.in_(auctions), Award.state == "offered")
            .order_by(Award.id)
        ).all()
        db.session.remove()
        return [(award, person) for award, person in rows]


def endings(app: Flask, auctions: list[int]) -> tuple[list[Ending], list[str]]:
    """Final state of the auctions, and what `auction check` finds in them."""
    engine = app.extensions["engine"]
    with app.app_context():
        final = [ending_of(engine, auction) for auction in auctions]
        faults = [
            f"check of auction {auction}: {fault}" for auction in auctions for fault in check(engine, auction).faults
        ]
        db.session.remove()
        return final, faults


def wait_for(condition: Callable[[], bool], seconds: float, meanwhile: Callable[[], None]) -> bool:
    """Whether the condition became true in time. Calls `meanwhile` between two looks."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        meanwhile()
        time.sleep(0.02)
    return True

"""People with sessions, made in bulk, and the auctions in which they bid."""

import json
from datetime import timedelta
from pathlib import Path

from flask import Flask

from cashticket.auction.terms import NO_CEILING
from cashticket.auction.values import CHANCES, Permission
from cashticket.catalogue.plans import Plan
from cashticket.engine.interface import Engine
from cashticket.wiring import current_engine
from cashticket.work.publishing import add_concert, publish, store_now
from lab.signed_in import SignedIn, add_people, sign_in

SEATS, MINIMUM, STEP = 20, 100_000, 1_000
AUCTION_HOURS = 2


class Crowd:
    """Signed-in people of one installation. It grows as turns need more of them."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._guests: list[SignedIn] = []

    def bidders(self, bids: int) -> list[SignedIn]:
        """As many people as make so many bids with their three chances."""
        needed = -(-bids // CHANCES)
        if needed > len(self._guests):
            self._guests += sign_in(self._app, add_people(needed - len(self._guests)))
        return self._guests[:needed]


def open_auction(engine: Engine, guests: list[SignedIn]) -> int:
    """Publish an auction of SEATS seats that is open now, and introduce everybody. Returns its id.

    Every rate has an auction of its own: each starts with all chances, and no rate pays for the bids of the one before.
    """
    now = store_now(engine)
    starts_at = now + timedelta(days=30)
    concert = add_concert(title="Load lab", artist="The Lanterns", venue="올림픽홀", starts_at=starts_at)
    window = {"opens_at": now, "closes_at": now + timedelta(hours=AUCTION_HOURS)}
    plan = Plan(concert.id, SEATS, MINIMUM, STEP, **window, soft_close_seconds=0, maximum=NO_CEILING)
    auction = int(publish(engine, plan, now).id)
    for guest in guests:
        engine.introduce(auction, guest.person, Permission.OK, 1, 1)
    return auction


def introduce_crowd(app: Flask, crowd: Crowd, bids: int) -> tuple[int, list[SignedIn]]:
    """An open auction, and the people who will make `bids` bids in it."""
    with app.app_context():
        guests = crowd.bidders(bids)
        return open_auction(current_engine(), guests), guests


def write_guests(path: Path, guests: list[SignedIn]) -> None:
    """Write cookies and form tokens for the client."""
    path.write_text(json.dumps([[guest.cookie, guest.token] for guest in guests]))

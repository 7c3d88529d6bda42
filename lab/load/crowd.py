"""People with sessions, made in bulk, and the auctions in which they bid."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask

from cashticket.accounts.passwords import hash_password
from cashticket.auction.terms import NO_CEILING
from cashticket.auction.values import CHANCES
from cashticket.catalogue.plans import Plan
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.models import Person
from cashticket.work.publishing import add_concert, publish, store_now
from lab.signed_in import SignedIn, add_people, sign_in

MINIMUM, STEP = 100_000, 1_000
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Offer:
    """The terms of an auction of the lab."""

    seats: int = 20
    closes_in_seconds: int = 7_200
    soft_close_seconds: int = 0


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


def open_auction(engine: Engine, offer: Offer) -> int:
    """Publish an auction that is open now. Returns its id.

    Every rate has auctions of its own: each starts with all chances, and no rate pays for the bids of the one before.
    """
    now = store_now(engine)
    concert = add_concert(title="Load lab", artist="The Lanterns", venue="올림픽홀", starts_at=now + timedelta(days=30))
    closes_at = now + timedelta(seconds=offer.closes_in_seconds)
    soft_close = offer.soft_close_seconds
    plan = Plan(
        concert.id, offer.seats, MINIMUM, STEP, now, closes_at, soft_close_seconds=soft_close, maximum=NO_CEILING
    )
    return int(publish(engine, plan, now).id)


def add_people_with_password(count: int) -> list[tuple[int, str]]:
    """Add verified people who can sign in with PASSWORD. Returns (id, e-mail address) of each."""
    if not count:
        return []
    ids = add_people(count)
    people = db.session.scalars(db.select(Person).where(Person.id.in_(ids)).order_by(Person.id)).all()
    # One hash for all: checking it costs the same, making it thousands of times would take minutes.
    hashed = hash_password(PASSWORD)
    for person in people:
        person.password_hash = hashed
        # Nobody can sign in with an address that no mail reaches.
        person.email = person.email.replace("bench.invalid", "load.example.com")
    added = [(person.id, person.email) for person in people]
    db.session.commit()
    return added

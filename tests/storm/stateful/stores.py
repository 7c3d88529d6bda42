"""Both real stores under the state machine, on the test's clock, and ways to lose what the live store has."""

from collections.abc import Mapping
from typing import Any

import redis
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from cashticket import redis_keys
from cashticket.auction.values import Accepted, Permission, Refused
from cashticket.engine.connection import connect
from cashticket.engine.interface import Beat, Closing, Paused, Snapshot, UnknownAuction, UnknownPerson, Withdrawal
from cashticket.engine.introductions import introduce_everywhere
from cashticket.engine.redis_engine import RedisEngine
from cashticket.engine.values import Restoration
from cashticket.extensions import db
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_moment
from cashticket.models import Auction, Award, Concert, Person, Seat
from cashticket.models.units import in_one_unit
from tests.staging.rows import change_person
from tests.storm.stateful.model import ModelAuction
from tests.storm.stateful.witnesses import Witnesses

PARTS = ("terms", "state", "people", "standings", "chances", "answers")
NAMES = ("alice", "bob", "carol", "mallory", "dave", "erin")


class ClockedEngine(RedisEngine):
    """The product's engine and scripts, on a clock that stands at `now_ms`."""

    now_ms = 0
    numbered_ms = 0
    """The latest moment by which versions were counted after a loss."""

    def _run(self, verb: str, auction_id: int, names: Any, arguments: Any = ()) -> Any:
        return super()._run(verb, auction_id, names, self._clocked(verb, arguments))

    def _run_confirmed(self, verb: str, auction_id: int, names: Any, arguments: Any = ()) -> Any:
        return super()._run_confirmed(verb, auction_id, names, self._clocked(verb, arguments))

    def _clocked(self, verb: str, arguments: Any) -> Any:
        """Every script takes the time last; an empty one means the store's own clock."""
        if verb not in ("extend", "pause", "resume"):
            return arguments
        assert arguments[-1] == ""
        if verb == "resume":
            self._number()
        return (*arguments[:-1], self.now_ms)

    def _number(self) -> None:
        self.numbered_ms = max(self.numbered_ms, self.now_ms)

    def clock(self) -> int:
        return self.now_ms

    def restore(self, restoration: Restoration) -> None:
        self._number()
        super().restore(restoration)

    def place_bid(self, *given: Any, now_ms: int | None = None, sure: int | None = None) -> Any:
        return super().place_bid(*given, now_ms=self.now_ms, sure=sure)

    def withdraw(self, auction_id: int, person: int, now_ms: int | None = None) -> Withdrawal:
        return super().withdraw(auction_id, person, self.now_ms)

    def read(self, auction_id: int, now_ms: int | None = None) -> Snapshot:
        return super().read(auction_id, self.now_ms)

    def beat(self) -> Beat:
        return Beat(self.now_ms, self.now_ms)

    def close(self, auction_id: int, now_ms: int | None = None, known_ms: int | None = None) -> Closing:
        return super().close(auction_id, self.now_ms, known_ms)


class Stores:
    """Both stores of one application, with the same people for every concert."""

    def __init__(self, app: Flask, backlog_max: int) -> None:
        """At most `backlog_max` bids of an auction may wait for the ledger."""
        self.client = connect(app.extensions["settings"].redis_url, timeout_seconds=20)
        # A dump is no text.
        self._bytes = redis.Redis.from_url(app.extensions["settings"].redis_url)
        self.app, self.run = app, app.test_cli_runner()
        self.witnesses = app.extensions["shelves"] = Witnesses(self._bytes)
        self.use(ClockedEngine(self.client, backlog_max, self.witnesses.note))
        self.people = in_one_unit(_add_people)

    def use(self, engine: ClockedEngine) -> None:
        """Work with this engine, commands too."""
        self.engine = self.app.extensions["engine"] = engine

    def add_concert(self, deadline: int) -> int:
        def work(session: Session) -> int:
            details = {"title": "Spring Night", "artist": "The Lanterns", "venue": "Han River Hall"}
            until = to_moment(deadline)
            concert = Concert(**details, starts_at=until, cancel_until=until)
            session.add(concert)
            session.flush()
            return int(concert.id)

        return in_one_unit(work)

    def publish(self, concert_id: int, model: ModelAuction) -> int:
        """Add the auction to both stores, with its seats. Returns its id."""
        auction = in_one_unit(lambda session: _add_auction(session, concert_id, model))
        self.engine.open(terms_of(auction))
        return int(auction.id)

    def bid(self, auction_id: int, person: int, amount: int, request: str, *, sure: bool) -> tuple[str, Any]:
        """Bid once. Returns the kind of the answer and its content."""
        try:
            said = amount if sure else None
            answer = self.engine.place_bid(auction_id, person, 1, amount, request, sure=said)
        except UnknownAuction:
            return "unknown", None
        except Paused as error:
            return "paused", error.reason
        if isinstance(answer, UnknownPerson):
            return "stranger", None
        if isinstance(answer, Refused):
            return "refused", answer
        assert isinstance(answer, Accepted), answer
        return "replayed" if answer.replayed else "accepted", answer

    def withdraw(self, auction_id: int, person: int) -> tuple[str, Any]:
        """Take a standing out. Returns the kind of the answer and its content."""
        try:
            answer = self.engine.withdraw(auction_id, person)
        except UnknownAuction:
            return "unknown", None
        except Paused as error:
            return "paused", error.reason
        if answer.refusal:
            return "refused", answer.refusal.value
        return ("withdrawn", answer.entry) if answer.entry else ("nothing", None)

    def introduce(self, auction_id: int, person: int) -> None:
        """Introduce a person as the door does."""
        db.session.rollback()
        row = db.session.get_one(Person, person)
        self.engine.introduce(auction_id, person, Permission(row.permission), 1, row.revision)
        db.session.rollback()

    def set_blocked(self, person: int, *, blocked: bool) -> None:
        at = to_moment(self.engine.now_ms) if blocked else None
        change_person(person, blocked_at=at, revision=Person.revision + 1)
        row = db.session.get_one(Person, person)
        introduce_everywhere(self.engine, person, Permission(row.permission), 1, row.revision)
        db.session.rollback()

    def lose(self, auction_id: int, *, waiting: bool) -> None:
        """The live store forgets the auction, and with `waiting` also its list of bids."""
        names = [getattr(redis_keys, part)(auction_id) for part in PARTS]
        self.client.delete(*names, *([redis_keys.bids(auction_id)] if waiting else []))
        self.client.srem(redis_keys.LIVE_AUCTIONS, auction_id)

    def check_elsewhere(self, auction_id: int, identity: str = "another-process master") -> None:
        """Pretend that the auction was last found sound on another process of the live store."""
        self.client.hset(redis_keys.state(auction_id), "checked_on", identity)

    def copy(self, auction_id: int) -> dict[str, bytes | None]:
        """What the live store has of an auction now, without its people: another part of the watch tells it of them."""
        names = [getattr(redis_keys, part)(auction_id) for part in (*PARTS, "bids") if part != "people"]
        dumps = [self._bytes.dump(name) for name in names]
        return dict(zip(names, dumps, strict=True))

    def go_back(self, auction_id: int, copy: Mapping[str, bytes | None]) -> None:
        """The live store has of an auction what it had when the copy was made."""
        self.client.delete(*copy)
        for name, dump in copy.items():
            if dump is not None:
                self._bytes.restore(name, 0, dump)

    def lose_list(self, auction_id: int) -> None:
        self.client.delete(redis_keys.bids(auction_id))

    def command(self, *arguments: str) -> bool:
        """Run an `auction` command. Returns whether it succeeded."""
        answer = self.run.invoke(args=["auction", *arguments])
        assert answer.exit_code in (0, 1), answer.output
        return answer.exit_code == 0

    def reset(self) -> None:
        """Delete all concerts from both stores. The people stay, and nobody is blocked."""

        def work(session: Session) -> None:
            session.execute(update(Award).values(previous_id=None))
            for table in reversed(db.metadata.sorted_tables):
                if table.name != "people":
                    session.execute(delete(table))
            session.execute(update(Person).values(blocked_at=None))

        db.session.remove()
        in_one_unit(work)
        self.client.flushdb()
        self.witnesses.forget_all()


def _add_people(session: Session) -> list[int]:
    at = to_moment(0)
    people = [Person(email=f"{name}@example.org", name=name, password_hash="-", verified_at=at) for name in NAMES]
    session.add_all(people)
    session.flush()
    return [person.id for person in people]


def _add_auction(session: Session, concert_id: int, model: ModelAuction) -> Auction:
    auction = Auction(
        concert_id=concert_id,
        seats=model.seats,
        minimum=model.minimum,
        step=model.step,
        maximum=model.maximum,
        pricing="uniform" if model.uniform else "pay_as_bid",
        opens_at=to_moment(model.opens),
        closes_at=to_moment(model.closes),
        ends_at=to_moment(model.closes),
        soft_close_seconds=model.soft // 1000,
        soft_close_cap_seconds=model.cap // 1000,
        alias_salt="salt",
    )
    session.add(auction)
    session.flush()
    session.add_all(Seat(auction_id=auction.id, number=n, label=f"VIP-{n}") for n in range(1, model.seats + 1))
    return auction

"""Sites of several sizes, each with a running and a settled auction, on which costs are counted and compared."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Flask
from sqlalchemy import text, update
from werkzeug.test import TestResponse

from cashticket.auction.values import UNFINISHED_STATES, State
from cashticket.engine.interface import Engine, UnknownAuction
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.models import Auction
from cashticket.models.columns import utcnow
from cashticket.work.closing import close_and_settle
from lab.filling.auctions import FilledAuction, fill_auction
from lab.signed_in import SignedIn, add_people, sign_in
from tests.fixtures.people import Browser
from tests.staging.costs import Cost, Counters, Growth


@dataclass(frozen=True, slots=True)
class Size:
    """How large both auctions of a site are."""

    bidders: int
    seats: int

    def __str__(self) -> str:
        return f"{self.bidders:,} bidders, {self.seats:,} seats"


SIZES = (Size(100, 20), Size(10_000, 20), Size(10_000, 2_000))
"""First the bidders grow, then the seats."""


@dataclass
class FilledSite:
    """One installation in this process. Its auctions are shared by all tests of the run: a test may bid, and must leave
    what others count (terms, states, accounts) as it is. What changes more is made anew with `fill`."""

    app: Flask
    size: Size
    counters: Counters
    _guests: dict[int, SignedIn] = field(default_factory=dict)

    @contextmanager
    def inside(self) -> Iterator[Flask]:
        """Inside the application. Afterwards no connection to the database stays open: each test closes its files."""
        with self.app.app_context():
            try:
                yield self.app
            finally:
                db.session.remove()
                db.engine.dispose()

    @cached_property
    def people(self) -> list[int]:
        """Ids of everybody: the bidders, and ten more who never bid."""
        return add_people(self.size.bidders + 10)

    @property
    def bidders(self) -> list[int]:
        return self.people[:-10]

    @property
    def strangers(self) -> list[int]:
        """People who never bid."""
        return self.people[-10:]

    @cached_property
    def running(self) -> FilledAuction:
        """An auction that runs for another hour."""
        return self.fill()

    @cached_property
    def settled(self) -> FilledAuction:
        """An auction that was settled by the product."""
        auction = self.fill(ends_in_ms=-1_000)
        close_and_settle(self.app.extensions["engine"], auction.id)
        return auction

    def fill(self, **changes: Any) -> FilledAuction:
        """Another auction of this size with the same bidders, filled as `lab.filling` does it."""
        auction = fill_auction(self.app.extensions["engine"], self.bidders, self.size.seats, **changes)
        db.session.remove()
        self.analyze()
        return auction

    def put_away(self) -> None:
        """Void every unfinished auction but `running`, in both stores: what one test leaves is not counted by the
        next."""
        engine: Engine = self.app.extensions["engine"]
        stays = self.__dict__.get("running")
        unfinished = {auction.id for auction in queries.live_auctions()} | set(engine.auctions())
        left = unfinished - ({stays.id} if stays else set())
        for auction_id in left:
            with suppress(UnknownAuction):
                engine.finish(auction_id, State.VOIDED)
        voided = update(Auction).where(Auction.id.in_(left), Auction.state.in_(UNFINISHED_STATES))
        db.session.execute(voided.values(state=State.VOIDED, voided_at=utcnow()))
        db.session.commit()

    @staticmethod
    def analyze() -> None:
        """Bring the statistics of MariaDB up to date, which it does by itself at some later moment: plans, and so the
        rows that are looked at, would depend on that moment."""
        if db.engine.dialect.name != "sqlite":
            with db.engine.connect() as connection:
                connection.execute(text(f"ANALYZE TABLE {', '.join(db.metadata.tables)}")).all()

    def address(self, path: str) -> str:
        """`/auctions/{running}` or `/concerts/{settled.concert_id}` with the ids of this site."""
        for name in ("running", "settled"):
            if f"{{{name}" in path:
                auction = getattr(self, name)
                path = path.replace(f"{{{name}}}", str(auction.id)).replace(
                    f"{{{name}.concert_id}}", str(auction.concert_id)
                )
        return path

    def winner(self) -> int:
        """Somebody who won in the settled auction, in the middle of the winners."""
        return self._by_rank[self.size.seats // 2 - 1]

    def loser(self) -> int:
        """Somebody who did not win in the settled auction, at the end of the order."""
        return self._by_rank[-1]

    @cached_property
    def _by_rank(self) -> list[int]:
        """Everybody who bid in the settled auction, best first."""
        return [bid.person for bid in queries.final_order(self.settled.id)]

    def browser(self, person: int | None = None) -> Browser:
        """A browser without cookies, or signed in as this person."""
        self.app.test_client_class = Browser
        client = self.app.test_client()
        assert isinstance(client, Browser)
        if person is not None:
            if person not in self._guests:
                self._guests[person] = sign_in(self.app, [person])[0]
            name, _, value = self._guests[person].cookie.partition("=")
            client.set_cookie(name, value)
        return client

    def token(self, person: int) -> str:
        """The CSRF token of a person whose browser was asked for."""
        return self._guests[person].token


Prepare = Callable[[FilledSite], Callable[[], Any]]
"""Makes what an act needs, uncounted, and returns the act."""


def page(path: str, reader: Callable[[FilledSite], int] | None = None, **headers: str) -> Prepare:
    """Reading a page: `{running}` and `{settled}` in its path are ids of auctions of the site, `{running.concert_id}`
    is that of a concert. `reader` is who reads it, such as `FilledSite.winner`; without, nobody is signed in. The
    answer must be 200."""

    def prepare(site: FilledSite) -> Callable[[], TestResponse]:
        browser = site.browser(reader(site) if reader else None)
        address = site.address(path)

        def read() -> TestResponse:
            answer = browser.get(address, headers=headers)
            assert answer.status_code == 200, f"{address}: {answer.status}"
            return answer

        return read

    return prepare


@dataclass(frozen=True)
class Sites:
    """The sites of one kind of database, the smallest first."""

    make: Callable[[Size], FilledSite]

    def __iter__(self) -> Iterator[FilledSite]:
        return (self.make(size) for size in SIZES)

    def cost_of(self, prepare: Prepare, warm: bool = True, sizes: Sequence[Size] = SIZES) -> Growth:
        """The cost of an act at each size. It is done once uncounted before if `warm`, so that caches and connections
        are there. The length of its answer is counted too. Other `sizes` than SIZES are sites of their own, for acts
        that leave much behind."""
        costs = [self._cost_at(self.make(size), prepare, warm) for size in sizes]
        return Growth([str(size) for size in sizes], costs)

    @staticmethod
    def _cost_at(site: FilledSite, prepare: Prepare, warm: bool) -> Cost:
        with site.inside():
            act = prepare(site)
            if warm:
                act()
            db.session.remove()
            with site.counters.counted() as cost:
                answer = act()
            cost.answer_bytes = _length(answer)
        return cost


def _length(answer: Any) -> int:
    """The bytes of an answer: those of a response, of a text, or none."""
    body = answer.get_data() if hasattr(answer, "get_data") else answer
    return len(body.encode() if isinstance(body, str) else body) if isinstance(body, str | bytes) else 0

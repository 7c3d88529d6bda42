"""One auction of two seats, brought to each of its states by what the product does, and the facts of everybody then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from cashticket import redis_keys
from cashticket.engine.pauses import RESTARTED
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_ms
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards, telling
from cashticket.wiring import current_engine, page_cache
from cashticket.work.cancelling import cancel_and_announce
from cashticket.work.closing import close_and_settle
from cashticket.work.voiding import void_and_announce
from tests.staging.auctions import HOUR_MS, open_auction
from tests.staging.claims import Facts
from tests.staging.rows import DAY
from tests.staging.settlement import award_of
from tests.web.my_page import set_award

MINUTE_MS = 60_000
Everybody = dict[str, Facts]


class Evening:
    """The auction `id`, in which `people` bid."""

    def __init__(self, people: dict[str, Person], **fields: int) -> None:
        self.people = {name: person.id for name, person in people.items()}
        self.id = open_auction(people=self.people.values(), step=5_000, **fields)
        self._bids = 0

    def bid(self, name: str, amount: int) -> None:
        self._bids += 1
        current_engine().place_bid(self.id, self.people[name], 1, amount, f"r{self._bids}")
        while record_waiting(current_engine(), self.id):
            pass

    def bid_around(self) -> None:
        """Alice and bob are winning, and carol was pushed out with two chances left."""
        for name, amount in (("carol", 100_000), ("bob", 110_000), ("alice", 120_000)):
            self.bid(name, amount)

    def settle(self) -> None:
        engine = current_engine()
        engine.close(self.id, engine.read(self.id).ends_at_ms)
        close_and_settle(engine, self.id)
        while telling.tell_batch(self.id, utcnow()):
            pass

    def buy(self, name: str) -> None:
        awards.buy(self.award(name), self.people[name], utcnow())

    def award(self, name: str) -> int:
        return award_of(self.id, self.people[name]).id

    def void(self) -> None:
        void_and_announce(current_engine(), self.id, "공연이 취소됐어요", "an operator", utcnow())

    def row(self) -> Auction:
        """The auction as the tables have it; what was kept of pages is dropped."""
        db.session.rollback()
        page_cache().drop()
        return db.session.get_one(Auction, self.id)


def everybody(phase: str, carol: int = 2) -> Everybody:
    """While bids are placed as in `bid_around`, `carol` chances left."""
    return {
        "alice": Facts(phase, "winning", 2),
        "bob": Facts(phase, "winning", 2),
        "carol": Facts(phase, "out", carol),
        "mallory": Facts(phase),
    }


def _bidding(people: dict[str, Person], **fields: int) -> Evening:
    evening = Evening(people, **fields)
    evening.bid_around()
    return evening


def _settled(people: dict[str, Person]) -> Evening:
    evening = _bidding(people)
    evening.settle()
    return evening


def coming(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    return Evening(people, starts_in_ms=2 * HOUR_MS), dict.fromkeys(people, Facts("coming"))


def coming_in_weeks(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    return Evening(people, starts_in_ms=480 * HOUR_MS), dict.fromkeys(people, Facts("coming", is_soon=False))


def without_bids(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    return Evening(people), dict.fromkeys(people, Facts("open"))


def bid_in(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    return _bidding(people), everybody("open")


def spent(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    """Carol has used all three chances and is out."""
    evening = Evening(people)
    for amount in (100_000, 105_000, 110_000):
        evening.bid("carol", amount)
    evening.bid("bob", 115_000)
    evening.bid("alice", 120_000)
    return evening, everybody("open", carol=0)


def extended(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    fields = {"ends_in_ms": 10 * MINUTE_MS, "soft_close_seconds": 1_200, "soft_close_cap_seconds": 3_600}
    facts = {name: replace(each, is_extended=True) for name, each in everybody("open").items()}
    return _bidding(people, **fields), facts


def paused(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = _bidding(people)
    current_engine().pause(evening.id, RESTARTED)
    return evening, everybody("paused")


def paused_past_the_end(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    """The end has passed in both stores while bidding was paused; it moves when bidding goes on."""
    evening, facts = paused(people)
    engine, a_minute_ago = current_engine(), utcnow() - timedelta(minutes=1)
    engine._client.hset(redis_keys.state(evening.id), "ends_at_ms", to_ms(a_minute_ago))  # type: ignore[attr-defined]
    evening.row().ends_at = a_minute_ago
    db.session.commit()
    return evening, {name: replace(each, is_held=True) for name, each in facts.items()}


def closing(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = _bidding(people)
    current_engine().close(evening.id, current_engine().read(evening.id).ends_at_ms)
    return evening, everybody("closing")


def unsold(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = Evening(people)
    evening.settle()
    return evening, dict.fromkeys(people, Facts("settled"))


def _ended(alice: str, bob: str, carol: str, phase: str = "settled") -> Everybody:
    places = {"alice": alice, "bob": bob, "carol": carol}
    facts = {name: Facts(phase, place, 2, was_won=name != "carol") for name, place in places.items()}
    return {**facts, "mallory": Facts(phase)}


def settled(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    return _settled(people), _ended("won", "won", "waiting")


def run_out(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    """Bob's time to buy is over, and nobody has taken the seat from him yet."""
    evening = _settled(people)
    set_award(evening.award("bob"), expires_at=utcnow() - timedelta(seconds=1))
    return evening, _ended("won", "run_out", "waiting")


def declined(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = _settled(people)
    evening.buy("alice")
    awards.decline(evening.award("bob"), evening.people["bob"], utcnow())
    return evening, _ended("bought", "declined", "offered")


def lapsed(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = _settled(people)
    evening.buy("alice")
    set_award(evening.award("bob"), expires_at=utcnow() - DAY)
    awards.lapse_all_expired(utcnow())
    evening.buy("carol")
    return evening, _ended("bought", "lapsed", "bought")


def cancelled(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = _settled(people)
    evening.buy("alice")
    awards.cancel(evening.award("alice"), evening.people["alice"], utcnow())
    return evening, _ended("cancelled", "won", "offered")


def voided_while_open(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = _bidding(people)
    evening.void()
    return evening, _ended("void", "void", "void", "voided")


def voided_before_the_opening(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening, _ = coming(people)
    evening.void()
    return evening, dict.fromkeys(people, Facts("voided"))


def cancelled_concert(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = _bidding(people)
    concert = evening.row().concert_id
    cancel_and_announce(current_engine(), concert, "가수가 아파요", "an operator", utcnow(), lambda *_: None)
    return evening, _ended("void", "void", "void", "voided")


def voided_after_the_end(people: dict[str, Person]) -> tuple[Evening, Everybody]:
    evening = _settled(people)
    evening.buy("alice")
    evening.void()
    return evening, _ended("void", "void", "void", "voided")


STATES: dict[str, Callable[[dict[str, Person]], tuple[Evening, Everybody]]] = {
    each.__name__: each
    for each in (
        *(coming, coming_in_weeks, without_bids, bid_in, spent, extended, paused, paused_past_the_end, closing, unsold),
        *(settled, run_out, declined, lapsed, cancelled, voided_before_the_opening, voided_while_open),
        *(voided_after_the_end, cancelled_concert),
    )
}

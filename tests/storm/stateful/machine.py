"""Whatever people, operators, time and death may do to the auctions of one concert, in any sequence, done to the real
stores and told to the model; after every step both must say the same of everything, and the product's own check must
find what the model expects: nothing, unless something was lost and not rebuilt."""

import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from cashticket.catalogue.concerts import NotPublishable
from cashticket.catalogue.publishing import extend_auction
from cashticket.engine.interface import UnknownAuction
from cashticket.extensions import db
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.operator_acts import record_alone
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_moment
from cashticket.models import Award
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.settlement import awards
from cashticket.settlement.awards import AwardNotFound, NotAllowed
from cashticket.settlement.handover import offer_freed
from cashticket.work import queueing
from cashticket.work.check.compare import check
from cashticket.work.closing import close_and_settle
from cashticket.work.draining import Drain
from cashticket.work.rebuilding import NotRebuildable, rebuild
from lab.evidence import BidRow
from lab.oracle.bidding import CHANCES
from lab.oracle.seats import LIVE, MOVES
from tests.storm.stateful import strategies
from tests.storm.stateful.deaths import Died, Moment, doomed
from tests.storm.stateful.model import Happening, Sale, Stops, dies
from tests.storm.stateful.rebuilding import faults, pause, rebuilding
from tests.storm.stateful.seats import ModelConcert
from tests.storm.stateful.stores import Stores
from tests.storm.stateful.strategies import BACKLOG_MAX, BASE, DEADLINE, HOUR, Plan
from tests.storm.stateful.views import ledger_view, modelled_ledger_view, modelled_store_view, store_view


def unfinished(machine: "EverySequence") -> bool:
    return bool(machine.concert.unfinished())


def awarded(machine: "EverySequence") -> bool:
    return bool(machine.concert.awards)


class EverySequence(RuleBasedStateMachine):
    """One concert with one or two auctions that begin with some bids; `over`: and are settled already. `tally` counts
    what came about."""

    def __init__(self, stores: Stores, tally: Counter[str], *, over: bool) -> None:
        super().__init__()
        self.stores, self.tally, self.over = stores, tally, over
        self.concert = ModelConcert(DEADLINE)
        self.requests: list[tuple[Sale, int, int, str]] = []
        self.versions: dict[int, tuple[int, Any]] = {}
        self.now = stores.engine.now_ms = BASE

    def teardown(self) -> None:
        self.tally["sequences"] += 1
        self.tally["auctions settled"] += sum(sale.ledger_state == "settled" for sale in self.concert.sales)
        self.tally["seats handed over"] += sum(ticket.previous is not None for ticket in self.concert.awards)
        self.tally["seats awarded"] += len(self.concert.awards)
        self.stores.reset()

    @initialize(terms=strategies.TERMS, bids=strategies.BIDS)
    def begin(self, terms: list[Plan], bids: list[tuple[int, int, int]]) -> None:
        """The first of the bids comes too early."""
        concert = self.stores.add_concert(DEADLINE)
        for plan in terms:
            sale = plan.sale()
            sale.id = self.stores.publish(concert, sale)
            self.concert.sales.append(sale)
        opens = max(sale.opens for sale in self.concert.sales)
        for number, (at, who, steps) in enumerate(bids):
            self.set_clock(opens + min(0, number - 1))
            self.bid(at, who, steps)
        for number in range(len(terms) if self.over else 0):
            self.settle(number, late=True, moment=None)

    # What is the same for all

    def sale(self, number: int) -> Sale:
        return self.concert.sales[number % len(self.concert.sales)]

    def set_clock(self, now: int) -> None:
        self.now = self.stores.engine.now_ms = now

    def do(self, happenings: Iterable[Happening], moment: Moment | None, work: Callable[[Any], object]) -> None:
        """Work of the product that may die at a moment; model and product must agree on how far it came."""
        try:
            expected = "died" if dies(happenings, moment) else "done"
        except Stops as error:
            expected = str(error)
        with doomed(self.stores.engine, db.engine, moment) as engine:
            actual = outcome(work, engine)
        db.session.remove()
        self.tally[f"{work.__name__} {actual}"] += 1
        if actual == "died" and moment:
            self.tally[f"died {moment[1]} {moment[0]}"] += 1
        assert actual == expected, f"the product says {actual}, the model {expected}"

    # Bids

    def ask(self, sale: Sale, person: int, amount: int, request: str) -> None:
        """Bid as a door does: whoever is a stranger is introduced, and tries again."""
        for _ in range(2):
            kind, expected = sale.bid(person, amount, request, self.now)
            actual, answer = self.stores.bid(sale.id, person, amount, request)
            assert actual == kind, f"the product says {actual} {answer}, the model {kind} {expected}"
            if kind != "stranger":
                break
            self.stores.introduce(sale.id, person)
            sale.permissions[person] = person not in self.concert.blocked
        self.tally[kind if kind != "refused" else str(expected)] += 1
        if kind == "accepted" and isinstance(expected, BidRow) and expected.displaced:
            self.tally["pushed out and told" if expected.alert else "pushed out without a chance left"] += 1
        check_answer(kind, expected, answer, sale, person)
        if (sale, person, amount, request) not in self.requests:
            self.requests.append((sale, person, amount, request))

    @precondition(unfinished)
    @rule(sale=strategies.NUMBERS, who=strategies.NUMBERS, steps=strategies.STEPS)
    def bid(self, sale: int, who: int, steps: int) -> None:
        """A few steps above one's own last bid."""
        at, person = self.sale(sale), self.person(who)
        own = at.own(person)
        amount = (at.minimum - at.step if own is None else own) + steps * at.step
        self.ask(at, person, amount, self.request())

    @precondition(unfinished)
    @rule(sale=strategies.NUMBERS, who=strategies.NUMBERS, steps=st.integers(0, 1))
    def bid_for_a_seat(self, sale: int, who: int, steps: int) -> None:
        """At the cut-off or just above it, as the page shows it."""
        at = self.sale(sale)
        order = sorted((self.sale_best(at, person) for person in self.stores.people), reverse=True)
        amount = max(at.minimum, order[min(at.seats, len(order)) - 1]) + steps * at.step
        self.ask(at, self.person(who), amount, self.request())

    @precondition(unfinished)
    @rule(sale=strategies.NUMBERS, who=strategies.NUMBERS, amount=strategies.ODD_AMOUNTS)
    def bid_oddly(self, sale: int, who: int, amount: Callable[[Sale, int], int]) -> None:
        at, person = self.sale(sale), self.person(who)
        self.ask(at, person, amount(at, self.sale_best(at, person)), self.request())

    @precondition(lambda self: bool(self.requests))
    @rule(
        which=st.integers(0, 30),
        more=st.sampled_from([0, 0, 1]),
        other=st.sampled_from([0, 0, 0, 1]),
    )
    def send_again(self, which: int, more: int, other: int) -> None:
        """The same request, also at another amount, also by somebody else."""
        sale, person, amount, request = self.requests[which % len(self.requests)]
        people = self.stores.people
        other_person = people[(people.index(person) + other) % len(people)]
        self.ask(sale, other_person, amount + more * sale.step, request)

    def person(self, number: int) -> int:
        return self.stores.people[number % len(self.stores.people)]

    def request(self) -> str:
        return f"Request-{len(self.requests)}"

    def sale_best(self, sale: Sale, person: int) -> int:
        return sale.own(person) or 0

    # Time

    @rule(ms=st.sampled_from([1, 700, 9_000, 30_000, -1, -4_000]))
    def pass_time(self, ms: int) -> None:
        """Clocks also jump back; an auction's never does."""
        self.set_clock(self.now + ms)

    @precondition(unfinished)
    @rule(sale=strategies.NUMBERS, beside=st.sampled_from([-1, 0, 0, 1, 2_000]))
    def come_to_the_end(self, sale: int, beside: int) -> None:
        self.set_clock(max(self.now, self.sale(sale).ends + beside))

    @precondition(awarded)
    @rule(which=strategies.NUMBERS, beside=st.sampled_from([-1, 0, HOUR]))
    def come_to_a_deadline(self, which: int, beside: int) -> None:
        ticket = self.concert.awards[which % len(self.concert.awards)]
        self.set_clock(max(self.now, ticket.expires + beside))

    # Recording and settling

    @precondition(unfinished)
    @rule(sale=strategies.NUMBERS, batch=st.integers(1, 4), moment=strategies.deaths("peek", "record", "trim"))
    def record_some(self, sale: int, batch: int, moment: Moment | None) -> None:
        at = self.sale(sale)

        def recording(engine: Any) -> None:
            record_waiting(engine, at.id, batch)

        self.do(at.recording(batch), moment, recording)

    @precondition(unfinished)
    @rule(moment=strategies.deaths("peek", "record", "trim"))
    def drain(self, moment: Moment | None) -> None:
        def draining(engine: Any) -> None:
            Drain(engine, queueing.drain_lease(), NoAlarm(), threading.Event()).round()

        self.do(self.concert.draining(), moment, draining)

    @rule(
        sale=strategies.NUMBERS,
        late=st.booleans(),
        moment=strategies.deaths("close", "peek", "record", "trim", "end", "order", "settle", "finish"),
    )
    def settle(self, sale: int, late: bool, moment: Moment | None) -> None:
        """The job that closing time queues; too early, it changes nothing."""
        at = self.sale(sale)
        if late:
            self.set_clock(max(self.now, at.ends))

        def settling(engine: Any) -> None:
            close_and_settle(engine, at.id)

        self.do(self.concert.closing(at, self.now), moment, settling)

    # Seats

    @precondition(awarded)
    @rule(
        which=st.integers(0, 30),
        move=st.sampled_from(sorted(MOVES)),
        other=st.sampled_from([0, 0, 0, 0, 1]),
        moment=strategies.deaths("move"),
    )
    def move(self, which: int, move: str, other: int, moment: Moment | None) -> None:
        """The holder, or somebody else, buys, declines or cancels."""
        held = self.concert.awards
        numbers = sorted(range(len(held)), key=lambda each: held[each].state not in LIVE)
        number = numbers[which % min(len(numbers), 1 + which % 7)]
        ticket, people = held[number], self.stores.people
        person = people[(people.index(ticket.person) + other) % len(people)]
        place = sum(each.auction == ticket.auction for each in self.concert.awards[:number])
        award_id = award_ids(ticket.auction)[place]

        def moving(engine: Any) -> None:
            getattr(awards, move)(award_id, person, to_moment(self.now))

        moving.__name__ = move
        self.do(self.concert.moving(number, person, move, self.now), moment, moving)

    @precondition(awarded)
    @rule(sale=strategies.NUMBERS, moment=strategies.deaths("move"))
    def lapse(self, sale: int, moment: Moment | None) -> None:
        """The job of the hand-over, as time goes by."""
        at, now = self.sale(sale), to_moment(self.now)

        def lapsing(engine: Any) -> None:
            for freed in sorted({at.id, *awards.lapse_all_expired(now)}):
                offer_freed(freed, now)

        self.do(self.concert.lapsing(at, self.now), moment, lapsing)

    @rule(who=strategies.NUMBERS, blocked=st.booleans())
    def block(self, who: int, blocked: bool) -> None:
        person = self.person(who)
        self.stores.set_blocked(person, blocked=blocked)
        (self.concert.blocked.add if blocked else self.concert.blocked.discard)(person)
        for sale in self.concert.sales:
            if sale.in_store and sale.state != "settled":
                sale.permissions[person] = not blocked

    # Operators

    @precondition(unfinished)
    @rule(sale=strategies.NUMBERS)
    def pause(self, sale: int) -> None:
        at = self.sale(sale)
        done = self.stores.command("pause", str(at.id), "--why", "look")
        assert done == (at.in_store and at.state == "open")
        if done:
            pause(at, "operator")

    @precondition(unfinished)
    @rule(sale=strategies.NUMBERS)
    def resume(self, sale: int) -> None:
        at = self.sale(sale)
        done = self.stores.command("resume", str(at.id), "--why", "looked")
        assert done == (at.in_store and at.paused != "restoring" and not faults(at))
        if done:
            pause(at, "")

    @precondition(unfinished)
    @rule(
        sale=strategies.NUMBERS,
        later=st.sampled_from([0, 1, 20_000, 60_000]),
        moment=strategies.deaths("extend", "announce"),
    )
    def extend(self, sale: int, later: int, moment: Moment | None) -> None:
        at = self.sale(sale)
        closes = at.ledger_closes + later

        def extending(engine: Any) -> None:
            def tell(auction_id: int, end: object) -> int | None:
                closing = engine.extend(auction_id, closes)
                return None if closing.closed else closing.ends_at_ms

            extend_auction(at.id, to_moment(closes), "outage", "operator", tell)

        self.do(at.extending(closes, DEADLINE, self.now), moment, extending)

    @precondition(unfinished)
    @rule(
        sale=strategies.NUMBERS,
        what=st.sampled_from(["everything", "all but the list", "the list"]),
        rebuilt=st.sampled_from([True, True, False]),
    )
    def lose(self, sale: int, what: str, rebuilt: bool) -> None:
        at = self.sale(sale)
        self.tally[f"lost {what}"] += 1
        if what == "the list":
            self.stores.lose_list(at.id)
            at.waiting = []
        else:
            self.stores.lose(at.id, waiting=what == "everything")
            at.forget(waiting=what == "everything")
        if rebuilt:
            self.rebuild(sale, replace=True, moment=None)

    @precondition(unfinished)
    @rule(
        sale=strategies.NUMBERS,
        replace=st.booleans(),
        moment=strategies.deaths("pause", "peek", "record", "trim", "give up", "restore", "resume"),
    )
    def rebuild(self, sale: int, replace: bool, moment: Moment | None) -> None:
        at = self.sale(sale)

        def mending(engine: Any) -> None:
            rebuild(engine, at.id, replace=replace, backlog_max=BACKLOG_MAX, account_for=account_for)

        def account_for(facts: dict[str, Any]) -> None:
            record_alone("operator", Act.AUCTION_REBUILD, auction_subject(at.id), "lost", facts)

        self.do(rebuilding(at, self.now, replace=replace), moment, mending)

    # After every step

    @invariant()
    def model_and_stores_say_the_same(self) -> None:
        for sale in self.concert.sales:
            theirs = store_view(self.stores, sale.id)
            ours = modelled_store_view(sale, theirs["place"][0] if "place" in theirs else 0, self.now)
            assert theirs == ours, differences("live store", theirs, ours)
            self.check_version(sale, theirs)
            theirs, ours = ledger_view(sale.id), modelled_ledger_view(self.concert, sale)
            assert theirs == ours, differences("ledger", theirs, ours)

    def check_version(self, sale: Sale, view: dict[str, Any]) -> None:
        """It never goes back, and grows with whatever a page shows."""
        version = self.stores.engine.versions([sale.id]).get(sale.id)
        if version is None:
            return
        shown = {name: view[name] for name in ("sequence", "shown", "ends", "leaders", "bidders", "paused")}
        last, before = self.versions.get(sale.id, (0, None))
        assert version >= last and (version > last or shown == before), f"version {version} after {last}"
        self.versions[sale.id] = version, shown

    @invariant()
    def the_check_finds_what_it_must(self) -> None:
        for sale in self.concert.sales:
            findings = check(self.stores.engine, sale.id).findings
            assert {each.invariant for each in findings} == faults(sale), findings
        db.session.remove()


class NoAlarm:
    def wait(self, seconds: float) -> None:
        raise AssertionError("a single round waits for nobody")


ENDS: dict[type[BaseException], str] = {
    LedgerGap: "gap",
    UnknownAuction: "unknown",
    AwardNotFound: "not found",
    NotRebuildable: "refused",
    NotPublishable: "refused",
}


def outcome(work: Callable[[Any], object], engine: Any) -> str:
    """How work ended, in the model's words."""
    try:
        work(engine)
    except NotAllowed as error:
        return error.reason
    except Died as error:
        # A dead process holds no cursor; one that is held goes on locking SQLite after its connection was closed.
        traceback.clear_frames(error.__traceback__)
        return "died"
    except tuple(ENDS) as error:
        return next(name for kind, name in ENDS.items() if isinstance(error, kind))
    return "done"


def award_ids(sale_id: int) -> list[int]:
    """The auction's awards in the order in which they came to be."""
    ids = list(db.session.scalars(db.select(Award.id).where(Award.auction_id == sale_id).order_by(Award.id)))
    db.session.rollback()
    return ids


def check_answer(kind: str, expected: Any, answer: Any, sale: Sale, person: int) -> None:
    """What the person was told, word for word."""
    if kind == "refused":
        left = None if expected == "blocked" else CHANCES - sale.used(person)
        assert (answer.reason.value, answer.chances_left) == (expected, left)
    elif kind == "paused":
        assert answer == expected
    elif kind in ("accepted", "replayed"):
        actual = (
            answer.sequence,
            answer.nth,
            answer.amount,
            answer.rank,
            answer.cutoff,
            answer.at_ms,
            answer.ends_at_ms,
        )
        by_model = (
            expected.sequence,
            expected.nth,
            expected.amount,
            expected.rank,
            expected.cutoff,
            expected.at_ms,
            expected.ends_at_ms,
        )
        assert actual == by_model
        assert (answer.winning, answer.chances_left) == (expected.rank <= sale.seats, CHANCES - expected.nth)


def differences(where: str, theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """Only what differs."""
    unlike = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
    return "; ".join(f"{where} {name}: {theirs.get(name)}, by the model {ours.get(name)}" for name in unlike)

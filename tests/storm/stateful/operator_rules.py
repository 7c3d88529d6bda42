"""Steps of the state machine: pausing, extending, losing the live store, and rebuilding."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from cashticket.catalogue.publishing import extend_auction
from cashticket.ledger.operator_acts import record_alone
from cashticket.ledger.outages import recorded_ends
from cashticket.locale import to_moment
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.wiring import current_shelves
from cashticket.witness.testimony import read_testimony
from cashticket.work.giving_back import record_last_outage, resume
from cashticket.work.rebuilding import rebuild
from tests.storm.stateful import strategies
from tests.storm.stateful.accounting import accounting, needs_operator
from tests.storm.stateful.deaths import Moment
from tests.storm.stateful.machine import Machine, unfinished
from tests.storm.stateful.model import HERE, dies, goes_through
from tests.storm.stateful.pauses import pause, record_outage, resuming
from tests.storm.stateful.rebuilding import faults, rebuilding
from tests.storm.stateful.strategies import BACKLOG_MAX, DEADLINE


class OperatorRules(Machine):
    """What operators do, and what they have to repair."""

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS)
    def pause(self, auction: int) -> None:
        at = self.auction(auction)
        done = self.stores.command("pause", str(at.id), "--why", "look")
        assert done == (at.in_store and at.state == "open")
        if done:
            pause(at, "operator", self.now)
            at.is_operators = True

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS)
    def resume(self, auction: int) -> None:
        at = self.auction(auction)
        done = self.stores.command("resume", str(at.id), "--why", "looked")
        expected = at.in_store and at.paused != "restoring" and at.state not in ("settled", "voided")
        if expected and at.paused and at.accounted_on != HERE and at.ledger_state == "open":
            expected = at.paused == "witness" or not needs_operator(at)
            if not expected:
                pause(at, "witness", self.now)
            else:
                expected = goes_through(accounting(at))
        assert done == (expected and not faults(at))
        if done:
            at.accounted_on, at.is_operators = HERE, False
            if at.paused:
                dies(resuming(at, self.now), None)

    @precondition(unfinished)
    @rule(
        auction=strategies.NUMBERS,
        seconds=st.sampled_from([1, 70, 3_000, 9_000]),
        moment=strategies.deaths("resume", "give back"),
    )
    def outage(self, auction: int, seconds: int, moment: Moment | None) -> None:
        """Another process of the live store answers after a while; the watch lets bidding go on."""
        at, known = self.auction(auction), self.now
        if not at.in_store or at.paused or at.state != "open":
            return
        self.stores.check_elsewhere(at.id)
        self.set_clock(self.now + 1_000 * seconds)
        at.paused = "restarted"

        def going_on(engine: Any) -> None:
            resume(engine, at.id, "restarted", "", known, recorded_ends([at.id])[at.id])

        self.do(resuming(at, self.now, known), moment, going_on)
        if at.paused:
            self.do(resuming(at, self.now, known), None, going_on)
        self.tally["outages"] += 1

    @precondition(unfinished)
    @rule(auction=strategies.NUMBERS)
    def look(self, auction: int) -> None:
        """The watch records what somebody resumed without recording it."""
        at = self.auction(auction)
        record_last_outage(self.stores.engine, at.id)
        if at.in_store:
            record_outage(at)

    @precondition(unfinished)
    @rule(
        auction=strategies.NUMBERS,
        later=st.sampled_from([0, 1, 20_000, 60_000]),
        moment=strategies.deaths("extend", "announce"),
    )
    def extend(self, auction: int, later: int, moment: Moment | None) -> None:
        at = self.auction(auction)
        closes = at.ledger_closes + later

        def extending(engine: Any) -> None:
            def tell(auction_id: int, end: object, cap: int) -> tuple[int, int] | None:
                closing = engine.extend(auction_id, closes, cap * 1000)
                return None if closing.closed else (closing.ends_at_ms, closing.sequence)

            extend_auction(at.id, to_moment(closes), "outage", "operator", tell)

        self.do(at.extending(closes, DEADLINE, self.now), moment, extending)

    @precondition(unfinished)
    @rule(
        auction=strategies.NUMBERS,
        what=st.sampled_from(["everything", "all but the list", "the list"]),
        rebuilt=st.sampled_from([True, True, False]),
        is_witnessed=st.booleans(),
    )
    def lose(self, auction: int, what: str, rebuilt: bool, is_witnessed: bool) -> None:
        at = self.auction(auction)
        self.forget_copies(at)
        if not is_witnessed:
            self.stores.witnesses.lose(at.id)
            at.witnessed, at.is_covered = {}, False
        self.tally[f"lost {what}"] += 1
        # Versions after a loss count on that: a store is not lost twice within a moment, nor lost again while its clock
        # shows times before the first loss. A step of the clock makes the watch pause bidding.
        self.set_clock(max(self.now, self.stores.engine.numbered_ms) + 100)
        if what == "the list":
            self.stores.lose_list(at.id)
            at.waiting = []
        else:
            self.stores.lose(at.id, waiting=what == "everything")
            at.forget(waiting=what == "everything")
        if rebuilt:
            self.rebuild(auction, replace=True, moment=None)

    @precondition(unfinished)
    @rule(
        auction=strategies.NUMBERS,
        replace=st.booleans(),
        moment=strategies.deaths("pause", "peek", "record", "trim", "give up", "restore", "resume"),
    )
    def rebuild(self, auction: int, replace: bool, moment: Moment | None) -> None:
        at = self.auction(auction)
        self.forget_copies(at)

        def mending(engine: Any) -> None:
            testimony = read_testimony(current_shelves())
            choices: dict[str, Any] = {"replace": replace, "backlog_max": BACKLOG_MAX, "account_for": account_for}
            rebuild(engine, at.id, testimony=testimony, **choices)

        def account_for(facts: dict[str, Any]) -> None:
            record_alone("operator", Act.AUCTION_REBUILD, auction_subject(at.id), "lost", facts)

        self.do(rebuilding(at, self.now, replace=replace), moment, mending)

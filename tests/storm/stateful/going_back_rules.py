"""Steps of the state machine: the live store goes back to an older copy of itself, or a lagging replica takes its
place, and the watch accounts for every answered bid before any is taken."""

import logging
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from cashticket.engine.pauses import OVERDUE, RESTARTED, UNSOUND
from cashticket.ledger.accounted import note_accounted
from cashticket.ledger.outages import recorded_ends
from cashticket.wiring import current_shelves
from cashticket.witness.testimony import read_testimony
from cashticket.work.check.verdicts import check_all
from cashticket.work.giving_back import is_for_operator, resume
from cashticket.work.watch.accounts import Accounts
from cashticket.work.watch.troubles import Troubles
from tests.storm.stateful import strategies
from tests.storm.stateful.accounting import go_back, remembered, watching
from tests.storm.stateful.deaths import Moment
from tests.storm.stateful.machine import Machine
from tests.storm.stateful.model import HERE, ModelAuction

PROCESS = "process-"
"""Identities of processes before the present one begin so."""


def copied(machine: Machine) -> bool:
    """Precondition: the live store can go back."""
    return any(machine.copies.values())


class GoingBackRules(Machine):
    """The live store forgets the newest of what it has."""

    @precondition(lambda self: any(self.can_be_copied(auction) for auction in self.concert.auctions))
    @rule(auction=strategies.NUMBERS)
    def copy(self, auction: int) -> None:
        """Somebody copies the live store."""
        at = self.auction(auction)
        if self.can_be_copied(at):
            self.copies[at.id].append((self.stores.copy(at.id), remembered(at)))

    @precondition(copied)
    @rule(
        auction=strategies.NUMBERS,
        which=st.integers(0, 3),
        is_witnessed=st.sampled_from([True, True, True, False]),
        seconds=st.sampled_from([0, 1, 70]),
    )
    def restore_older(self, auction: int, which: int, is_witnessed: bool, seconds: int) -> None:
        """The live store goes on from a copy."""
        at = self.auction(auction)
        if (copies := self.copies[at.id]) and self.may_go_back(at):
            self.go_back(at, copies[which % len(copies)], is_witnessed=is_witnessed, seconds=seconds)
            self.tally["went back to a copy"] += 1

    @precondition(lambda self: any(self.replicas.values()))
    @rule(
        auction=strategies.NUMBERS,
        missing=st.integers(1, 4),
        is_witnessed=st.sampled_from([True, True, True, False]),
        moment=strategies.deaths("put_back", "pause", "resume", "give back"),
    )
    def promote(self, auction: int, missing: int, is_witnessed: bool, moment: Moment | None) -> None:
        """A replica takes the place of the live store; it lacks the last bids, and what came after them."""
        at = self.auction(auction)
        if (replicas := self.replicas[at.id]) and self.may_go_back(at):
            self.go_back(at, replicas[-min(missing, len(replicas))], is_witnessed=is_witnessed, seconds=0)
            self.tally["promoted"] += 1
            self.watch(auction, moment)

    @precondition(lambda self: any(each.paused == RESTARTED for each in self.concert.auctions))
    @rule(auction=strategies.NUMBERS, moment=strategies.deaths("put_back", "pause", "resume", "give back"))
    def watch(self, auction: int, moment: Moment | None) -> None:
        """A round of the watch for an auction that takes no bids since another process answers."""
        at = self.auction(auction)
        if not at.in_store or at.paused != RESTARTED or at.state != "open":
            return
        known, highest = self.away_since.get(at.id), max(at.witnessed, default=0)

        def watching_over(engine: Any) -> None:
            watch_over(engine, at.id, known)

        self.do(watching(at, self.now, known), moment, watching_over)
        self.tally[f"watched, then {at.paused or 'bids'}"] += 1
        if at.accounted_on == HERE:
            given = self.stores.engine.statuses([at.id])[at.id].sequence
            assert given >= highest, f"the live store will give number {given + 1} again"

    @staticmethod
    def may_go_back(at: ModelAuction) -> bool:
        """Of an auction that is over, the ledger alone counts."""
        return at.state == at.ledger_state == "open"

    def go_back(self, at: ModelAuction, copy: Any, *, is_witnessed: bool, seconds: int) -> None:
        dump, state = copy
        self.times_back += 1
        before = f"{PROCESS}{self.times_back} master"
        if not is_witnessed:
            self.stores.witnesses.lose(at.id)
            self.tally["lost witnesses"] += 1
        else:
            self.stores.witnesses.hear(at.id, before)
        note_accounted([at.id], before)
        self.away_since[at.id] = self.now
        self.stores.go_back(at.id, dump)
        self.stores.check_elsewhere(at.id, before)
        go_back(at, state, is_witnessed=is_witnessed)
        self.forget_copies(at)
        # Its version goes back with it.
        self.versions.pop(at.id, None)
        self.set_clock(self.now + 1_000 * seconds)


def watch_over(engine: Any, auction_id: int, known_ms: int | None) -> None:
    """What the guard does for one auction, in its order."""
    identity = engine.condition().identity
    troubles = Troubles(logging.getLogger(__name__))
    accounts = Accounts(engine, lambda: read_testimony(current_shelves()), troubles)
    accounts.look(engine.condition(), engine.statuses([auction_id]))
    reason = accounts.objection(auction_id)
    assert reason is not None
    if not reason and check_all(engine, auction_id).stops_bidding:
        reason = UNSOUND
    end = recorded_ends([auction_id])[auction_id]
    if not reason and is_for_operator(engine.read(auction_id), known_ms, end.deadline_ms):
        reason = OVERDUE
    if reason:
        engine.pause(auction_id, reason, instead_of=RESTARTED)
    else:
        resume(engine, auction_id, RESTARTED, identity, known_ms, end)

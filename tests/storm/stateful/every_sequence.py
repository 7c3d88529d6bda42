"""The whole state machine: its first step, all other steps, and what must hold after each."""

from typing import Any

from hypothesis.stateful import initialize, invariant

from cashticket.extensions import db
from cashticket.work.check.compare import check
from tests.storm.stateful import strategies
from tests.storm.stateful.bid_rules import BidRules
from tests.storm.stateful.going_back_rules import GoingBackRules
from tests.storm.stateful.model import ModelAuction
from tests.storm.stateful.operator_rules import OperatorRules
from tests.storm.stateful.rebuilding import faults
from tests.storm.stateful.seat_rules import SeatRules
from tests.storm.stateful.strategies import DEADLINE, Plan
from tests.storm.stateful.views import ledger_view, modelled_ledger_view, modelled_store_view, store_view


class EverySequence(BidRules, SeatRules, OperatorRules, GoingBackRules):
    """One concert with one or two auctions that begin with some bids."""

    @initialize(terms=strategies.TERMS, bids=strategies.BIDS)
    def begin(self, terms: list[Plan], bids: list[tuple[int, int, int]]) -> None:
        """Publish the auctions and place the first bids; the very first comes before the opening."""
        concert = self.stores.add_concert(DEADLINE)
        for plan in terms:
            auction = plan.auction()
            auction.id = self.stores.publish(concert, auction)
            self.concert.auctions.append(auction)
        opens = max(auction.opens for auction in self.concert.auctions)
        for number, (at, who, steps) in enumerate(bids):
            self.set_clock(opens + min(0, number - 1))
            self.bid(at, who, steps)
        for number in range(len(terms) if self.over else 0):
            self.settle(number, late=True, moment=None)

    @invariant()
    def model_and_stores_say_the_same(self) -> None:
        for auction in self.concert.auctions:
            theirs = store_view(self.stores, auction.id)
            ours = modelled_store_view(auction, theirs["place"][0] if "place" in theirs else 0, self.now)
            assert theirs == ours, differences("live store", theirs, ours)
            self.check_version(auction, theirs)
            theirs, ours = ledger_view(auction.id), modelled_ledger_view(self.concert, auction)
            assert theirs == ours, differences("ledger", theirs, ours)

    def check_version(self, auction: ModelAuction, view: dict[str, Any]) -> None:
        """The version never goes back, and grows with whatever a page shows."""
        version = self.stores.engine.versions([auction.id]).get(auction.id)
        if version is None:
            return
        shown = {name: view[name] for name in ("sequence", "shown", "ends", "board", "bidders", "paused")}
        last, before = self.versions.get(auction.id, (0, None))
        assert version >= last and (version > last or shown == before), f"version {version} after {last}"
        self.versions[auction.id] = version, shown

    @invariant()
    def the_check_finds_what_it_must(self) -> None:
        for auction in self.concert.auctions:
            findings = check(self.stores.engine, auction.id).findings
            assert {each.invariant for each in findings} == faults(auction), findings
        db.session.remove()


def differences(where: str, theirs: dict[str, Any], ours: dict[str, Any]) -> str:
    """Only what differs, as text."""
    unlike = [name for name in {**theirs, **ours} if theirs.get(name) != ours.get(name)]
    return "; ".join(f"{where} {name}: {theirs.get(name)}, by the model {ours.get(name)}" for name in unlike)

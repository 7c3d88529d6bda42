"""What keeps the guard from resuming an auction on another process or role of the live store: bids that are not
accounted for yet.

No auction takes bids there before every living witness has written since that process answers, and every answered bid
is in its place or given up (`work.accounting`). Where nobody witnessed the process before, an operator decides
(WITNESS). Rounds in which nothing changed ask no store and no witness.
"""

from collections.abc import Callable, Iterable, Mapping

from cashticket.engine.condition import StoreCondition
from cashticket.engine.interface import Engine, Status, UnknownAuction
from cashticket.engine.pauses import OPERATOR, UNSOUND, WITNESS
from cashticket.ledger import queries
from cashticket.ledger.accounted import accounted_on, note_accounted
from cashticket.ledger.fence import LedgerGap
from cashticket.ledger.operator_acts import is_paused_by_operator
from cashticket.logs.failures import failure_text
from cashticket.witness.testimony import ShelfUnavailable, Testimony
from cashticket.work.accounting import account, is_witnessed
from cashticket.work.accounting_acts import WATCH, record_accounted
from cashticket.work.outages import DATABASE_AWAY
from cashticket.work.watch.troubles import Troubles
from cashticket.work.witnesses import ReadTestimony, still_silent, unwitnessed

Hear = Callable[[Mapping[int, int]], None]
"""Takes auction → when a witness last heard the process on which it took orders, before another one answered (ms)."""


class Accounts:
    """Call `look` once a round with the auctions that are guarded, then `objection` for each that is paused."""

    def __init__(
        self, engine: Engine, read_testimony: ReadTestimony, troubles: Troubles, hear: Hear = lambda beats_ms: None
    ) -> None:
        """`read_testimony` returns what all witnesses have written. Raises ShelfUnavailable. `hear` is called before it
        is noted that an auction is accounted for: afterwards nobody asks the witnesses."""
        self._engine, self._read_testimony, self._troubles, self._hear = engine, read_testimony, troubles, hear
        # Auction → the process on which it is accounted for.
        self._accounted: dict[int, str] = {}
        self._objections: dict[int, str | None] = {}

    def look(self, condition: StoreCondition, guarded: Mapping[int, Status]) -> list[int]:
        """Account for the guarded auctions on the processes of `condition`, which answered before their statuses were
        read. Returns those in whose stores something changed, so that they must be checked again."""
        identities = {auction_id: condition.of(auction_id).identity for auction_id in guarded}
        open_ids = [each for each, identity in identities.items() if self._accounted.get(each) != identity]
        self._objections = dict.fromkeys(open_ids)
        changed: list[int] = []
        if not open_ids:
            return changed
        try:
            for identity in sorted({identities[each] for each in open_ids}):
                there = {each: guarded[each] for each in open_ids if identities[each] == identity}
                changed += self._account(identity, there)
        except (*DATABASE_AWAY, ShelfUnavailable) as error:
            self._troubles.log("accounts", f"answered bids cannot be accounted for: {failure_text(error)}")
            return []
        finally:
            queries.forget()
        self._troubles.log("accounts", "")
        return changed

    def objection(self, auction_id: int) -> str | None:
        """Why a paused auction must not take bids: '' for no reason, WITNESS, UNSOUND or OPERATOR, None while it is not
        known."""
        return self._objections.get(auction_id, "")

    def _account(self, identity: str, statuses: Mapping[int, Status]) -> list[int]:
        noted = accounted_on(statuses)
        # Whoever let an auction take bids on this process has accounted for it, or it was published there.
        self._note(
            [each for each, status in statuses.items() if not status.paused and noted[each] != identity], identity
        )
        self._settle((each for each, status in statuses.items() if not status.paused), identity)
        self._settle((each for each in statuses if noted[each] == identity), identity)
        waiting = [auction_id for auction_id in statuses if self._objections.get(auction_id, "") is None]
        if not waiting:
            return []
        testimony = self._read_testimony()
        beats = {auction_id: testimony.last_beat_on(noted[auction_id]) for auction_id in waiting}
        self._hear({auction_id: beat for auction_id, beat in beats.items() if beat})
        silent = testimony.waits_for(identity)
        self._troubles.log("witnesses", f"no bids yet. {still_silent(silent)}" if silent else "")
        if silent:
            return []
        changed = []
        for auction_id in waiting:
            with self._troubles.contained(f"the account of auction {auction_id}"):
                if self._account_one(testimony, identity, auction_id, noted[auction_id], statuses[auction_id]):
                    changed.append(auction_id)
        return changed

    def _account_one(self, testimony: Testimony, identity: str, auction_id: int, before: str, status: Status) -> bool:
        """Returns whether the auction changed."""
        row = queries.auction(auction_id)
        if row is None:
            # The check names it.
            self._settle([auction_id], identity)
            return False
        if not is_witnessed(testimony, before, row, status):
            self._objections[auction_id] = WITNESS
            self._troubles.log(f"witness of {auction_id}", unwitnessed(auction_id))
            return False
        try:
            accounted = account(self._engine, testimony, auction_id)
        except UnknownAuction:
            return False
        except LedgerGap as error:
            self._objections[auction_id] = UNSOUND
            self._troubles.log(
                f"account of {auction_id}", f"{failure_text(error)}: `flask auction rebuild {auction_id} --yes`"
            )
            return False
        self._troubles.log(f"account of {auction_id}", "")
        record_accounted(WATCH, accounted, status.sequence)
        if accounted.is_complete and is_paused_by_operator(auction_id):
            self._objections[auction_id] = OPERATOR
            self._troubles.log(f"pause of {auction_id}", _pause_kept(auction_id))
        elif accounted.is_complete:
            self._note([auction_id], identity)
            self._settle([auction_id], identity)
        return accounted.changed

    def _note(self, auction_ids: list[int], identity: str) -> None:
        if auction_ids:
            note_accounted(auction_ids, identity)

    def _settle(self, auction_ids: Iterable[int], identity: str) -> None:
        for auction_id in auction_ids:
            self._accounted[auction_id] = identity
            self._objections.pop(auction_id, None)
            for topic in ("witness", "pause"):
                self._troubles.log(f"{topic} of {auction_id}", "")


def _pause_kept(auction_id: int) -> str:
    return (
        f"auction {auction_id} stays paused by an operator, although the live store went on from before that pause: "
        f"`flask auction resume {auction_id} --why …` ends it"
    )

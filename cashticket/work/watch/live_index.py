"""The live index against the ledger, each round: every running auction is served, and what is missing is named.

Drain, guard and settlement serve what the index names. A crash, or a store that came back without it, may leave an
auction out; the ledger knows it all the same.
"""

import logging
from collections.abc import Mapping

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.condition import StoreCondition
from cashticket.engine.interface import Engine, OutcomeUnknown, Status, StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.work.lost_auctions import remedy, without_status
from cashticket.work.outages import DATABASE_AWAY
from cashticket.work.watch.troubles import Troubles

log = logging.getLogger(__name__)


class LiveIndex:
    """Call `statuses` each round. It costs one statement, however many auctions have ended."""

    def __init__(self, engine: Engine, troubles: Troubles, store: str = FIRST_STORE) -> None:
        """`store` is the name of the live store that `engine` is on."""
        self._engine, self._troubles, self._store = engine, troubles, store
        # As the ledger had it last; it still counts while the database is away.
        self._unfinished: Mapping[int, bool] = {}
        self._lost: Mapping[int, str] = {}

    def statuses(self, condition: StoreCondition) -> dict[int, Status]:
        """The status of every running auction, listed or not, of which `condition` has the store. Lists those that were
        not, and names lost ones and strangers. Raises StoreUnavailable and OutcomeUnknown."""
        is_index_read, every = self._read_index(condition)
        is_ledger_read = self._read_ledger()
        # Of those whose shard is away nothing is known.
        listed = [each for each in every if condition.has(each)]
        unfinished = {each: was_seen for each, was_seen in self._unfinished.items() if condition.has(each)}
        statuses = self._engine.statuses(sorted({*listed, *unfinished}))
        for auction_id in unfinished.keys() - set(listed) if is_index_read else ():
            if auction_id not in statuses:
                continue
            # Whoever changed meanwhile could not tell it.
            self._engine.forget_people(auction_id)
            if self._engine.relist(auction_id):
                log.error("auction %s was missing on the live index; it is served from now on", auction_id)
        lost = without_status(unfinished, statuses)
        for auction_id in set(listed) - statuses.keys() - lost.keys():
            if not is_ledger_read:
                lost[auction_id] = remedy(auction_id, was_seen=True)
            elif self._engine.forget(auction_id):
                log.warning("auction %s is in neither store; it was taken off the live index", auction_id)
        self._name_lost(lost)
        return statuses

    def _read_index(self, condition: StoreCondition) -> tuple[bool, list[int]]:
        """Whether the index could be read, and what it lists. On a cluster it is in one of the shards."""
        try:
            strangers, listed = self._engine.strangers(), self._engine.auctions()
        except (StoreUnavailable, OutcomeUnknown):
            if condition.is_whole:
                raise
            return False, []
        self._troubles.log("live index", _sentence(len(strangers)))
        return True, listed

    def _read_ledger(self) -> bool:
        try:
            self._unfinished = queries.unfinished(store=self._store)
        except DATABASE_AWAY:
            return False
        finally:
            db.session.remove()
        return True

    def _name_lost(self, lost: Mapping[int, str]) -> None:
        """Name what is lost in two rounds: publishing and rebuilding take a moment between the two stores."""
        for auction_id in lost.keys() | self._lost.keys():
            sentence = lost.get(auction_id, "")
            self._troubles.log(f"loss of {auction_id}", sentence if auction_id in self._lost else "")
        self._lost = lost


def _sentence(strangers: int) -> str:
    if not strangers:
        return ""
    return (
        f"the live index has {strangers} members that are no auctions and are skipped: "
        "`SMEMBERS auctions:live` shows them, `SREM auctions:live …` removes them"
    )

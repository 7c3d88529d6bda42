"""The live store of an auction: chosen when it is published, and kept for life.

Nobody need choose. An auction of a concert goes where the concert's unfinished auctions are, because they settle one
after the other and would wait for each other's stores. Otherwise it goes where the fewest unfinished auctions are, so
that a store that was added gets its share. Stores that are to be given up (`RETIRING_STORES`) and those that do not
answer get none.
"""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.errors import OperatorError
from cashticket.ledger import live_stores
from cashticket.work.store_twins import twins


class NoSuchStore(OperatorError):
    """No live store of that name takes new auctions."""


class StoreChoice:
    """Chooses a store for each of several auctions that are published together."""

    def __init__(self, engine: Engine, retiring: Iterable[str], name: str | None = None) -> None:
        """`name` is what somebody asked for, None for nothing. Raises NoSuchStore, and what stores raise when none
        answers."""
        if seen := twins(engine):
            raise NoSuchStore(f"No auction is published: {seen}. Give each name in LIVE_STORES a server of its own.")
        taking = [each for each in engine.stores() if each not in set(retiring)]
        if name is not None and name not in taking:
            raise NoSuchStore(f"No live store {name} takes new auctions; there is {', '.join(taking)}.")
        self._names = [name] if name is not None else taking if len(taking) == 1 else _answering(engine, taking)
        # Asked only where there is a choice.
        self._counts = live_stores.unfinished_counts() if len(self._names) > 1 else None

    def of_next(self, session: Session, concert_id: int) -> str | None:
        """The store of the next auction of this concert, as the table names it: None for the first one. `session` has
        the auctions that are published with it."""
        if self._counts is None:
            return _stored(self._names[0])
        neighbours = [each for each in live_stores.of_concert(session, concert_id) if each in self._names]
        name = neighbours[0] if neighbours else min(self._names, key=self._counts.__getitem__)
        self._counts[name] += 1
        return _stored(name)


def _stored(name: str) -> str | None:
    return None if name == FIRST_STORE else name


def _answering(engine: Engine, names: Iterable[str]) -> list[str]:
    answering, failure = [], None
    for name in names:
        try:
            if name in engine.silent():
                raise StoreUnavailable(f"the live store {name} did not answer")
            engine.stores()[name].clock()
            answering.append(name)
        except (StoreUnavailable, OutcomeUnknown) as error:
            failure = error
    if failure and not answering:
        raise failure
    return answering

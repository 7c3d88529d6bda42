"""Tells the auctions what they missed about people: ended sessions, blocks, confirmed addresses, holds that are over.

Whoever changes an account tells the auctions after the commit, and may die or find the live store away. The note in the
account outlives that. A live store that goes on from an older copy of itself forgot what it was told: it also has the
moment up to which it knew everything, so who changed since is told again; whoever ever changed, if it has none. If
they are too many, the auctions forget everybody, and each person's next bid asks the tables once.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from cashticket.accounts.untold import note_told, revised_since, untold
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.locale import to_moment, to_ms
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.work.introducing import tell_auctions
from cashticket.work.outages import DATABASE_AWAY

log = logging.getLogger(__name__)

TOLD_MAX = 1_000
"""People who are told one by one after a change of the live store's process; of more, the auctions forget everybody."""

A_ROUND_MAX = 100
SLACK = timedelta(minutes=15)
"""More than clocks of machines differ, and than a change takes from its moment to its commit."""

NOTED_EVERY_SECONDS = 10.0
ASK_OTHERS_AGAIN_SECONDS = 5.0
FIRST = to_moment(0)
"""Before every change."""


class UntoldPeople:
    """Call `round` about once a second, before anything is resumed. Two at once are harmless."""

    def __init__(
        self, engine: Engine, monotonic: Callable[[], float] = time.monotonic, everywhere: Engine | None = None
    ) -> None:
        """`engine` is on one live store, `everywhere` on all of them, None for the same. A note stays until all stores
        were told; what `engine` is asked to resume waits for its own store alone."""
        self._engine, self._monotonic = engine, monotonic
        self._everywhere = everywhere or engine
        self._others = [store for store in self._everywhere.stores().values() if store is not engine]
        self._identity, self._noted_at = "", float("-inf")
        # While another store does not answer: when it is asked again, and through whom this store was told.
        self._ask_others_at = float("-inf")
        self._told_through: tuple[datetime, int] | None = None

    def round(self, identity: str) -> bool:
        """Tell the auctions what they do not know; `identity` is that of the live store that answers.

        Returns whether they know everything now. False too while the database is away. Raises StoreUnavailable and
        OutcomeUnknown. Costs one statement while nothing changes.
        """
        try:
            return self._round(identity)
        except DATABASE_AWAY:
            return False
        finally:
            db.session.remove()

    def _round(self, identity: str) -> bool:
        began_at = utcnow()
        if identity != self._identity:
            self._tell_forgotten()
            self._identity = identity
        people = self._tell_untold()
        if len(people) == A_ROUND_MAX:
            return False
        if people or self._monotonic() >= self._noted_at + NOTED_EVERY_SECONDS:
            self._engine.note_people_known(to_ms(began_at))
            self._noted_at = self._monotonic()
        return True

    def _tell_untold(self) -> Sequence[Person]:
        """Tell those of whom nobody told all stores, and return them; beside a store that does not answer, only those
        whom this store was not told of yet."""
        if self._monotonic() >= self._ask_others_at and not self._everywhere.silent():
            people = untold(A_ROUND_MAX)
            if self._tell(people):
                self._told_through = None
                return people
            self._ask_others_at = self._monotonic() + ASK_OTHERS_AGAIN_SECONDS
        people = untold(A_ROUND_MAX, self._told_through)
        self._tell_here(people)
        if people and (since := people[-1].untold_since) is not None:
            self._told_through = since, people[-1].id
        return people

    def _tell_forgotten(self) -> None:
        """Tell what this process of the live store may have forgotten."""
        known_ms = self._engine.people_known_at()
        since = to_moment(known_ms) - SLACK if known_ms else FIRST
        people = revised_since(since, TOLD_MAX + 1)
        if len(people) > TOLD_MAX:
            for auction_id in self._engine.auctions():
                self._engine.forget_people(auction_id)
            log.warning("the auctions forgot everybody: each person's next bid asks the tables once")
        else:
            self._tell(people)

    def _tell_here(self, people: Sequence[Person]) -> None:
        for person in people:
            tell_auctions(self._engine, person)

    def _tell(self, people: Sequence[Person]) -> bool:
        """Tell all stores, this one first. False, and nothing noted, when another one does not answer."""
        now = utcnow()
        self._tell_here(people)
        try:
            for store in self._others:
                for person in people:
                    tell_auctions(store, person)
        except (StoreUnavailable, OutcomeUnknown):
            return False
        # Nobody tells the auctions that a hold has ended whose process died: the note stays until then.
        note_told(person for person in people if not person.are_bids_held(now))
        return True

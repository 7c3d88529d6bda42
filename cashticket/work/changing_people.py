"""Changes of accounts that a standing bid forbids, and the changes that an operator makes instead."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from cashticket.accounts import frozen_facts, people, recovery
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.auction import person_rules
from cashticket.engine.interface import Engine
from cashticket.models import Auction, Person
from cashticket.work.introducing import introduce_again
from cashticket.work.standing_bids import bids_held


class Bound(Exception):
    """A bid of this person stands in `auctions`, which are not settled yet; nothing was changed."""

    def __init__(self, auctions: Sequence[Auction]) -> None:
        super().__init__()
        self.auctions = auctions


def close_account(engine: Engine, person_id: int, acting: str = "") -> tuple[Person, int]:
    """Close an account for good, unless a bid of it stands in an unfinished auction; returns the account and the id of
    the last mail. Every auction is told.

    `acting` is the handle of the session that closes it. Raises Bound, recovery.HoldsAward, sessions.Overtaken,
    holds.BidsHeld, StoreUnavailable, OutcomeUnknown.
    """
    with bids_held(engine, person_id) as binding:
        if binding:
            raise Bound(binding)
        return recovery.close(person_id, acting)


def save_profile(engine: Engine, person: Person, facts: Mapping[str, Any], locale: str) -> Person:
    """Store checked values; `facts` has `name`, `birth_date` and `phone`. Name and date of birth change only while no
    bid of the person stands. Every auction is told of a change, because a concert may have an age limit; and of another
    number, because the proof of the former one is gone.

    Raises Bound, people.PhoneTaken, people.PersonNotFound, holds.BidsHeld, StoreUnavailable, OutcomeUnknown.
    """
    name, born, phone = facts["name"], facts["birth_date"], facts["phone"]
    if (name, born) == (person.name, person.birth_date):
        saved = people.save_profile(person.id, phone, locale)
        if saved.revision != person.revision:
            # The number was proven, and another one is not.
            introduce_again(engine, saved)
        return saved
    with bids_held(engine, person.id) as binding:
        present = people.person(person.id) or person
        old_name, old_born = present.name, present.birth_date
        changes = ((old_name, name), (old_born, born))
        if not all(person_rules.may_change(old, new, bound=bool(binding)) for old, new in changes):
            raise Bound(binding)
        saved = people.save_profile(person.id, phone, locale, name=name, birth_date=born)
    _record_change(saved, name=old_name != name, birth_date=old_born != born, by_operator=False)
    return saved


def change_frozen_facts(
    engine: Engine, person_id: int, facts: dict[frozen_facts.FrozenFact, str | date], why: str, operator: str
) -> tuple[Person, bool]:
    """Change name or date of birth for an operator, also while bids stand; awards keep the name they were made for.

    Returns the account, and whether every auction was told. Repeating it changes nothing and tells the auctions again.
    Raises people.PersonNotFound, frozen_facts.AccountClosed.
    """
    person, changed = frozen_facts.change(person_id, facts, why, operator)
    if changed:
        kinds = {fact.value: fact in changed for fact in frozen_facts.FrozenFact}
        _record_change(person, **kinds, by_operator=True)
    return person, introduce_again(engine, person)


def _record_change(person: Person, *, name: bool, birth_date: bool, by_operator: bool) -> None:
    record(SecurityEvent.PERSON_RENAMED, person_id=person.id, name=name, birth_date=birth_date, by_operator=by_operator)

"""Changes of accounts that a standing bid forbids, and the changes that an operator makes instead."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from cashticket.accounts import frozen_facts, people, profiles, recovery
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.auction import person_rules
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.engine.interface import Engine
from cashticket.models import Auction, Person
from cashticket.work.introducing import introduce_again
from cashticket.work.standing_bids import bids_held


class Bound(Exception):
    """A bid of this person stands in `auctions`, which are not settled yet; nothing was changed."""

    def __init__(self, auctions: Sequence[Auction]) -> None:
        super().__init__()
        self.auctions = auctions


class PhoneBound(Bound):
    """This person has a bid, or a seat, in an auction that asks for a proven phone: whoever could leave the proven
    number would prove it again for another account, with chances of its own."""


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
    bid of the person stands, and a proven number gives way to one that is not proven only while there is no bid in an
    auction that asks for a proven phone, nor a seat from one. Every auction is told of a change.

    Raises Bound, PhoneBound, people.PhoneTaken, people.PersonNotFound, holds.BidsHeld, StoreUnavailable,
    OutcomeUnknown.
    """
    name, born, phone = facts["name"], facts["birth_date"], facts["phone"]
    if (name, born) == (person.name, person.birth_date):
        with suppress(profiles.PhoneProven):
            saved = profiles.save(person.id, phone, locale)
            if saved.revision != person.revision:
                # An operator had vouched for an account without a number; the one that is there now is not proven.
                introduce_again(engine, saved)
            return saved
    with bids_held(engine, person.id) as binding:
        present = people.person(person.id) or person
        was = (present.name, present.birth_date)
        saved = _saved_while_held(present, binding, facts, locale)
    if was != (name, born):
        _record_change(saved, name=was[0] != name, birth_date=was[1] != born, by_operator=False)
    return saved


def _saved_while_held(person: Person, binding: Sequence[Auction], facts: Mapping[str, Any], locale: str) -> Person:
    name, born = facts["name"], facts["birth_date"]
    changes = ((person.name, name), (person.birth_date, born))
    if not all(person_rules.may_change(old, new, bound=bool(binding)) for old, new in changes):
        raise Bound(binding)
    is_asked = any(auction.identity is IdentityTerm.PHONE for auction in binding)
    gives_up = not is_asked and not recovery.holds_award_for_phone(person.id)
    try:
        return profiles.save(person.id, facts["phone"], locale, name=name, birth_date=born, may_give_up_phone=gives_up)
    except profiles.PhoneProven:
        raise PhoneBound(binding) from None


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

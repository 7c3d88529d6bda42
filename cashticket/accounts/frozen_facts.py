"""Name and date of birth are frozen while a bid of the person stands. An operator may change them, for a reason."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.orm import Session

from cashticket.accounts import people
from cashticket.models import Person, PersonChange
from cashticket.models.operator_acts import Act, record_act
from cashticket.models.person_changes import FrozenFact
from cashticket.models.units import in_one_unit

__all__ = ["AccountClosed", "FrozenFact", "change"]


class AccountClosed(Exception):
    """The account is closed and its facts are erased."""


def change(
    person_id: int, facts: Mapping[FrozenFact, str | date], why: str, operator: str
) -> tuple[Person, set[FrozenFact]]:
    """Set these facts of a person, keeping the former and the new value with the reason and an operator act.

    Returns the account and the facts that were different before. Raises people.PersonNotFound, AccountClosed.
    """

    def work(session: Session) -> tuple[Person, set[FrozenFact]]:
        row = people.locked(session, person_id)
        if row.closed_at:
            raise AccountClosed
        changed = {fact for fact, value in facts.items() if getattr(row, fact.value) != value}
        for fact in sorted(changed):
            old, new = getattr(row, fact.value), facts[fact]
            values = {"old_value": _written(old), "new_value": _written(new), "operator": operator, "why": why}
            session.add(PersonChange(person_id=row.id, field=fact, **values))
            setattr(row, fact.value, new)
        if changed:
            # The values stand in the history alone, which is erased with the account.
            record_act(session, operator, Act.USER_CHANGE, f"person {row.id}", why, {"changed": sorted(changed)})
            # The provider has seen somebody of another name or another date of birth.
            row.identity_proven_at = None
            row.revision += 1
        return row, changed

    return in_one_unit(work)


def _written(value: str | date | None) -> str:
    return value.isoformat() if isinstance(value, date) else value or ""

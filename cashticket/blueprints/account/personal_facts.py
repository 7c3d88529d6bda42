"""The personal facts on the profile page: those that can be typed, and those that are fixed while a bid stands."""

from collections.abc import Mapping
from dataclasses import dataclass

from cashticket.accounts.addresses import written_phone
from cashticket.auction import person_rules
from cashticket.blueprints.wording import form_fields
from cashticket.blueprints.wording.form_fields import Field
from cashticket.models import Person
from cashticket.models.person_changes import FrozenFact

NAMES = ("name", "birth_date", "phone")


@dataclass(frozen=True, slots=True)
class PersonalFacts:
    """`fixed` are shown as text, with their present values."""

    typed: list[Field]
    fixed: list[Field]


def saved_values(person: Person) -> dict[str, str]:
    """The personal facts as the form shows them; "" for one that was never given."""
    return {
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "phone": written_phone(person.phone or ""),
    }


def personal_facts(person: Person, typed: Mapping[str, str], wrong: Mapping[str, str], *, bound: bool) -> PersonalFacts:
    """The facts of a person with what was typed and what is wrong with it; `bound`: a bid of theirs stands."""
    saved = saved_values(person)
    fixed = [fact.value for fact in FrozenFact if not person_rules.may_change(saved[fact.value], None, bound=bound)]
    shown = saved | {name: typed[name] for name in NAMES if name in typed}
    inputs = form_fields.inputs(tuple(name for name in NAMES if name not in fixed), shown, wrong)
    return PersonalFacts(inputs, form_fields.inputs(tuple(fixed), saved, {}))

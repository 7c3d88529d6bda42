"""The personal facts on the profile page: those that can be typed, and those that are fixed while a bid stands."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask_babel import gettext as _

from cashticket.accounts.addresses import written_phone
from cashticket.accounts.fields import age
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
    shown_fixed = form_fields.inputs(tuple(fixed), saved, {})
    return PersonalFacts(
        [_with_age(each, person) for each in inputs], [_with_age(each, person) for each in shown_fixed]
    )


def _with_age(field: Field, person: Person) -> Field:
    """The field; the date of birth that is saved with the age that follows from it."""
    if field.name != FrozenFact.BIRTH_DATE or person.birth_date is None:
        return field
    return replace(field, help=str(_("Age: %(years)s", years=age(person.birth_date, form_fields.today()))))

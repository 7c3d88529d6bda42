"""The boxes of sign-up by which somebody agrees to the terms and to the privacy policy."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from cashticket.accounts.fields import AGREED, AGREEMENTS
from cashticket.blueprints.wording.form_fields import problem_of


@dataclass(frozen=True, slots=True)
class Agreement:
    """One box. `address` is the page with its text. `problem` is the sentence under it, empty without a problem."""

    name: str
    label: str
    link: str
    address: str
    is_given: bool
    problem: str
    is_first_wrong: bool


def agreements(typed: Mapping[str, str], wrong: Mapping[str, str]) -> list[Agreement]:
    """The boxes as they were left. `wrong` maps names of fields to codes; the first of them has the focus."""
    labels = {
        "terms": (_("I agree to the terms of use (required)"), _("Read the terms of use")),
        "privacy": (
            _("I agree that these data are collected and used (required)"),
            _("Read what is kept, why, and for how long"),
        ),
    }
    first = next(iter(wrong), None)
    return [
        Agreement(
            name=name,
            label=str(labels[name][0]),
            link=str(labels[name][1]),
            address=f"/{name}",
            is_given=typed.get(name) == AGREED,
            problem=problem_of(name, wrong[name]) if name in wrong else "",
            is_first_wrong=name == first,
        )
        for name in AGREEMENTS
    ]

"""The inputs of account forms: labels, help texts, and a sentence for each problem code of a field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from babel.dates import format_date
from flask_babel import gettext as _

from cashticket.accounts.fields import AGREEMENTS
from cashticket.blueprints.wording.formats import language
from cashticket.locale import SEOUL


@dataclass(frozen=True, slots=True)
class Field:
    """One input of a form. `problem` is the sentence under it, empty without a problem. The first wrong one of a form
    has the focus when the form comes back."""

    name: str
    label: str
    help: str
    type: str
    autocomplete: str
    value: str = ""
    problem: str = ""
    inputmode: str = ""
    length_max: int = 254
    is_first_wrong: bool = False


def today() -> date:
    """Today's date in Seoul, from which ages are computed."""
    return datetime.now(SEOUL).date()


def inputs(names: tuple[str, ...], typed: Mapping[str, str], wrong: Mapping[str, str]) -> list[Field]:
    """The inputs for `names` with their typed values (never a password) and problems. `wrong` maps names to codes."""
    rows: list[Field] = []
    for name in names:
        label, help_text, kind, autocomplete, inputmode, length_max = _described(name)
        value = "" if kind == "password" else typed.get(name, "")[:length_max]
        problem = problem_of(name, wrong[name]) if name in wrong else ""
        first = bool(problem) and not any(row.problem for row in rows)
        rows.append(Field(name, label, help_text, kind, autocomplete, value, problem, inputmode, length_max, first))
    return rows


def understood_date(born: date) -> str:
    """What is said under a date of birth that was read, because two digits do not say the century."""
    return str(_("%(date)s, is that right?", date=format_date(born, "long", locale=language())))


def _described(name: str) -> tuple[str, str, str, str, str, int]:
    return {
        "email": (_("E-mail address"), _("We send a link to this address."), "email", "email", "email", 254),
        "password": (
            _("Password"),
            _("At least 8 characters; a sentence is best."),
            "password",
            "new-password",
            "",
            200,
        ),
        "name": (_("Name"), _("As on your identity card: it is checked at the entrance."), "text", "name", "", 80),
        "birth_date": (_("Date of birth"), _("For example 1999-02-03 or 990203."), "text", "bday", "numeric", 10),
        "phone": (_("Mobile phone"), _("For example 010-1234-5678."), "tel", "tel", "tel", 20),
    }[name]


def problem_of(field: str, code: str) -> str:
    """The sentence for a problem code of a field, with what to enter instead."""
    if field == "phone":
        return _of_phone(code)
    return _of_agreement(field) if field in AGREEMENTS else _of_input(field, code)


def _of_agreement(field: str) -> str:
    sentences = {
        "terms": _("To sign up, agree to the terms of use."),
        "privacy": _("To sign up, agree that these data are collected and used."),
    }
    return str(sentences[field])


def _of_input(field: str, code: str) -> str:
    sentences = {
        ("email", "required"): _("Enter your e-mail address."),
        ("email", "malformed"): _("This is not an e-mail address. It looks like name@example.com."),
        ("password", "required"): _("Choose a password."),
        ("password", "too_short"): _("The password needs at least 8 characters."),
        ("password", "too_long"): _("The password may have 200 characters at most."),
        ("password", "too_common"): _("This password is guessed first by anybody. Choose another."),
        ("password", "not_this"): _("This is not the password of that sign-up."),
        ("password", "of_this_site"): _("Words like the name of this site are guessed first. Choose others."),
        ("password", "about_you"): _("Your name, address, phone and date of birth are guessed first. Choose another."),
        ("password", "like_email"): _("The password must differ from your e-mail address."),
        ("name", "required"): _("Enter your name."),
        ("name", "too_long"): _("The name may have 80 characters at most."),
        ("name", "not_a_name"): _(
            "Write your name as on your identity card: no links, no amounts, no signs such as / : @."
        ),
        ("name", "unprintable"): _("The name holds characters that cannot be printed."),
        ("birth_date", "required"): _("Enter your date of birth."),
        ("birth_date", "malformed"): _("Write the date of birth like 1999-02-03 or 990203."),
        ("birth_date", "no_such_date"): _("There is no such date. Write it like 1999-02-03."),
        ("birth_date", "future"): _("This date lies in the future."),
        ("birth_date", "too_young"): _("You can sign up from the age of 14."),
        ("birth_date", "too_old"): _("Check the year of birth."),
    }
    return str(sentences[field, code])


def _of_phone(code: str) -> str:
    sentences = {
        "required": _("Enter your mobile phone number."),
        "malformed": _("This is not a phone number. Write it like 010-1234-5678 or +82 10-1234-5678."),
        "claimed": _("Another account names this number. If it is yours, verify it below: then you have it."),
        "taken": _("This number cannot be used: one phone number has one account."),
        "bound": _(
            "Your verified number stays while a bid or a ticket of yours counts, unless you verify another one below."
        ),
    }
    return str(sentences[code])

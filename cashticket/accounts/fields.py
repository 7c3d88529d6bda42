"""Checks the fields of an account: each gives the value to store, or a code for what is wrong with it.

Sign-up, its live checks and the profile use the same rules. Doors turn the codes into texts.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from cashticket.accounts import guessable, names, passwords
from cashticket.accounts.addresses import BadEmail, BadPhone, normalise_email, normalise_phone
from cashticket.accounts.people import NAME_LENGTH_MAX
from cashticket.typed.dates import NoSuchDay, birth_day
from cashticket.typed.text import can_be_shown, number_text, one_line

FIELDS = ("email", "password", "name", "birth_date", "phone")
AGREEMENTS = ("terms", "privacy")
"""What somebody who signs up agrees to; each is AGREED."""
AGREED = "yes"
AGE_MIN = 14
AGE_MAX = 120


class FieldProblem(ValueError):
    """A field is wrong; `code` says how, such as `too_short`."""

    @property
    def code(self) -> str:
        return str(self.args[0])


def check(
    typed: Mapping[str, str], today: date, fields: tuple[str, ...] = FIELDS
) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the right fields, and the codes of the wrong ones. `today` is the date in Seoul."""
    checks: dict[str, Callable[[str], Any]] = {
        "email": email,
        "password": lambda text: password(text, typed.get("email", ""), typed),
        "name": name,
        "birth_date": lambda text: birth_date(text, today),
        "phone": phone,
        "terms": agreement,
        "privacy": agreement,
    }
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in fields:
        try:
            values[field] = checks[field](typed.get(field, ""))
        except FieldProblem as problem:
            problems[field] = problem.code
    return values, problems


def email(text: str) -> str:
    """Normalised address. Raises FieldProblem with code `required` or `malformed`."""
    _required(text)
    try:
        return normalise_email(text)
    except BadEmail as error:
        raise FieldProblem("malformed") from error


def password(text: str, address: str = "", facts: Mapping[str, str] | None = None) -> str:
    """The password as typed. Raises FieldProblem with code `required`, `too_short`, `too_long`, `too_common`,
    `like_email`, `of_this_site` or `about_you`; `facts` are other fields of the person."""
    if not text:
        raise FieldProblem("required")
    if len(text) < passwords.LENGTH_MIN:
        raise FieldProblem("too_short")
    if len(text) > passwords.LENGTH_MAX:
        raise FieldProblem("too_long")
    if guessable.is_of_this_site(text):
        raise FieldProblem("of_this_site")
    if guessable.is_common(text):
        raise FieldProblem("too_common")
    mailbox = address.strip().lower()
    if mailbox and text.lower() in (mailbox, mailbox.partition("@")[0]):
        raise FieldProblem("like_email")
    if guessable.is_about(text, {"email": address, **(facts or {})}):
        raise FieldProblem("about_you")
    return text


def name(text: str) -> str:
    """The name with single spaces. Raises FieldProblem with code `required`, `too_long`, `unprintable` or
    `not_a_name`."""
    spaced = one_line(text)
    if not spaced:
        raise FieldProblem("required")
    if len(spaced) > NAME_LENGTH_MAX:
        raise FieldProblem("too_long")
    if not can_be_shown(spaced):
        raise FieldProblem("unprintable")
    if not names.looks_like_a_name(spaced):
        raise FieldProblem("not_a_name")
    return spaced


def birth_date(text: str, today: date) -> date:
    """The date in 1999-02-03, 1999.2.3, 1999년 2월 3일, 19990203 or 990203, as on identity cards. Raises FieldProblem
    with code `required`, `malformed`, `no_such_date`, `future`, `too_young` or `too_old`."""
    _required(text)
    try:
        born = birth_day(number_text(text), today)
    except NoSuchDay as error:
        raise FieldProblem("no_such_date") from error
    if born is None:
        raise FieldProblem("malformed")
    if born > today:
        raise FieldProblem("future")
    if age(born, today) < AGE_MIN:
        raise FieldProblem("too_young")
    if age(born, today) > AGE_MAX:
        raise FieldProblem("too_old")
    return born


def phone(text: str) -> str:
    """Normalised number. Raises FieldProblem with code `required` or `malformed`."""
    _required(text)
    try:
        return normalise_phone(text)
    except BadPhone as error:
        raise FieldProblem("malformed") from error


def agreement(text: str) -> bool:
    """True for AGREED. Raises FieldProblem with code `required`."""
    if text != AGREED:
        raise FieldProblem("required")
    return True


def age(born: date, today: date) -> int:
    """Full years, as Korean law counts them: one more on each birthday."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _required(text: str) -> None:
    if not one_line(text):
        raise FieldProblem("required")

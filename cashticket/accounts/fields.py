"""What a person says of themselves, field by field: the one value kept, or the code of what is wrong with it.

Doors put the codes into words. Every rule is the same for sign-up, the live checks and the profile.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from cashticket.accounts import passwords
from cashticket.accounts.addresses import BadEmail, BadPhone, normalise_email, normalise_phone
from cashticket.accounts.people import NAME_LONGEST

FIELDS = ("email", "password", "name", "birth_date", "phone")
YOUNGEST = 14
OLDEST = 120
DATE = re.compile(r"([0-9]{4})(?:([-./])([0-9]{1,2})\2([0-9]{1,2})|([0-9]{2})([0-9]{2}))", re.ASCII)


class FieldProblem(ValueError):
    """What is wrong, as a code such as `too_short`."""

    @property
    def code(self) -> str:
        return str(self.args[0])


def check(
    typed: Mapping[str, str], today: date, fields: tuple[str, ...] = FIELDS
) -> tuple[dict[str, Any], dict[str, str]]:
    """The kept value of each good field, and the code of what is wrong with each other. `today` is Seoul's date."""
    rules: dict[str, Callable[[str], Any]] = {
        "email": email,
        "password": lambda text: password(text, typed.get("email", "")),
        "name": name,
        "birth_date": lambda text: birth_date(text, today),
        "phone": phone,
    }
    good: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in fields:
        try:
            good[field] = rules[field](typed.get(field, ""))
        except FieldProblem as problem:
            wrong[field] = problem.code
    return good, wrong


def email(text: str) -> str:
    """required, malformed."""
    _required(text)
    try:
        return normalise_email(text)
    except BadEmail as error:
        raise FieldProblem("malformed") from error


def password(text: str, address: str = "") -> str:
    """required, too_short, too_long, too_common, like_email."""
    if not text:
        raise FieldProblem("required")
    if len(text) < passwords.SHORTEST:
        raise FieldProblem("too_short")
    if len(text) > passwords.LONGEST:
        raise FieldProblem("too_long")
    if passwords.is_common(text):
        raise FieldProblem("too_common")
    mailbox = address.strip().lower()
    if mailbox and text.lower() in (mailbox, mailbox.partition("@")[0]):
        raise FieldProblem("like_email")
    return text


def name(text: str) -> str:
    """required, too_long, unprintable. Inner blanks become single ones."""
    kept = " ".join(unicodedata.normalize("NFC", text).split())
    if not kept:
        raise FieldProblem("required")
    if len(kept) > NAME_LONGEST:
        raise FieldProblem("too_long")
    # Controls, unassigned characters, and marks that turn the direction of the text around them.
    if any(unicodedata.category(character) in ("Cc", "Cf", "Cn", "Co", "Cs") for character in kept):
        raise FieldProblem("unprintable")
    return kept


def birth_date(text: str, today: date) -> date:
    """required, malformed, future, too_young, too_old. Reads 1999-02-03, 1999.2.3, 1999/2/3 and 19990203."""
    _required(text)
    found = DATE.fullmatch(text.strip())
    if found is None:
        raise FieldProblem("malformed")
    year, _, month, day, plain_month, plain_day = found.groups()
    try:
        born = date(int(year), int(month or plain_month), int(day or plain_day))
    except ValueError as error:
        raise FieldProblem("malformed") from error
    if born > today:
        raise FieldProblem("future")
    if age(born, today) < YOUNGEST:
        raise FieldProblem("too_young")
    if age(born, today) > OLDEST:
        raise FieldProblem("too_old")
    return born


def phone(text: str) -> str:
    """required, malformed."""
    _required(text)
    try:
        return normalise_phone(text)
    except BadPhone as error:
        raise FieldProblem("malformed") from error


def age(born: date, today: date) -> int:
    """Whole years lived, as Korean law counts them: a year more on each birthday."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _required(text: str) -> None:
    if not text.strip():
        raise FieldProblem("required")

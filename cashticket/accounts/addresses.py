"""E-mail addresses and phone numbers in one spelling each.

If two spellings of one mailbox or phone were stored apart, one person could hold several accounts.
"""

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

EMAIL_LENGTH_MAX = 254
PHONE_SEPARATORS = re.compile("[\\s().\\-\u2010-\u2015\u2212]+")
"""Spaces, brackets, dots and every dash: contacts of phones are copied with dashes that look alike."""

E164 = re.compile(r"\+[1-9][0-9]{7,14}")
KOREAN_MOBILE = re.compile(r"\+821[016789][0-9]{7,8}")


class BadEmail(ValueError):
    """Not an e-mail address."""


class BadPhone(ValueError):
    """Not a phone number."""


def normalise_email(text: str) -> str:
    """The address in lower case, its domain in ASCII. Raises BadEmail."""
    text = _without_invisible_edges(unicodedata.normalize("NFKC", text))
    if len(text) > EMAIL_LENGTH_MAX:
        raise BadEmail(text[:40])
    try:
        # .test and dotless hosts serve development. The link in the mail proves that it arrives, not DNS.
        validated = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=False,
            strict=True,
            test_environment=True,
            globally_deliverable=False,
        )
    except EmailNotValidError as error:
        raise BadEmail(str(error)) from error
    address = (validated.ascii_email or "").lower()
    if "." not in address.rpartition("@")[2]:
        raise BadEmail("the part after @ needs a dot")
    return address


def normalise_phone(text: str) -> str:
    """The number in E.164, such as +821012345678, from 010-1234-5678 or +82 10-1234-5678. Raises BadPhone."""
    visible = "".join(character for character in unicodedata.normalize("NFKC", text) if not _is_invisible(character))
    digits = PHONE_SEPARATORS.sub("", visible)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif digits.startswith("0"):
        digits = "+82" + digits[1:]
    digits = re.sub(r"^\+820", "+82", digits)
    if not E164.fullmatch(digits):
        raise BadPhone(text[:40])
    if digits.startswith("+821") and not KOREAN_MOBILE.fullmatch(digits):
        raise BadPhone(text[:40])
    return digits


def _without_invisible_edges(text: str) -> str:
    """The text without spaces and marks that nobody can see before and after it, as copying brings them along."""
    start, end = 0, len(text)
    while start < end and (text[start].isspace() or _is_invisible(text[start])):
        start += 1
    while end > start and (text[end - 1].isspace() or _is_invisible(text[end - 1])):
        end -= 1
    return text[start:end]


def _is_invisible(character: str) -> bool:
    """Whether it shows nothing: zero-width marks, and marks of direction such as those around copied phone numbers."""
    return unicodedata.category(character) == "Cf"


def written_phone(number: str) -> str:
    """An E.164 number as pages show it: Korean mobiles as 010-1234-5678, others unchanged."""
    if not KOREAN_MOBILE.fullmatch(number):
        return number
    national = "0" + number.removeprefix("+82")
    return f"{national[:3]}-{national[3:-4]}-{national[-4:]}"

"""E-mail addresses and phone numbers in one spelling each.

If two spellings of one mailbox or phone were stored apart, one person could hold several accounts.
"""

import re
import unicodedata

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from cashticket.typed.text import number_text, without_unseen_edges

EMAIL_LENGTH_MAX = 254
PHONE_LENGTH_MAX = 60
PHONE_REGION = "KR"
"""Where a number without a country is from."""

KOREA = 82

DOTS = re.compile("[·・․]")
PHONE_SIGNS = re.compile(r"\+?[0-9 ().\-/·・․]+")
KOREAN_MOBILE = re.compile(r"\+821[016789][0-9]{7,8}")


class BadEmail(ValueError):
    """Not an e-mail address."""


class BadPhone(ValueError):
    """Not a phone number."""


def normalise_email(text: str) -> str:
    """The address in lower case, its domain in ASCII. Raises BadEmail."""
    text = unicodedata.normalize("NFKC", without_unseen_edges(text))
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
    """The number in E.164, such as +821012345678, from 010-1234-5678 or +82 10-1234-5678; each country's own zero after
    its code is left out. Raises BadPhone."""
    plain = number_text(text[:PHONE_LENGTH_MAX])
    if len(text) > PHONE_LENGTH_MAX or not PHONE_SIGNS.fullmatch(plain):
        raise BadPhone(text[:40])
    number = _parsed(DOTS.sub("-", plain))
    if number is None:
        raise BadPhone(text[:40])
    digits = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if digits.startswith("+821") and not KOREAN_MOBILE.fullmatch(digits):
        raise BadPhone(text[:40])
    return digits


def _parsed(plain: str) -> phonenumbers.PhoneNumber | None:
    """The number that is meant, None for none. `00` begins a number with its country, as in most countries; in Korea
    001 and others do. A reading that the library knows as assigned goes before others."""
    spellings = [plain]
    if plain.lstrip("+ ").startswith("00"):
        spellings.insert(0, "+" + plain.lstrip("+ ")[2:])
    readings = [number for number in map(_reading, spellings) if number is not None]
    assigned = next((number for number in readings if phonenumbers.is_valid_number(number)), None)
    has_beginning = plain.startswith(("+", "0"))
    return assigned or (readings[0] if readings and has_beginning else None)


def _reading(spelling: str) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(spelling, PHONE_REGION)
    except phonenumbers.NumberParseException:
        return None
    # Other countries may have given out numbers since the library was published.
    fits = phonenumbers.is_valid_number if number.country_code == KOREA else phonenumbers.is_possible_number
    return number if fits(number) else None


def written_phone(number: str) -> str:
    """An E.164 number as pages show it: Korean mobiles as 010-1234-5678, others unchanged."""
    if not KOREAN_MOBILE.fullmatch(number):
        return number
    national = "0" + number.removeprefix("+82")
    return f"{national[:3]}-{national[3:-4]}-{national[-4:]}"

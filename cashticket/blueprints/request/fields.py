"""Reading the fields of a request: each one text, and amounts as whole won."""

import re
from typing import Any

from cashticket.blueprints.request.context import present_request
from cashticket.typed.numbers import NoWholeNumber, whole_number

AMOUNT = re.compile(r"[0-9]+(,[0-9]+)*", re.ASCII)
AMOUNT_LENGTH_MAX = 40


def body_fields() -> dict[str, str]:
    """The fields of the body, form or JSON. Drops repeated form fields, and JSON values that are no text or integer."""
    request = present_request()
    if request.is_json:
        return _json_fields(request.get_json(silent=True))
    return {name: values[0] for name, values in request.form.lists() if len(values) == 1}


def parse_amount(text: str) -> int | None:
    """Whole won from ASCII digits, with commas allowed between digits. None for anything else."""
    if len(text) > AMOUNT_LENGTH_MAX or not AMOUNT.fullmatch(text):
        return None
    return int(text.replace(",", ""))


def typed_amount(text: str) -> int:
    """Whole won as a person may write it in the form before the review: 150,000, 5만5천, 12만원, 십오만 원. Raises
    NoWholeNumber for anything else, also for marks that may mean two things."""
    if len(text) > AMOUNT_LENGTH_MAX:
        raise NoWholeNumber("too_long")
    return whole_number(text, spoken=True)


def _json_fields(body: Any) -> dict[str, str]:
    if not isinstance(body, dict):
        return {}
    # bool is an int in Python, but `true` is no amount.
    plain = {
        name: value for name, value in body.items() if isinstance(value, str | int) and not isinstance(value, bool)
    }
    return {name: str(value) for name, value in plain.items()}

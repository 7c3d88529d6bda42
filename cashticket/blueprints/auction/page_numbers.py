"""The numbers of pages in addresses: which one is asked for, and the address of another in the same language."""

from collections.abc import Callable
from urllib.parse import urlencode

from flask import request, url_for

from cashticket.blueprints.request.languages import chosen_language

DIGITS_MAX = 7


def asked_page() -> int | None:
    """The number of the requested page, from 1; None for anything else."""
    text = request.args.get("page", "1")
    if not text.isascii() or not text.isdigit() or len(text) > DIGITS_MAX or text.startswith("0"):
        return None
    return int(text)


def page_address(endpoint: str, auction_id: int) -> Callable[[int], str]:
    """Makes the address of page `number` of this endpoint, with the language that this request names."""
    path, language = url_for(endpoint, auction_id=auction_id), chosen_language()

    def address(number: int) -> str:
        query = {**({"page": str(number)} if number > 1 else {}), **({"lang": language} if language else {})}
        return f"{path}?{urlencode(query)}" if query else path

    return address

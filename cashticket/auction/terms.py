"""The terms of an auction: what is announced at publishing. Money is whole won, moments are ms since 1970 UTC."""

from dataclasses import dataclass, fields

from cashticket.auction.values import AMOUNT_MAX

SOFT_CLOSE_MS, SOFT_CLOSE_CAP_MS = 120_000, 1_800_000
"""The soft close and its cap in ms, unless an auction is published with others."""

TERMS_BOUNDS: dict[str, tuple[int, int]] = {
    "seats": (1, 10_000),
    "minimum": (0, AMOUNT_MAX),
    "step": (1, AMOUNT_MAX),
    "soft_close_ms": (0, 86_400_000),
    "soft_close_cap_ms": (0, 7 * 86_400_000),
}
"""The lowest and the highest value allowed for each number of the terms."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was announced at publishing. Frozen, except that an operator may move `closes_at_ms` later."""

    auction_id: int
    seats: int
    minimum: int
    step: int
    opens_at_ms: int
    closes_at_ms: int
    soft_close_ms: int = SOFT_CLOSE_MS
    soft_close_cap_ms: int = SOFT_CLOSE_CAP_MS
    alias_salt: str = ""


TERMS_FIELDS = tuple(field.name for field in fields(Terms) if field.name != "auction_id")
"""The fields of Terms in the order in which the live store's scripts take and return them."""


def check_terms(terms: Terms) -> None:
    """Raises ValueError, naming the fault, for terms under which no auction can run."""
    for name, (lowest, highest) in TERMS_BOUNDS.items():
        value = getattr(terms, name)
        if not lowest <= value <= highest:
            raise ValueError(f"{name} must be {lowest} to {highest}, not {value}")
    if terms.closes_at_ms <= terms.opens_at_ms:
        raise ValueError("The auction must close after it opens.")

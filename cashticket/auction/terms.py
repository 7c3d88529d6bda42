"""The terms of an auction: what is announced at publishing. Money is whole won, moments are ms since 1970 UTC."""

from dataclasses import dataclass, fields

from cashticket.auction.values import AMOUNT_MAX

NO_CEILING = AMOUNT_MAX
"""The `maximum` of an auction without a ceiling, in won."""

SOFT_CLOSE_MS, SOFT_CLOSE_CAP_MS = 120_000, 1_800_000
"""The soft close and its cap in ms, unless an auction is published with others."""

TERMS_BOUNDS: dict[str, tuple[int, int]] = {
    "seats": (1, 10_000),
    "minimum": (0, AMOUNT_MAX),
    "step": (1, AMOUNT_MAX),
    "maximum": (0, AMOUNT_MAX),
    "soft_close_ms": (0, 86_400_000),
    "soft_close_cap_ms": (0, 7 * 86_400_000),
}
"""The lowest and the highest value allowed for each number of the terms."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What was announced at publishing. Frozen, except that an operator may move `closes_at_ms` later.

    `maximum` is the ceiling, the highest amount that is accepted; NO_CEILING when there is none.
    """

    auction_id: int
    seats: int
    minimum: int
    step: int
    opens_at_ms: int
    closes_at_ms: int
    soft_close_ms: int = SOFT_CLOSE_MS
    soft_close_cap_ms: int = SOFT_CLOSE_CAP_MS
    maximum: int = NO_CEILING
    alias_salt: str = ""

    @property
    def has_ceiling(self) -> bool:
        """Whether a highest amount was announced."""
        return self.maximum < NO_CEILING


TERMS_FIELDS = tuple(field.name for field in fields(Terms) if field.name != "auction_id")
"""The fields of Terms as the live store keeps them: those of an auction, without its id."""


def default_maximum(minimum: int, step: int) -> int:
    """The ceiling in won of an auction that is published without one: 100 times the minimum, and at least 1,000 steps
    above it; NO_CEILING when the minimum is 0."""
    return min(NO_CEILING, max(100 * minimum, minimum + 1000 * step)) if minimum else NO_CEILING


def check_terms(terms: Terms) -> None:
    """Raises ValueError, naming the fault, for terms under which no auction can run."""
    for name, (lowest, highest) in TERMS_BOUNDS.items():
        value = getattr(terms, name)
        if not lowest <= value <= highest:
            raise ValueError(f"{name} must be {lowest} to {highest}, not {value}")
    if terms.maximum < terms.minimum:
        raise ValueError(f"maximum must be at least the minimum of {terms.minimum}, not {terms.maximum}")
    if terms.closes_at_ms <= terms.opens_at_ms:
        raise ValueError("The auction must close after it opens.")

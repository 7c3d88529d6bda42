"""For how long a right to buy a seat lasts (rules 15 to 17). Times are ms since 1970."""

HOUR_MS = 3_600_000
PURCHASE_MS, OFFER_MS = 24 * HOUR_MS, 12 * HOUR_MS
SEOUL_HOURS, MORNING = 9, 8
"""How far Seoul is ahead of UTC, and its hour before which no right to buy ends."""


def end_of_right(now: int, span: int) -> int:
    """When a right to buy for `span` ms ends. A beginning or an end in the night is put off to the morning."""
    return in_the_day(in_the_day(now) + span)


def in_the_day(at: int) -> int:
    hours, rest = divmod(at, HOUR_MS)
    hour = (hours + SEOUL_HOURS) % 24
    return at if hour >= MORNING else at + (MORNING - hour) * HOUR_MS - rest

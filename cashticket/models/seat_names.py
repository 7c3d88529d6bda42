"""What a seat is called where one phrase names it: in pushes, in notices and on the cards of a person's pages.

Mails and pages about a seat have a list of everything that was announced of it instead.
"""

from typing import Any


def seat_in_zone(label: str, zone: str | None) -> str:
    """The label of a seat with the zone that was announced for the seats of its auction, if one was."""
    return f"{label} ({zone})" if zone else label


def facts_in_zone(facts: dict[str, Any], zone: str | None) -> dict[str, Any]:
    """The facts of a notice, with the seat that they name, if any, called as above."""
    return {**facts, "seat": seat_in_zone(facts["seat"], zone)} if zone and "seat" in facts else facts

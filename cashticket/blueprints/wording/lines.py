"""The wording of places in a line: that somebody moved up or has left, and why leaving is refused."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from cashticket.blueprints.wording.awards import voided
from cashticket.blueprints.wording.formats import grouped, moment, won


def has_left() -> str:
    """That the reader has just left the line."""
    return str(_("You left the line."))


def moved_in(facts: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text for whoever came among the first N because a standing was withdrawn."""
    text = _(
        "A bid ahead of yours was taken out of the order, and your bid of %(own)s moved into the seats. Others can "
        "still outbid it.",
        own=won(facts.get("own", 0)),
    )
    return str(_("You moved into the seats")), str(text)


def moved_up(facts: Mapping[str, Any]) -> tuple[str, str]:
    """Title and text of the notice that somebody is among the first of a line by now, or next. They stay true."""
    if facts.get("why") == "next":
        text = _("You came first in line: a seat that becomes free is offered to whoever stands first.")
        return str(_("You are next for a seat")), str(text)
    text = _(
        "You became number %(position)s in line. Be ready: an offer is open for some hours only.",
        position=grouped(facts.get("position", 0)),
    )
    return str(_("You moved up in the line")), str(text)


def left(facts: Mapping[str, Any]) -> str:
    """The text of the notice that somebody has left a line."""
    text = _(
        "You left the line on %(when)s, with rank %(rank)s. This cannot be undone: no seat of this auction will be "
        "offered to you.",
        when=moment(datetime.fromisoformat(facts["left_at"])),
        rank=grouped(facts.get("rank", 0)),
    )
    return str(text)


def refusal(reason: str) -> str:
    """Why somebody cannot leave a line. `reason` is that of settlement.leaving.Leaving."""
    sentences: dict[str, str] = {
        "offered": _("A seat is yours to buy now. If you do not want it, decline it among your tickets."),
        "bought": _("You have bought a seat, so you are not in line. You may cancel your ticket instead."),
        "had_one": _("You are out of this line already."),
        "not_waiting": _("You are not in this line."),
        "not_settled": _("The result is not final yet."),
        "voided": voided(),
    }
    return sentences[reason]

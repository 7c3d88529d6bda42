"""The wording of leaving a line: that somebody has left, and why it is refused."""

from flask_babel import gettext as _

from cashticket.blueprints.wording.awards import voided


def has_left() -> str:
    """That the reader has just left the line."""
    return str(_("You left the line. No seat of this auction will be offered to you."))


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

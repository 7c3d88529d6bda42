"""Every refusal and every acceptance of a bid as a sentence that says what to do next. Amounts are whole won."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from cashticket.auction.rules import next_step
from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Reason
from cashticket.blueprints.wording.formats import moment, time_of_day, won


def refusal(reason: Reason, terms: Terms | None = None, own_amount: int | None = None) -> str:
    """Why a bid is refused and, with `terms`, which bid would be accepted. `own_amount` is the person's last bid."""
    if terms is not None and reason in AMOUNT_REFUSALS:
        return _amount_refusal(reason, terms, own_amount)
    if terms is not None and reason is Reason.NOT_OPEN:
        return str(_("Bidding has not opened yet. It opens %(when)s.", when=moment(terms.opens_at_ms, "second")))
    return _sentences()[reason]


AMOUNT_REFUSALS = (Reason.BELOW_MINIMUM, Reason.TOO_HIGH, Reason.NOT_A_STEP, Reason.NOT_ABOVE_OWN)
TERMS_REFUSALS = (*AMOUNT_REFUSALS, Reason.NOT_OPEN)
"""The reasons whose sentence contains terms of the auction."""


def _amount_refusal(reason: Reason, terms: Terms, own_amount: int | None) -> str:
    if reason is Reason.TOO_HIGH:
        return str(_("The highest amount that can be bid in this auction is %(most)s.", most=won(terms.maximum)))
    if own_amount is not None and next_step(terms, own_amount) > terms.maximum:
        return str(_("Your last bid is already the highest that this auction takes."))
    step, lowest = won(terms.step), won(next_step(terms, own_amount))
    if reason is not Reason.NOT_ABOVE_OWN:
        return str(_("You can bid from %(least)s upwards, in steps of %(step)s.", least=lowest, step=step))
    if own_amount is None:
        return str(_("A new bid must be higher than your last one, in steps of %(step)s.", step=step))
    return str(_("Bid more than your last bid: %(least)s or higher, in steps of %(step)s.", least=lowest, step=step))


def _sentences() -> dict[Reason, str]:
    return {
        Reason.BELOW_MINIMUM: _("That is below the minimum price."),
        Reason.NOT_A_STEP: _("That amount is not on the bid steps."),
        Reason.NOT_ABOVE_OWN: _("A new bid must be higher than your last one."),
        Reason.NO_CHANCES_LEFT: _("You have used all three chances in this auction. Your last bid stays in the order."),
        Reason.NOT_OPEN: _("Bidding has not opened yet."),
        Reason.CLOSED: _("Bidding is over. This bid came after the end and was not counted."),
        Reason.TOO_HIGH: _("That is more than the highest amount of this auction."),
        Reason.FAR_ABOVE: _(
            "That is more than ten times the cut-off, so it was not counted. Please count the zeros. If the amount is "
            "right, review the bid again and tick the box there."
        ),
        Reason.FULL: _("This auction can take no more bids. Yours was not counted."),
        Reason.BLOCKED: _("This account may not bid. Please ask our customer centre."),
        Reason.NOT_VERIFIED: _("Please confirm your e-mail address first. We sent you a link; then bid again."),
        Reason.REQUEST_REUSED: _("This form was already used for another amount. Open the auction page and bid again."),
    }


def acceptance(decision: Accepted) -> str:
    """When which amount was accepted, under which receipt: what stays true while others bid. The rank and the chances
    left are the standing's, which is as new as the page."""
    return str(
        _(
            "%(amount)s was accepted at %(when)s. Receipt #%(sequence)s.",
            amount=won(decision.amount),
            when=time_of_day(decision.at_ms),
            sequence=decision.sequence,
        )
    )


def malformed_amount() -> str:
    return str(_("Enter the amount in whole won, for example 150,000."))


def misread_amount(code: str) -> str:
    """Why a typed amount is not read, by the code of NoWholeNumber, and how to write it."""
    texts = {
        "decimal_comma": _("It is unclear where the thousands end. Write 1,500 or 1500 for one thousand five hundred."),
        "commas": _("It is unclear where the thousands end. Write 1,500 or 1500 for one thousand five hundred."),
        "dots": _("Write thousands with a comma or without any mark: 150,000 or 150000."),
        "fraction": _("Amounts are whole won, without decimals, for example 150,000."),
        "negative": _("The amount must be above zero, for example 150,000."),
        "too_long": _("This amount has too many digits."),
    }
    return str(texts[code]) if code in texts else malformed_amount()


def malformed_request() -> str:
    return str(_("This bid form is incomplete. Open the auction page and bid again."))


def unknown_outcome() -> str:
    return str(_("We have no answer yet. The same bid is asked for again; it can never count twice."))


def given_up(facts: Mapping[str, Any]) -> str:
    """That a bid does not count, and why."""
    amount = won(facts.get("amount", 0))
    if facts.get("why") == "discarded":
        return str(_("Your bid of %(amount)s could not be recorded. It does not count.", amount=amount))
    text = _(
        "Your bid of %(amount)s was accepted and then lost in a failure on our side. It does not count.",
        amount=amount,
    )
    return str(text)

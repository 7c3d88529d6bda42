"""The wording of awards: their states in a word or two, what a holder did, and why something cannot be done."""

from flask_babel import gettext as _

from cashticket.auction.values import AwardState


def state_label(state: AwardState) -> str:
    """The state of an award, to its holder."""
    labels: dict[AwardState, str] = {
        AwardState.OFFERED: _("Waiting for you to buy"),
        AwardState.BOUGHT: _("Bought"),
        AwardState.DECLINED: _("You declined"),
        AwardState.LAPSED: _("Not bought in time"),
        AwardState.CANCELLED: _("You cancelled"),
        AwardState.VOIDED: _("Auction cancelled"),
    }
    return labels[state]


def result_label(state: AwardState) -> str:
    """The state of an award on the results page, to everybody."""
    labels: dict[AwardState, str] = {
        AwardState.OFFERED: _("may be bought"),
        AwardState.BOUGHT: _("bought"),
        AwardState.DECLINED: _("given up"),
        AwardState.LAPSED: _("time ran out"),
        AwardState.CANCELLED: _("cancelled"),
        AwardState.VOIDED: _("void"),
    }
    return labels[state]


def decision(state: AwardState) -> str:
    """The result of a holder's decision that led to `state` (bought, declined or cancelled)."""
    sentences: dict[AwardState, str] = {
        AwardState.BOUGHT: _("The seat is yours. Your purchase is confirmed."),
        AwardState.DECLINED: _("You declined the seat. It was passed on to the next in line."),
        AwardState.CANCELLED: _("Your ticket is cancelled. The seat was passed on to the next in line."),
    }
    return sentences[state]


def refusal(reason: str) -> str:
    """Why a holder's decision is refused. `reason` is that of settlement.awards.NotAllowed."""
    sentences: dict[str, str] = {
        "expired": _("The time to buy this seat has run out."),
        "lapsed": _("The time to buy this seat has run out."),
        "declined": _("You have declined this seat, so it is no longer yours."),
        "cancelled": _("You have cancelled this ticket, so it is no longer yours."),
        "voided": _("The organiser has cancelled this auction. No tickets are sold."),
        "bought": _("You have already bought this seat. You may cancel it instead."),
        "not_bought": _("You have not bought this seat yet. You may decline it instead."),
        "too_late": _("The cancellation deadline of this concert has passed."),
        "blocked": _("Your account may not buy tickets. Please contact us."),
    }
    return sentences[reason]


def own_step(state: AwardState, rank: int, *, handed_over: bool) -> str:
    """One step in the story of a seat, taken by the reader. `handed_over`: the seat had become free before."""
    offered = _("Offered to me, next in line") if handed_over else _("Won by me with rank %(rank)s", rank=rank)
    sentences: dict[AwardState, str] = {
        AwardState.OFFERED: offered,
        AwardState.BOUGHT: _("Bought by me"),
        AwardState.DECLINED: _("Declined by me"),
        AwardState.LAPSED: _("Not bought in time by me"),
        AwardState.CANCELLED: _("Cancelled by me"),
        AwardState.VOIDED: _("Auction cancelled"),
    }
    return sentences[state]


def step(state: AwardState, rank: int, *, handed_over: bool) -> str:
    """One step in the story of a seat, taken by the person of that final rank."""
    won = _("Won by rank %(rank)s", rank=rank)
    sentences: dict[AwardState, str] = {
        AwardState.OFFERED: _("Offered to rank %(rank)s, next in line", rank=rank) if handed_over else won,
        AwardState.BOUGHT: _("Bought by rank %(rank)s", rank=rank),
        AwardState.DECLINED: _("Declined by rank %(rank)s", rank=rank),
        AwardState.LAPSED: _("Not bought in time by rank %(rank)s", rank=rank),
        AwardState.CANCELLED: _("Cancelled by rank %(rank)s", rank=rank),
        AwardState.VOIDED: _("Auction cancelled"),
    }
    return sentences[state]

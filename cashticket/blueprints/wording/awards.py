"""The wording of awards and outcomes: states in a word or two, decisions of holders, and why one is refused."""

from flask import Blueprint
from flask_babel import gettext as _

from cashticket.auction.values import AwardState
from cashticket.blueprints.wording.formats import grouped, moment, won
from cashticket.models import Award
from cashticket.models.seat_names import seat_in_zone
from cashticket.settlement.outcomes import Outcome

blueprint = Blueprint("award_words", __name__)

GIVEN_UP = (AwardState.DECLINED, AwardState.LAPSED, AwardState.CANCELLED)
"""What became of a seat that its holder did not keep."""


def state_label(state: AwardState) -> str:
    """The state of an award, to its holder."""
    labels: dict[AwardState, str] = {
        AwardState.OFFERED: _("Waiting for you to buy"),
        AwardState.BOUGHT: _("Bought"),
        AwardState.DECLINED: _("You declined"),
        AwardState.LAPSED: _("Not bought in time"),
        AwardState.CANCELLED: _("You cancelled"),
        AwardState.REVOKED: _("Seat revoked"),
        AwardState.VOIDED: _("Auction cancelled"),
    }
    return labels[state]


@blueprint.app_template_filter()
def seat_name(award: Award) -> str:
    """The seat of an award with its zone, to its holder. Reads the award's seat and auction."""
    return seat_in_zone(award.seat.label, award.auction.zone)


@blueprint.app_template_filter()
def result_label(state: AwardState) -> str:
    """The state of an award on the results page, to everybody."""
    labels: dict[AwardState, str] = {
        AwardState.OFFERED: _("may be bought"),
        AwardState.BOUGHT: _("bought"),
        AwardState.DECLINED: _("given up"),
        AwardState.LAPSED: _("time ran out"),
        AwardState.CANCELLED: _("cancelled"),
        AwardState.REVOKED: _("revoked"),
        AwardState.VOIDED: _("void"),
    }
    return labels[state]


def decision(state: AwardState, *, line_is_paused: bool = False) -> str:
    """The result of a holder's decision that led to `state` (bought, declined or cancelled). `line_is_paused`: the seat
    is offered to nobody for now."""
    if line_is_paused and state in GIVEN_UP:
        given_up = _("Your ticket is cancelled.") if state is AwardState.CANCELLED else _("You declined the seat.")
        return f"{given_up} {_seat_is_held()}"
    sentences: dict[AwardState, str] = {
        AwardState.BOUGHT: _("The seat is yours. Your purchase is confirmed."),
        AwardState.DECLINED: _("You declined the seat. If somebody is in line, it is offered to the next."),
        AwardState.CANCELLED: _("Your ticket is cancelled. If somebody is in line, the seat is offered to the next."),
    }
    return sentences[state]


def refusal(reason: str) -> str:
    """Why a holder's decision is refused. `reason` is that of settlement.awards.NotAllowed."""
    sentences: dict[str, str] = {
        "expired": _("The time to buy this seat has run out."),
        "lapsed": _("The time to buy this seat has run out."),
        "declined": _("You have declined this seat, so it is no longer yours."),
        "cancelled": _("You have cancelled this ticket, so it is no longer yours."),
        "revoked": revoked(),
        "voided": _("The organiser has cancelled this auction. No tickets are sold."),
        "bought": _("You have already bought this seat. You may cancel it instead."),
        "not_bought": _("You have not bought this seat yet. You may decline it instead."),
        "too_late": _("The cancellation deadline of this concert has passed."),
        "blocked": _("Your account may not buy tickets. Please contact us."),
    }
    return sentences[reason]


def own_step(state: AwardState, rank: int, *, handed_over: bool) -> str:
    """One step in the story of a seat, taken by the reader. `handed_over`: the seat had become free before."""
    offered = _("Offered to me, next in line") if handed_over else _("Won by me with rank %(rank)s", rank=grouped(rank))
    sentences: dict[AwardState, str] = {
        AwardState.OFFERED: offered,
        AwardState.BOUGHT: _("Bought by me"),
        AwardState.DECLINED: _("Declined by me"),
        AwardState.LAPSED: _("Not bought in time by me"),
        AwardState.CANCELLED: _("Cancelled by me"),
        AwardState.REVOKED: _("Seat revoked"),
        AwardState.VOIDED: _("Auction cancelled"),
    }
    return sentences[state]


def step(state: AwardState, rank: int, *, handed_over: bool) -> str:
    """One step in the story of a seat, taken by the person of that final rank."""
    won = _("Won by rank %(rank)s", rank=grouped(rank))
    sentences: dict[AwardState, str] = {
        AwardState.OFFERED: _("Offered to rank %(rank)s, next in line", rank=grouped(rank)) if handed_over else won,
        AwardState.BOUGHT: _("Bought by rank %(rank)s", rank=grouped(rank)),
        AwardState.DECLINED: _("Declined by rank %(rank)s", rank=grouped(rank)),
        AwardState.LAPSED: _("Not bought in time by rank %(rank)s", rank=grouped(rank)),
        AwardState.CANCELLED: _("Cancelled by rank %(rank)s", rank=grouped(rank)),
        AwardState.REVOKED: _("Revoked from rank %(rank)s", rank=grouped(rank)),
        AwardState.VOIDED: _("Auction cancelled"),
    }
    return sentences[state]


@blueprint.app_template_filter()
def outcome_sentence(outcome: Outcome) -> str:
    """What one person got in a finished auction, to that person."""
    seat = {"seat": outcome.award.seat, "price": won(outcome.award.price)} if outcome.award else {}
    match outcome.kind:
        case AwardState.OFFERED if outcome.award and outcome.award.handed_over:
            return str(_("Seat %(seat)s became free, and you may buy it at your own bid of %(price)s.", **seat))
        case AwardState.OFFERED:
            return str(_("You won seat %(seat)s and may buy it at %(price)s.", **seat))
        case AwardState.BOUGHT:
            return str(_("You bought seat %(seat)s for %(price)s.", **seat))
        case "run_out":
            return str(_("The time to buy this seat has run out."))
        case AwardState.REVOKED:
            return revoked()
    if outcome.award and outcome.kind in GIVEN_UP:
        return _given_up(outcome.kind, passed_on=outcome.award.passed_on, is_held=outcome.paused)
    return _sentence_without_award(outcome)


def _seat_is_held() -> str:
    """What becomes of a seat that was given up while the line is paused."""
    return str(
        _("The line is paused for now: once it goes on, the seat is offered to the next, if somebody is in line.")
    )


def _given_up(kind: str, *, passed_on: bool, is_held: bool) -> str:
    """`is_held`: the line is paused, so the seat may still be offered."""
    if is_held and not passed_on:
        causes: dict[str, str] = {
            AwardState.DECLINED: _("You gave your seat up."),
            AwardState.LAPSED: _("Your time to buy ran out."),
            AwardState.CANCELLED: _("You cancelled your ticket."),
        }
        return f"{causes[kind]} {_seat_is_held()}"
    sentences = {
        (AwardState.DECLINED, True): _("You gave your seat up; it went to the next in line."),
        (AwardState.DECLINED, False): _("You gave your seat up; it stayed unsold."),
        (AwardState.LAPSED, True): _("Your time to buy ran out, and the seat went to the next in line."),
        (AwardState.LAPSED, False): _("Your time to buy ran out, and the seat stayed unsold."),
        (AwardState.CANCELLED, True): _("You cancelled your ticket; the seat went to the next in line."),
        (AwardState.CANCELLED, False): _("You cancelled your ticket; the seat stayed unsold."),
    }
    return str(sentences[AwardState(kind), passed_on])


def _sentence_without_award(outcome: Outcome) -> str:
    match outcome.kind:
        case AwardState.VOIDED:
            return voided()
        case "in_line":
            number = _("You are number %(position)s in line.", position=grouped(outcome.position or 0))
            return f"{number} {line_paused()}" if outcome.paused else str(number)
        case "left" if outcome.left_at:
            when = moment(outcome.left_at)
            return str(_("You left the line on %(when)s. No seat of this auction will be offered to you.", when=when))
        case "passed_over":
            return passed_over(outcome.why)
        case "withdrawn":
            return str(_("Your bid was taken out of the order while the auction was running."))
        case "no_bid":
            return str(_("You did not bid in this auction."))
    return str(_("You won no seat in this auction."))


def line_paused() -> str:
    """That no freed seat is offered for now, to whoever waits."""
    return str(_("The line is paused for now: seats that become free are offered once it goes on."))


def revoked() -> str:
    """That a seat was taken back, to its holder."""
    return str(_("This seat was revoked, so it is no longer yours. Your notices say why."))


def voided() -> str:
    """Why nobody got a seat of a voided auction."""
    return str(_("The organiser cancelled this auction. No tickets are sold, and money already paid is given back."))


def passed_over(why: str | None) -> str:
    """Why a person in line was passed over. `why` is holds_ticket or account."""
    if why == "holds_ticket":
        return str(_("You already hold a ticket for this concert, so you were passed over: one person, one ticket."))
    return str(_("Your account may not hold tickets, so you were passed over."))

"""The wording of seat histories, to everybody. Jinja filters of every template."""

from datetime import datetime

from flask import Blueprint
from flask_babel import gettext as _

from cashticket.auction.values import AwardState
from cashticket.blueprints.wording.formats import day, time_of_day
from cashticket.ledger.seat_histories import Right, Unsold

blueprint = Blueprint("seat_history_words", __name__)


@blueprint.app_template_filter()
def right_kind(right: Right) -> str:
    """How somebody came by a right to a seat."""
    return str(_("offered") if right.handed_over else _("won"))


@blueprint.app_template_filter()
def right_times(right: Right) -> list[str]:
    """From when to when somebody had a right to a seat, and when it was bought; a line each."""
    since = _when(right.since)
    if right.until is not None:
        lines = [_("from %(since)s to %(until)s", since=since, until=_when(right.until))]
    else:
        lines = [_("since %(when)s", when=since)]
    if right.bought_at is not None:
        lines.append(_("bought on %(when)s", when=_when(right.bought_at)))
    elif right.state is AwardState.OFFERED:
        lines.append(_("to be bought by %(when)s", when=_when(right.expires_at)))
    return lines


@blueprint.app_template_filter()
def passed_over_names(right: Right) -> str:
    """Whom a seat passed over, never why."""
    names = ", ".join(right.passed_over)
    if right.and_others:
        return str(_("passed over: %(aliases)s and others", aliases=names))
    return str(_("passed over: %(aliases)s", aliases=names))


@blueprint.app_template_filter()
def unsold_reason(unsold: Unsold) -> str:
    """Why nobody holds a seat, in a few words."""
    reasons: dict[Unsold, str] = {
        Unsold.NOBODY_WON: _("nobody was left to win it"),
        Unsold.LINE_EMPTY: _("nobody was left in line"),
        Unsold.LINE_PAUSED: _("the line is paused for now"),
        Unsold.DEADLINE: _("the cancellation deadline had come"),
    }
    return reasons[unsold]


def _when(at: datetime) -> str:
    return f"{day(at)} {time_of_day(at)}"

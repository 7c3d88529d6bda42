"""Why an auction took no bids for a while, as people read it. Jinja filters of every template."""

from flask import Blueprint
from flask_babel import gettext as _

from cashticket.blueprints.wording.formats import span
from cashticket.engine.pauses import OPERATOR, OVERDUE, RESTORING, UNSOUND, WITNESS

blueprint = Blueprint("outage_wording", __name__)


@blueprint.app_template_filter()
def outage_reason(reason: str) -> str:
    """The reason of a pause in a few words that end a sentence."""
    if reason in (OPERATOR, OVERDUE):
        return str(_("our staff had paused bidding"))
    if reason in (UNSOUND, RESTORING, WITNESS):
        return str(_("we checked that every bid is kept"))
    return str(_("a technical problem on our side"))


@blueprint.app_template_filter()
def span_up(ms: int) -> str:
    """A duration like `span`, and at least a second: half a second that is given back is not nothing."""
    return span(max(ms, 1000))

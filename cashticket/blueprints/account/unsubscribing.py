"""The link in mails that may be turned off, for people and for mail programs (RFC 8058). Nobody signs in for it.

Opening it changes nothing: programs open links that nobody has clicked. Sending to it acts, at once and without a form
token: mail programs have no session, and the token in the address is the proof.
"""

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _

from cashticket.auction.notice_topics import Topic
from cashticket.blueprints.account.messages import message
from cashticket.blueprints.request.rate_limits import UNSUBSCRIBES, counted
from cashticket.blueprints.wording.notice_topics import all_topics
from cashticket.notify import preferences, unsubscribing
from cashticket.notify.notices import SETTINGS
from cashticket.notify.unsubscribing import BadToken
from cashticket.wiring import current_settings

blueprint = Blueprint("unsubscribing", __name__)


@blueprint.get("/unsubscribe/<token>")
def ask(token: str) -> Response:
    """What would be turned off, with a button that does. 410 for a token that is none."""
    try:
        _, topic = unsubscribing.read(token, current_settings().signing_keys)
    except BadToken:
        return _refused()
    return make_response(render_template("auth/unsubscribe.html", topic=_name_of(topic)))


@blueprint.post("/unsubscribe/<token>")
def act(token: str) -> Response:
    """Turn mails about the topic off. Repeating it changes nothing. 410 for a token that is none."""
    try:
        person_id, topic = unsubscribing.read(token, current_settings().signing_keys)
    except BadToken:
        return _refused()
    with counted((UNSUBSCRIBES,), str(person_id)):
        preferences.mute_mail(person_id, topic)
    text = _("No mail of this kind is sent to you any more: %(topic)s.", topic=_name_of(topic))
    return make_response(message(_("These mails are turned off"), text, SETTINGS, _("Notification settings")))


def _refused() -> Response:
    text = _("This link is not whole, or it is from a mail of long ago. Choose in the settings which mails you get.")
    return make_response(message(_("The link opens nothing"), text, SETTINGS, _("Notification settings")), 410)


def _name_of(topic: Topic) -> str:
    return next(each.name for each in all_topics() if each.topic is topic)

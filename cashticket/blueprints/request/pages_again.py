"""The page of a form whose token died, once more: with a fresh token, and saying that nothing was done.

Doors whose form holds more than a button fill it by themselves; this is for all others.
"""

from http import HTTPStatus
from typing import Any

from flask import Response, current_app, flash, make_response, session
from werkzeug.exceptions import HTTPException

from cashticket.blueprints.request.context import present_request
from cashticket.blueprints.request.identity import present_person
from cashticket.blueprints.request.negotiation import is_piece_request, wants_json

PAGES = {
    "bids.place": "auctions.confirm",
    "awards.decide": "me.tickets",
    "line.leave": "line.review",
    "watch_list.change": "watch_list.reminder",
    "notifications.mark_read": "notifications.show",
    "profile.end_session": "profile.show",
    "profile.end_other_sessions": "profile.show",
    "phone.send_code": "phone.show",
    "phone.prove": "phone.show",
    "identities.begin": "identities.show",
    "identities.finish": "identities.show",
    "second_factor.renew_codes": "second_factor.codes",
    "second_factor.turn_off": "second_factor.off",
    "authenticator_app.set_app": "authenticator_app.show",
    "authenticator_app.remove": "authenticator_app.removal",
    "passkeys.add": "passkeys.new",
    "passkeys.rename": "passkeys.show",
    "passkeys.remove": "passkeys.removal",
}
"""Door → the page on which its form stands."""

OF_THE_FORM_ALONE = frozenset({"award_id", "move", "sign_in_id"})
"""Parts of a door's address that its page has not."""


def page_again(status: int, sentence: str) -> Response | None:
    """The page of the form that was sent, with a fresh token and this sentence. None for what is no page of a
    signed-in person, was not sent by one, or has no such page."""
    request = present_request()
    page = PAGES.get(request.endpoint or "")
    if page is None or wants_json() or is_piece_request() or present_person() is None:
        return None
    flash(sentence, "error")
    arguments = {key: value for key, value in (request.view_args or {}).items() if key not in OF_THE_FORM_ALONE}
    answer = shown(page, arguments)
    if answer and answer.status_code == HTTPStatus.OK:
        answer.status_code = status
    return answer


def shown(page: str, arguments: dict[str, Any]) -> Response | None:
    """What the door `page` shows in answer to this request, or how it fails. None if there is no such page."""
    try:
        return make_response(current_app.view_functions[page](**arguments))
    except HTTPException:
        session.pop("_flashes", None)
        return None
    except Exception as error:
        return make_response(current_app.handle_user_exception(error))

"""The signed-in devices of a person: the list on the profile page, and signing them out."""

from flask import Blueprint, Response, abort, flash, make_response, redirect
from flask_babel import gettext as _

from cashticket.accounts import sessions
from cashticket.accounts.browsers import described
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.request import identity
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again

blueprint = Blueprint("profile", __name__, url_prefix="/me/profile")


@blueprint.post("/sessions/<int(max=9007199254740991):sign_in_id>/end")
@identity.signed_in_page
def end_session(sign_in_id: int) -> Response:
    """Sign out another device. 404 for a session of somebody else or one that has ended."""
    person_id = _person_id()
    handle = next((sign_in.handle for sign_in in sessions.open_sign_ins(person_id) if sign_in.id == sign_in_id), None)
    ended = sessions.end_session(person_id, handle) if handle else None
    if ended is None:
        abort(404)
    record(SecurityEvent.SESSION_ENDED, person_id=person_id)
    introduce_again(current_engine(), ended)
    flash(_("That device is signed out."), "success")
    return _back()


@blueprint.post("/sign-out-elsewhere")
@identity.signed_in_page
def end_other_sessions() -> Response:
    """Sign out every other device. This session goes on under a new handle, so a copy of its cookie ends too."""
    person, handle = sessions.end_others(_person_id(), keep=identity.handle())
    record(SecurityEvent.SESSION_ENDED, person_id=person.id)
    identity.go_on_as(person, handle)
    introduce_again(current_engine(), person)
    flash(_("Every other device is signed out."), "success")
    return _back()


def listed(person: Person) -> list[dict[str, object]]:
    """The open sessions of a person as the page shows them, newest first."""
    here = identity.handle()
    return [
        {
            "id": sign_in.id,
            "browser": described(sign_in.browser),
            "since": sign_in.started_at,
            "here": sign_in.handle == here,
        }
        for sign_in in sessions.open_sign_ins(person.id)
    ]


def _person_id() -> int:
    principal = identity.current_principal()
    assert principal is not None, "signed_in_page lets nobody else through"
    return principal.id


def _back() -> Response:
    return make_response(redirect("/me/profile", 303))

"""Two-step verification in the profile: what is set, recovery codes, turning everything off.

Each act asks for the current password and, where one is set, a second factor.
"""

from collections.abc import Callable

from flask import Blueprint, Response, flash, make_response, redirect, render_template
from flask_babel import gettext as _

from cashticket.accounts import one_time_codes, second_factor_changes, second_factors
from cashticket.accounts.second_factor_changes import Changed
from cashticket.accounts.second_factors import Method
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account.proving import Unproved, unproved
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.second_factor import mark_proved
from cashticket.models import Person
from cashticket.work import queueing

blueprint = Blueprint("second_factor", __name__, url_prefix="/me/profile/security")


@blueprint.get("")
@identity.signed_in_page
def show() -> str:
    """What is set, with links to change it."""
    factors = second_factors.factors_of(signed_in_person().id)
    return render_template("me/security.html", factors=factors, codes_max=one_time_codes.RECOVERY_CODES)


@blueprint.get("/codes")
@identity.signed_in_page
def codes() -> Response:
    """The form that makes new recovery codes."""
    return _codes_page(200)


@blueprint.post("/codes")
@identity.signed_in_page
def renew_codes() -> Response:
    """Show ten new recovery codes, once. The earlier ones end."""
    person = signed_in_person()
    if not second_factors.any_set(person.id):
        return back()
    if problem := unproved(person):
        return _codes_page(422, problem)
    changed = second_factor_changes.renew_codes(person.id, identity.handle())
    return after_setting(changed, Method.RECOVERY_CODE, _("You have new recovery codes."))


@blueprint.get("/off")
@identity.signed_in_page
def off() -> Response:
    """The form that turns two-step verification off."""
    return _off_page(200)


@blueprint.post("/off")
@identity.signed_in_page
def turn_off() -> Response:
    """Remove every second factor and the recovery codes."""
    return removing_act(_off_page, second_factor_changes.turn_off, _("Two-step verification is turned off."))


def signed_in_person() -> Person:
    """The account of this session, behind `signed_in_page`."""
    person = identity.present_person()
    assert person is not None, "signed_in_page lets nobody else through"
    return person


def back() -> Response:
    """303 to the overview."""
    return make_response(redirect("/me/profile/security", 303))


def after_setting(changed: Changed, method: Method, sentence: str) -> Response:
    """Log and mail a new factor. New recovery codes are shown once, else the overview says `sentence`."""
    mark_proved()
    record(SecurityEvent.SECOND_FACTOR_SET, person_id=signed_in_person().id, method=method)
    queueing.deliver_account_mail_soon(changed.mail_id)
    if changed.codes:
        page = render_template("me/recovery_codes.html", codes=changed.codes, sentence=sentence)
        return make_response(page, 200, {"Cache-Control": "no-store"})
    flash(sentence, "success")
    return back()


def after_removing(changed: Changed, sentence: str) -> Response:
    """Log and mail the removal; the overview says `sentence`."""
    record(SecurityEvent.SECOND_FACTOR_REMOVED, person_id=signed_in_person().id)
    queueing.deliver_account_mail_soon(changed.mail_id)
    flash(sentence, "success")
    return back()


def act_page(status: int, title: str, text: str, button: str, problem: Unproved | None = None) -> Response:
    """A page with one form that asks for the proof and does one thing."""
    factors = second_factors.factors_of(signed_in_person().id)
    page = render_template(
        "me/security_act.html", title=title, text=text, button=button, problem=problem, factors=factors
    )
    return make_response(page, status)


def removing_act(
    page: Callable[[int, Unproved | None], Response], change: Callable[[int, str], Changed], sentence: str
) -> Response:
    """Check the proof, carry out `change`; `page` is the form again when something is missing."""
    person = signed_in_person()
    if not second_factors.any_set(person.id):
        return back()
    if problem := unproved(person):
        return page(422, problem)
    return after_removing(change(person.id, identity.handle()), sentence)


def _codes_page(status: int, problem: Unproved | None = None) -> Response:
    text = _("You get ten new codes. The earlier ones stop working at once.")
    return act_page(status, _("New recovery codes"), text, _("Make new codes"), problem)


def _off_page(status: int, problem: Unproved | None = None) -> Response:
    text = _("App, passkeys and recovery codes are removed. Your password alone signs you in then.")
    return act_page(status, _("Turn off two-step verification"), text, _("Turn off"), problem)

"""The authenticator app in the profile: set it up by a QR code, replace it, remove it.

A new secret stays in the session, encrypted, until a first code confirms it; after ten minutes there is another one.
"""

import segno
from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, session
from flask_babel import gettext as _

from cashticket.accounts import one_time_codes, second_factor_changes, second_factors
from cashticket.accounts.sealed_secrets import seal, unseal
from cashticket.accounts.second_factors import FactorRefused, Method
from cashticket.blueprints.account.proving import Unproved, unproved
from cashticket.blueprints.account.second_factor import act_page, after_setting, removing_act, signed_in_person
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.second_factor import means
from cashticket.models import Person
from cashticket.models.columns import utcnow

blueprint = Blueprint("authenticator_app", __name__, url_prefix="/me/profile/security/app")

SETUP = "app_setup"
SETUP_SECONDS_MAX = 10 * 60


@blueprint.get("")
@identity.signed_in_page
def show() -> Response:
    """The QR code of a new secret, and the form that confirms it."""
    return _app_page(200)


@blueprint.post("")
@identity.signed_in_page
def set_app() -> Response:
    """Set up the app whose secret the page showed. 422 with what is wrong, 303 to a new secret after ten minutes."""
    person = signed_in_person()
    secret = _setup_secret(person)
    if secret is None:
        flash(_("That took longer than ten minutes. Scan the new code."), "error")
        return make_response(redirect("/me/profile/security/app", 303))
    code = request.form.get("new_code", "")
    if one_time_codes.matching_step(secret, one_time_codes.typed_app_code(code), utcnow()) is None:
        return _app_page(422, wrong_code=True)
    if problem := unproved(person):
        return _app_page(422, problem)
    try:
        keys, acting = means().secret_keys, identity.handle()
        changed = second_factor_changes.set_app(person.id, secret, code, keys, utcnow(), acting=acting)
    except FactorRefused:
        # The code ran out while the password was checked.
        return _app_page(422, wrong_code=True)
    session.pop(SETUP, None)
    return after_setting(changed, Method.APP, _("Your authenticator app is set up."))


@blueprint.get("/remove")
@identity.signed_in_page
def removal() -> Response:
    """The form that removes the app."""
    return _remove_app_page(200)


@blueprint.post("/remove")
@identity.signed_in_page
def remove() -> Response:
    """Remove the app."""
    return removing_act(_remove_app_page, second_factor_changes.remove_app, _("Your authenticator app is removed."))


def _remove_app_page(status: int, problem: Unproved | None = None) -> Response:
    text = _("Its codes no longer work. Without any second factor your password alone signs you in.")
    return act_page(status, _("Remove the authenticator app"), text, _("Remove the app"), problem)


def _app_page(status: int, problem: Unproved | None = None, *, wrong_code: bool = False) -> Response:
    person = signed_in_person()
    secret = _setup_secret(person) or _new_setup_secret(person)
    address = one_time_codes.setup_address(secret, person.email)
    page = render_template(
        "me/security_app.html",
        qr=segno.make(address, error="m").svg_data_uri(scale=4, border=4, light="#fff"),
        secret=one_time_codes.grouped(one_time_codes.secret_text(secret)),
        address=address,
        factors=second_factors.factors_of(person.id),
        problem=problem,
        wrong_code=wrong_code,
    )
    return make_response(page, status)


def _setup_secret(person: Person) -> bytes | None:
    """The secret that this session sets up now; None without one, or after ten minutes."""
    content = session.get(SETUP)
    if not isinstance(content, list) or len(content) != 2:
        return None
    if int(utcnow().timestamp()) - int(content[1]) > SETUP_SECONDS_MAX:
        return None
    return unseal(str(content[0]), _setup_owner(person), means().secret_keys)


def _new_setup_secret(person: Person) -> bytes:
    secret = one_time_codes.new_secret()
    sealed = seal(secret, _setup_owner(person), means().secret_keys)
    session[SETUP] = [sealed, int(utcnow().timestamp())]
    return secret


def _setup_owner(person: Person) -> str:
    return f"set-up of person {person.id}"

"""Passkeys in the profile: add, rename, remove.

Each act asks for the current password and, where one is set, a second factor.
"""

from flask import Blueprint, Response, abort, jsonify, make_response, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import passkey_ceremonies, second_factor_changes, second_factors
from cashticket.accounts.browsers import described
from cashticket.accounts.passkey_ceremonies import AnswerRefused, NewKey
from cashticket.accounts.second_factors import FactorRefused, Method
from cashticket.blueprints.account.proving import Unproved, unproved
from cashticket.blueprints.account.second_factor import act_page, after_removing, after_setting, back, signed_in_person
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.second_factor import give_challenge, relying_party, take_challenge
from cashticket.models import Passkey
from cashticket.models.columns import utcnow
from cashticket.models.second_factors import PASSKEY_NAME_LENGTH_MAX
from cashticket.typed.text import one_line

blueprint = Blueprint("passkeys", __name__, url_prefix="/me/profile/security/passkeys")

ONE = "/<int(max=9007199254740991):passkey_id>"


@blueprint.get("/new")
@identity.signed_in_page
def new() -> Response:
    """The form that adds a passkey."""
    return _new_page(200)


@blueprint.post("/options")
@identity.signed_in_page
def options() -> Response:
    """What the browser needs to make a passkey, as JSON."""
    person, party = signed_in_person(), relying_party()
    if party is None:
        abort(404)
    present = second_factors.passkeys_of(person.id)
    handle = present[0].user_handle if present else passkey_ceremonies.new_user_handle()
    challenge = give_challenge("create", person.id, handle)
    return jsonify(passkey_ceremonies.creation_options(party, challenge, person.email, handle, present))


@blueprint.post("/new")
@identity.signed_in_page
def add() -> Response:
    """Add the passkey that the browser made. 422 with what is wrong."""
    person = signed_in_person()
    name, given = _name(), take_challenge("create", person.id)
    if not name:
        return _new_page(422, nameless=True)
    key = _sent_key(given.challenge if given else None)
    if given is None or key is None:
        return _new_page(422, trouble=_("The passkey was not made, or it took too long. Try again."))
    if problem := unproved(person):
        return _new_page(422, problem)
    try:
        changed = second_factor_changes.add_passkey(
            person.id, key, name, given.handle, given.challenge, utcnow(), acting=identity.handle()
        )
    except second_factor_changes.PasskeyExists:
        return _new_page(422, trouble=_("This passkey is set up already."))
    except second_factor_changes.TooManyPasskeys:
        return _new_page(422, trouble=_("You have as many passkeys as an account can have. Remove one first."))
    except FactorRefused:
        return _new_page(422, trouble=_("The passkey was not made, or it took too long. Try again."))
    return after_setting(changed, Method.PASSKEY, _("Your passkey is added."))


@blueprint.get(ONE)
@identity.signed_in_page
def show(passkey_id: int) -> Response:
    """The form that renames a passkey."""
    return _rename_page(200, _own(passkey_id))


@blueprint.post(ONE)
@identity.signed_in_page
def rename(passkey_id: int) -> Response:
    """Give a passkey another name."""
    passkey, name = _own(passkey_id), _name()
    if not name:
        return _rename_page(422, passkey, nameless=True)
    if problem := unproved(signed_in_person()):
        return _rename_page(422, passkey, problem)
    second_factor_changes.rename_passkey(signed_in_person().id, passkey_id, name)
    return back()


@blueprint.get(f"{ONE}/remove")
@identity.signed_in_page
def removal(passkey_id: int) -> Response:
    """The form that removes a passkey."""
    return _remove_page(200, _own(passkey_id))


@blueprint.post(f"{ONE}/remove")
@identity.signed_in_page
def remove(passkey_id: int) -> Response:
    """Remove a passkey."""
    passkey, person = _own(passkey_id), signed_in_person()
    if problem := unproved(person):
        return _remove_page(422, passkey, problem)
    try:
        changed = second_factor_changes.remove_passkey(person.id, passkey_id, identity.handle())
    except second_factor_changes.NoSuchPasskey:
        return back()
    return after_removing(changed, _("Your passkey is removed."))


def _own(passkey_id: int) -> Passkey:
    """A passkey of the signed-in person. 404 for any other."""
    own = {passkey.id: passkey for passkey in second_factors.passkeys_of(signed_in_person().id)}
    return own.get(passkey_id) or abort(404)


def _name() -> str:
    return one_line(request.form.get("name", ""))[:PASSKEY_NAME_LENGTH_MAX]


def _sent_key(challenge: str | None) -> NewKey | None:
    """The key that the browser made for `challenge`, or None."""
    party = relying_party()
    if challenge is None or party is None:
        return None
    try:
        return passkey_ceremonies.read_registration(request.form.get("created", ""), party, challenge)
    except AnswerRefused:
        return None


def _new_page(status: int, problem: Unproved | None = None, *, trouble: str = "", nameless: bool = False) -> Response:
    page = render_template(
        "me/security_passkey.html",
        name=_name() or described(request.user_agent.string) or _("My passkey"),
        name_length_max=PASSKEY_NAME_LENGTH_MAX,
        factors=second_factors.factors_of(signed_in_person().id),
        problem=problem,
        trouble=trouble,
        nameless=nameless,
    )
    return make_response(page, status)


def _rename_page(status: int, passkey: Passkey, problem: Unproved | None = None, *, nameless: bool = False) -> Response:
    page = render_template(
        "me/security_passkey_name.html",
        name=_name() or passkey.name,
        name_length_max=PASSKEY_NAME_LENGTH_MAX,
        factors=second_factors.factors_of(signed_in_person().id),
        problem=problem,
        nameless=nameless,
    )
    return make_response(page, status)


def _remove_page(status: int, passkey: Passkey, problem: Unproved | None = None) -> Response:
    text = _("“%(name)s” no longer signs you in. Remove it from your device too.", name=passkey.name)
    return act_page(status, _("Remove the passkey"), text, _("Remove the passkey"), problem)

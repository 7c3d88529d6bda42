"""The profile: name, date of birth, phone, language, address, password, sessions, closing the account.

A new address, a new password and closing ask for the current password, under the rate limits of sign-in.
"""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, abort, flash, make_response, redirect, render_template, request, session
from flask_babel import force_locale
from flask_babel import gettext as _

from cashticket.accounts import address_changes, passwords, people, recovery
from cashticket.accounts.fields import age, check
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account import devices
from cashticket.blueprints.account.devices import blueprint
from cashticket.blueprints.account.personal_facts import NAMES, personal_facts, saved_values
from cashticket.blueprints.account.refusals import REFUSALS, closing_refused, saving_refused
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.password_limits import proof_try
from cashticket.blueprints.request.rate_limits import MAILS_OF_ACCOUNT, allows, keyed
from cashticket.blueprints.request.site_data import clear_site_data
from cashticket.blueprints.wording import form_fields
from cashticket.blueprints.wording.formats import LANGUAGE_NAMES
from cashticket.locale import LANGUAGES
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work import queueing
from cashticket.work.changing_people import close_account, save_profile
from cashticket.work.introducing import introduce_again
from cashticket.work.standing_bids import binding_auctions_or_recorded

__all__ = ["blueprint"]


@blueprint.get("")
@identity.signed_in_page
def show() -> Response:
    """The profile page."""
    return _page(200)


@blueprint.post("")
@identity.signed_in_page
def save() -> Response:
    """Save name, date of birth, phone and language. 422 with the fields to correct."""
    person = _person()
    # A fact that is fixed has no field in the form and stays as it is.
    saved = saved_values(person)
    to_check = tuple(name for name in NAMES if name in request.form or not saved[name])
    good, wrong = check(request.form, form_fields.today(), to_check)
    facts = {"name": person.name, "birth_date": person.birth_date, "phone": person.phone} | good
    locale = request.form.get("locale", "")
    if locale not in LANGUAGES:
        abort(400)
    if wrong:
        return _page(422, wrong=wrong)
    try:
        save_profile(current_engine(), person, facts, locale)
    except people.PhoneTaken:
        return _page(422, wrong={"phone": "taken"})
    except REFUSALS as error:
        status, text = saving_refused(error)
        return _page(status, refusal=text)
    session["locale"] = locale
    with force_locale(locale):
        flash(_("Saved."), "success")
    answer = _back()
    # A cookie from an earlier `?lang=` would override the language chosen here.
    answer.delete_cookie("lang")
    return answer


@blueprint.post("/email")
@identity.signed_in_page
def change_email() -> Response:
    """Mail a link to the new address. The old address stays until the link is followed."""
    person = _person()
    good, wrong = check(request.form, form_fields.today(), ("email",))
    if wrong:
        return _page(422, wrong=wrong)
    if not _knows_password(person):
        return _page(422, unproved="email")
    record(SecurityEvent.EMAIL_CHANGE_REQUESTED, person_id=person.id)
    mail_id = address_changes.request_change(person.id, good["email"])
    if allows(MAILS_OF_ACCOUNT, keyed(good["email"])):
        queueing.deliver_account_mail_soon(mail_id)
    flash(_("We sent a link to the new address. Follow it to finish the change."), "success")
    return _back()


@blueprint.post("/password")
@identity.signed_in_page
def change_password() -> Response:
    """Set a new password and sign out every other device."""
    person = _person()
    typed = {"password": request.form.get("password", ""), "email": person.email}
    good, wrong = check(typed, form_fields.today(), ("password",))
    if wrong:
        return _page(422, wrong=wrong)
    if not _knows_password(person):
        return _page(422, unproved="password")
    changed, handle, mail_id = recovery.change_password(person.id, good["password"], keep=identity.handle())
    record(SecurityEvent.PASSWORD_CHANGED, person_id=changed.id)
    identity.go_on_as(changed, handle)
    introduce_again(current_engine(), changed)
    queueing.deliver_account_mail_soon(mail_id)
    flash(_("Your password is changed, and your other devices were signed out."), "success")
    return _back()


@blueprint.post("/close")
@identity.signed_in_page
def close() -> Response:
    """Close the account for good."""
    person = _person()
    if request.form.get("sure") != "yes":
        return _page(422, refusal=_("Tick the box to confirm that the account shall be closed."))
    if not _knows_password(person):
        return _page(422, unproved="close")
    try:
        closed, mail_id = close_account(current_engine(), person.id)
    except REFUSALS as error:
        status, text = closing_refused(error)
        return _page(status, refusal=text)
    record(SecurityEvent.ACCOUNT_CLOSED, person_id=closed.id)
    session.clear()
    queueing.deliver_account_mail_soon(mail_id)
    return clear_site_data(make_response(redirect("/", 303)))


def _person() -> Person:
    person = identity.present_person()
    assert person is not None, "signed_in_page lets nobody else through"
    return person


def _knows_password(person: Person) -> bool:
    """Whether the typed password is right. Raises LimitReached after too many proofs."""
    typed = request.form.get("current_password", "")[: passwords.LENGTH_MAX + 1]
    with proof_try(person.email) as attempt:
        right = passwords.verify(person.password_hash, typed)
        attempt.judge(right=right)
    if not right:
        record(SecurityEvent.PASSWORD_REFUSED, person_id=person.id)
    return right


def _back() -> Response:
    return make_response(redirect("/me/profile", 303))


def _page(status: int, wrong: dict[str, str] | None = None, unproved: str = "", refusal: str = "") -> Response:
    person, wrong = _person(), wrong or {}
    binding = binding_auctions_or_recorded(current_engine(), person.id)
    page = render_template(
        "me/profile.html",
        person=person,
        facts=personal_facts(person, request.form, wrong, bound=bool(binding)),
        binding=binding,
        now=datetime.now(UTC),
        email=replace(form_fields.inputs(("email",), request.form, wrong)[0], label=_("New e-mail address")),
        password=replace(form_fields.inputs(("password",), {}, wrong)[0], label=_("New password")),
        age=age(person.birth_date, form_fields.today()) if person.birth_date else None,
        sessions=devices.listed(person),
        unproved=unproved,
        refusal=refusal,
        languages=LANGUAGE_NAMES.items(),
    )
    return make_response(page, status)

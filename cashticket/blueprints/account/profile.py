"""The profile: name, date of birth, phone, language, address, password, sessions, closing the account.

A new address, a new password and closing ask for the current password and, where one is set, a second factor.
"""

from typing import Any

from flask import Response, abort, flash, make_response, redirect, request, session
from flask_babel import force_locale
from flask_babel import gettext as _

from cashticket.accounts import address_changes, guessable, people, recovery
from cashticket.accounts.fields import check
from cashticket.accounts.mail_links import Purpose
from cashticket.accounts.passwords import TooBusy
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account.devices import blueprint
from cashticket.blueprints.account.personal_facts import NAMES, saved_values
from cashticket.blueprints.account.profile_page import profile_page, signed_in_person
from cashticket.blueprints.account.proving import unproved
from cashticket.blueprints.account.refusals import REFUSALS, closing_refused, saving_refused
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.cookies import set_own_cookie
from cashticket.blueprints.request.errors import again_later, stale_form_response, stale_form_sentence
from cashticket.blueprints.request.languages import COOKIE, COOKIE_SECONDS
from cashticket.blueprints.request.mail_limits import mail_allowed
from cashticket.blueprints.request.negotiation import wants_json
from cashticket.blueprints.request.rate_limits import (
    CHANGES_OF_EMAIL,
    PHONE_QUESTIONS,
    PROFILE_SAVES,
    LimitReached,
    counted,
)
from cashticket.blueprints.request.security import FormStale
from cashticket.blueprints.request.site_data import clear_site_data
from cashticket.blueprints.wording import form_fields
from cashticket.locale import LANGUAGES
from cashticket.models import Person
from cashticket.wiring import current_engine, current_settings
from cashticket.work import queueing
from cashticket.work.changing_people import PhoneBound, close_account, save_profile
from cashticket.work.introducing import introduce_again

__all__ = ["blueprint"]

TYPED_FORMS = frozenset({"profile.save", "profile.change_email", "profile.change_password", "profile.close"})


@blueprint.get("")
@identity.signed_in_page
def show() -> Response:
    """The profile page."""
    return profile_page(200)


@blueprint.post("")
@identity.signed_in_page
def save() -> Response:
    """Save name, date of birth, phone and language. 422 with the fields to correct."""
    person = signed_in_person()
    # A fact that is fixed has no field in the form and stays as it is.
    saved = saved_values(person)
    to_check = tuple(name for name in NAMES if name in request.form or not saved[name])
    good, wrong = check(request.form, form_fields.today(), to_check)
    facts = {"name": person.name, "birth_date": person.birth_date, "phone": person.phone} | good
    locale = request.form.get("locale", "")
    if locale not in LANGUAGES:
        abort(400)
    if wrong:
        return profile_page(422, wrong=wrong)
    refused = _refusal_of_saving(person, facts, locale)
    if refused is not None:
        return refused
    session["locale"] = locale
    with force_locale(locale):
        flash(_("Saved."), "success")
    answer = _back()
    # A cookie from an earlier `?lang=` would override the language chosen here.
    set_own_cookie(answer, COOKIE, locale, COOKIE_SECONDS)
    return answer


def _refusal_of_saving(person: Person, facts: dict[str, Any], locale: str) -> Response | None:
    # Whether another phone number is taken tells who is a customer.
    spent = (PROFILE_SAVES,) if facts["phone"] == person.phone else (PROFILE_SAVES, PHONE_QUESTIONS)
    with counted(spent, str(person.id)):
        try:
            save_profile(current_engine(), person, facts, locale)
        except people.PhoneTaken as taken:
            is_free = current_settings().sms_url and not taken.is_proven
            return profile_page(422, wrong={"phone": "claimed" if is_free else "taken"})
        except PhoneBound:
            return profile_page(422, wrong={"phone": "bound"})
        except REFUSALS as error:
            status, text = saving_refused(error)
            return profile_page(status, refusal=text)
    return None


@blueprint.post("/email")
@identity.signed_in_page
def change_email() -> Response:
    """Mail a link to the new address. The old address stays until the link is followed."""
    person = signed_in_person()
    good, wrong = check(request.form, form_fields.today(), ("email",))
    if wrong:
        return profile_page(422, wrong=wrong)
    if problem := unproved(person):
        return profile_page(422, acting="email", problem=problem)
    with counted((CHANGES_OF_EMAIL,), str(person.id)), mail_allowed(Purpose.CHANGE, good["email"]) as allowed:
        mail_id = address_changes.request_change(person.id, good["email"], identity.handle()) if allowed else None
    record(SecurityEvent.EMAIL_CHANGE_REQUESTED, person_id=person.id)
    queueing.deliver_account_mail_soon(mail_id)
    flash(_("We sent a link to the new address. Follow it to finish the change."), "success")
    return _back()


@blueprint.post("/password")
@identity.signed_in_page
def change_password() -> Response:
    """Set a new password and sign out every other device."""
    person = signed_in_person()
    typed = guessable.facts_of(person) | {"password": request.form.get("password", "")}
    good, wrong = check(typed, form_fields.today(), ("password",))
    if wrong:
        return profile_page(422, wrong=wrong)
    if problem := unproved(person):
        return profile_page(422, acting="password", problem=problem)
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
    person = signed_in_person()
    if request.form.get("sure") != "yes":
        return profile_page(422, refusal=_("Tick the box to confirm that the account shall be closed."))
    if problem := unproved(person):
        return profile_page(422, acting="close", problem=problem)
    try:
        closed, mail_id = close_account(current_engine(), person.id, identity.handle())
    except REFUSALS as error:
        status, text = closing_refused(error)
        return profile_page(status, refusal=text)
    record(SecurityEvent.ACCOUNT_CLOSED, person_id=closed.id)
    session.clear()
    queueing.deliver_account_mail_soon(mail_id)
    return clear_site_data(make_response(redirect("/", 303)))


@blueprint.errorhandler(LimitReached)
@blueprint.errorhandler(TooBusy)
def on_later(error: LimitReached | TooBusy) -> Response:
    """The page as it was typed, with the reason why nothing was done."""
    return again_later(error, lambda status, text: profile_page(status, refusal=text))


def _back() -> Response:
    return make_response(redirect("/me/profile", 303))


@blueprint.errorhandler(FormStale)
def on_stale_form(error: FormStale) -> Response:
    """The profile as it was typed, with a fresh token; nothing was done."""
    if wants_json() or request.endpoint not in TYPED_FORMS or identity.present_person() is None:
        return stale_form_response()
    return profile_page(400, refusal=stale_form_sentence())

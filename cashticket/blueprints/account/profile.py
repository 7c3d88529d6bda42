"""What a person may change about the account: name, phone, language, address, password, sessions, the end.

What would help a thief most (address, password, closure) asks for the password again, under the limits of sign-in.
"""

from dataclasses import replace

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, session
from flask_babel import force_locale
from flask_babel import gettext as _

from cashticket.accounts import fields as rules
from cashticket.accounts import passwords, people, recovery, sessions
from cashticket.accounts.addresses import written_phone
from cashticket.accounts.browsers import described
from cashticket.blueprints.introductions import tell_auctions
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.rate_limits import MAILS_OF_ACCOUNT, SignInTry, allows, keyed
from cashticket.blueprints.wording import form_fields as field_words
from cashticket.locale import LANGUAGES
from cashticket.models import Person
from cashticket.work import queueing

blueprint = Blueprint("profile", __name__, url_prefix="/me/profile")

PERSONAL = ("name", "birth_date", "phone")


@blueprint.get("")
@identity.signed_in_page
def show() -> Response:
    """Everything the account says of its person."""
    return _page(200)


@blueprint.post("")
@identity.signed_in_page
def save() -> Response:
    """Name, date of birth, phone and language. 422 with the fields that must be corrected."""
    person = _person()
    born = person.birth_date
    good, wrong = rules.check(request.form, field_words.today(), PERSONAL)
    locale = request.form.get("locale", "")
    if locale not in LANGUAGES:
        abort(400)
    if wrong:
        return _page(422, wrong=wrong)
    try:
        saved = people.save_profile(person.id, good["name"], good["birth_date"], good["phone"], locale)
    except people.PhoneTaken:
        return _page(422, wrong={"phone": "taken"})
    if saved.birth_date != born:
        tell_auctions(saved)
    session["locale"] = locale
    with force_locale(locale):
        flash(_("Saved."), "success")
    answer = _back()
    # A language chosen by address before would hide the one chosen here.
    answer.delete_cookie("lang")
    return answer


@blueprint.post("/email")
@identity.signed_in_page
def change_email() -> Response:
    """Send a link to the new address; the old one stays until it is followed."""
    person = _person()
    good, wrong = rules.check(request.form, field_words.today(), ("email",))
    if wrong:
        return _page(422, wrong=wrong)
    if not _knows_password(person):
        return _page(422, unproved="email")
    mail_id = recovery.ask_change_of_email(person.id, good["email"])
    if allows(MAILS_OF_ACCOUNT, keyed(good["email"])):
        queueing.deliver_account_mail_soon(mail_id)
    flash(_("We sent a link to the new address. Follow it to finish the change."), "success")
    return _back()


@blueprint.post("/password")
@identity.signed_in_page
def change_password() -> Response:
    """Set a new password; every other device is signed out at once."""
    person = _person()
    typed = {"password": request.form.get("password", ""), "email": person.email}
    good, wrong = rules.check(typed, field_words.today(), ("password",))
    if wrong:
        return _page(422, wrong=wrong)
    if not _knows_password(person):
        return _page(422, unproved="password")
    changed, mail_id = recovery.change_password(person.id, good["password"], keep=_handle())
    tell_auctions(changed)
    queueing.deliver_account_mail_soon(mail_id)
    flash(_("Your password is changed, and your other devices were signed out."), "success")
    return _back()


@blueprint.post("/sessions/<int(max=9007199254740991):sign_in_id>/end")
@identity.signed_in_page
def end_session(sign_in_id: int) -> Response:
    """Sign out another device, at once. 404 for one that is not the person's or has ended."""
    person_id = _person().id
    found = next((each for each in recovery.open_sign_ins(person_id) if each.id == sign_in_id), None)
    ended = sessions.end_session(person_id, found.handle) if found else None
    if ended is None:
        abort(404)
    tell_auctions(ended)
    flash(_("That device is signed out."), "success")
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
        closed, mail_id = recovery.close(person.id)
    except recovery.HoldsAward:
        return _page(422, refusal=_("You hold a ticket or an offer. Use it or give it back first."))
    session.clear()
    tell_auctions(closed)
    queueing.deliver_account_mail_soon(mail_id)
    return make_response(redirect("/", 303))


def _person() -> Person:
    person = identity.present_person()
    assert person is not None, "signed_in_page has looked"
    return person


def _handle() -> str:
    found = identity.current_principal()
    return found.handle if found else ""


def _knows_password(person: Person) -> bool:
    """Raises TooManyRequests after too many wrong ones, counted together with those of sign-in."""
    attempt = SignInTry(person.email)
    if not passwords.verify(person.password_hash, request.form.get("current_password", "")[: passwords.LONGEST + 1]):
        return False
    attempt.take_back()
    return True


def _back() -> Response:
    return make_response(redirect("/me/profile", 303))


def _page(status: int, wrong: dict[str, str] | None = None, unproved: str = "", refusal: str = "") -> Response:
    person, wrong = _person(), wrong or {}
    kept = {
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else "",
        "phone": written_phone(person.phone or ""),
    }
    typed = kept | {name: request.form[name] for name in PERSONAL if name in request.form}
    sessions = [
        {"id": each.id, "browser": described(each.browser), "since": each.started_at, "here": each.handle == _handle()}
        for each in recovery.open_sign_ins(person.id)
    ]
    page = render_template(
        "me/profile.html",
        person=person,
        personal=field_words.fields(PERSONAL, typed, wrong),
        email=replace(field_words.fields(("email",), request.form, wrong)[0], label=_("New e-mail address")),
        password=replace(field_words.fields(("password",), {}, wrong)[0], label=_("New password")),
        age=rules.age(person.birth_date, field_words.today()) if person.birth_date else None,
        sessions=sessions,
        unproved=unproved,
        refusal=refusal,
        languages=LANGUAGES,
    )
    return make_response(page, status)

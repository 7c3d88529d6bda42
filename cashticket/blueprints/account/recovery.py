"""Forgotten passwords: request a link, follow it, choose a new password.

The answer is the same whether an address has an account or not.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request, session
from flask_babel import gettext as _

from cashticket.accounts import guessable, people, recovery
from cashticket.accounts.fields import check
from cashticket.accounts.mail_links import LinkRefused, Purpose
from cashticket.accounts.passwords import TooBusy
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account.messages import message, reset_refused
from cashticket.blueprints.request import identity, known_browser
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.errors import again_later, stale_form_response, stale_form_sentence
from cashticket.blueprints.request.mail_limits import mail_allowed
from cashticket.blueprints.request.negotiation import wants_json
from cashticket.blueprints.request.password_limits import clear_sign_in_failures
from cashticket.blueprints.request.rate_limits import RESETS_OF_ADDRESS, LimitReached, counted, keyed
from cashticket.blueprints.request.security import FormStale
from cashticket.blueprints.request.site_data import clear_site_data
from cashticket.blueprints.wording import form_fields
from cashticket.blueprints.wording.formats import language
from cashticket.models import AccountMail
from cashticket.wiring import current_engine, current_settings
from cashticket.work import queueing
from cashticket.work.introducing import introduce_again

blueprint = Blueprint("recovery", __name__)


@blueprint.get("/reset")
def form() -> Response:
    """The form that requests a link."""
    return _ask(200, {})


@blueprint.post("/reset")
def ask() -> Response:
    """Mail a link to the address, if it has an account."""
    good, wrong = check(request.form, form_fields.today(), ("email",))
    if wrong:
        return _ask(422, wrong)
    with counted((RESETS_OF_ADDRESS,), address()), mail_allowed(Purpose.RESET, good["email"]) as allowed:
        mail_id = recovery.request_reset(good["email"], language()) if allowed else None
    record(SecurityEvent.RESET_REQUESTED, account=keyed(good["email"]))
    queueing.deliver_account_mail_soon(mail_id)
    return make_response(redirect("/reset/sent", 303))


@blueprint.get("/reset/sent")
def sent() -> str:
    text = _("If this address has an account, we sent it a mail with a link. The link works once, within an hour.")
    return message(_("Check your inbox"), text, "/login", _("Sign in"))


@blueprint.get("/reset/done")
def done() -> str:
    text = _("Your password is changed, and all devices were signed out. Sign in with the new one.")
    return message(_("Password changed"), text, "/login", _("Sign in"))


@blueprint.get("/reset/<token>")
def choose(token: str, trouble: str = "") -> Response:
    """The form for the new password. Opening it does not use the link up."""
    try:
        _link(token)
    except LinkRefused:
        return _refused()
    return _choose(200, {}, trouble)


@blueprint.post("/reset/<token>")
def change(token: str) -> Response:
    """Set the new password and end every session, this one too."""
    try:
        mail = _link(token)
        owner = people.person(mail.person_id) if mail.person_id else None
        facts = guessable.facts_of(owner) if owner else {"email": mail.email}
        typed = facts | {"password": request.form.get("password", "")}
        good, wrong = check(typed, form_fields.today(), ("password",))
        if wrong:
            return _choose(422, wrong)
        person, mail_id = recovery.reset(mail, good["password"])
    except LinkRefused:
        return _refused()
    record(SecurityEvent.RESET_DONE, person_id=person.id)
    clear_sign_in_failures(person.email)
    known_browser.remember(person)
    identity.end_earlier_session()
    session.clear()
    introduce_again(current_engine(), person)
    queueing.deliver_account_mail_soon(mail_id)
    return clear_site_data(make_response(redirect("/reset/done", 303)))


@blueprint.errorhandler(FormStale)
def on_stale_form(error: FormStale) -> Response:
    """The form again, filled and with a fresh token; nothing was done."""
    return stale_form_response() if wants_json() else _form_again(400, stale_form_sentence())


@blueprint.errorhandler(LimitReached)
@blueprint.errorhandler(TooBusy)
def on_later(error: LimitReached | TooBusy) -> Response:
    """The form as it was typed, with the reason why nothing was done."""
    return again_later(error, _form_again)


def _form_again(status: int, sentence: str) -> Response:
    """The form of this request, filled, with a sentence on top."""
    if request.endpoint != "recovery.change":
        return _ask(status, {}, sentence)
    answer = choose(**(request.view_args or {}), trouble=sentence)
    answer.status_code = status
    return answer


def _refused() -> Response:
    record(SecurityEvent.LINK_REFUSED)
    return reset_refused()


def _link(token: str) -> AccountMail:
    return recovery.reset_link(token, current_settings().signing_keys, datetime.now(UTC))


def _ask(status: int, wrong: dict[str, str], trouble: str = "") -> Response:
    shown = form_fields.inputs(("email",), request.form, wrong)
    return make_response(render_template("recovery/ask.html", fields=shown, trouble=trouble), status)


def _choose(status: int, wrong: dict[str, str], trouble: str = "") -> Response:
    shown = form_fields.inputs(("password",), {}, wrong)
    return make_response(render_template("recovery/choose.html", fields=shown, trouble=trouble), status)

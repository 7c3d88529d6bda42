"""A forgotten password: ask for a link, follow it, choose a new one. The answer is the same for every address."""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, session
from flask_babel import gettext as _

from cashticket.accounts import recovery as accounts
from cashticket.accounts.fields import check
from cashticket.accounts.mail_links import LinkRefused
from cashticket.blueprints.account.sign_up import message
from cashticket.blueprints.introductions import tell_auctions
from cashticket.blueprints.request.rate_limits import MAILS_OF_ACCOUNT, RESETS_OF_ADDRESS, address, allows, count, keyed
from cashticket.blueprints.wording import form_fields as field_words
from cashticket.models import AccountMail
from cashticket.work import queueing

blueprint = Blueprint("recovery", __name__)


@blueprint.get("/reset")
def form() -> Response:
    """Where to ask for a link."""
    return _ask(200, {})


@blueprint.post("/reset")
def ask() -> Response:
    """Send a link to the account's address, if there is one."""
    good, wrong = check(request.form, field_words.today(), ("email",))
    if wrong:
        return _ask(422, wrong)
    count(RESETS_OF_ADDRESS, address())
    if allows(MAILS_OF_ACCOUNT, keyed(good["email"])):
        queueing.deliver_account_mail_soon(accounts.ask_reset(good["email"]))
    return make_response(redirect("/reset/sent", 303))


@blueprint.get("/reset/sent")
def sent() -> str:
    text = _("If this address has an account, we sent it a mail with a link. The link works once, within an hour.")
    return message(_("Look into your mailbox"), text, "/login", _("Sign in"))


@blueprint.get("/reset/done")
def done() -> str:
    text = _("Your password is changed, and all devices were signed out. Sign in with the new one.")
    return message(_("Password changed"), text, "/login", _("Sign in"))


@blueprint.get("/reset/<token>")
def choose(token: str) -> Response:
    """The form behind the link. Looking at it uses nothing up."""
    try:
        _link(token)
    except LinkRefused:
        return _refused()
    return _choose(200, {})


@blueprint.post("/reset/<token>")
def change(token: str) -> Response:
    """Set the new password: every session ends, here too."""
    try:
        mail = _link(token)
        typed = {"password": request.form.get("password", ""), "email": mail.email}
        good, wrong = check(typed, field_words.today(), ("password",))
        if wrong:
            return _choose(422, wrong)
        person, mail_id = accounts.reset(mail, good["password"])
    except LinkRefused:
        return _refused()
    session.clear()
    tell_auctions(person)
    queueing.deliver_account_mail_soon(mail_id)
    return make_response(redirect("/reset/done", 303))


def _link(token: str) -> AccountMail:
    return accounts.reset_link(token, str(current_app.secret_key), datetime.now(UTC))


def _ask(status: int, wrong: dict[str, str]) -> Response:
    shown = field_words.fields(("email",), request.form, wrong)
    return make_response(render_template("recovery/ask.html", fields=shown), status)


def _choose(status: int, wrong: dict[str, str]) -> Response:
    shown = field_words.fields(("password",), {}, wrong)
    return make_response(render_template("recovery/choose.html", fields=shown), status)


def _refused() -> Response:
    text = _("This link was used already, is too old, or is not whole. Ask for a new one.")
    return make_response(message(_("The link opens nothing"), text, "/reset", _("Ask for a new link")), 410)

"""Sign-up, and the link that confirms an e-mail address.

The answer to a sign-up is the same whether the address or the phone has an account or not. The mail says it.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import people, registration
from cashticket.accounts.fields import FIELDS, check
from cashticket.accounts.mail_links import LinkRefused
from cashticket.blueprints.account.messages import confirmation_refused, email_confirmed, message
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.rate_limits import (
    MAILS_OF_ACCOUNT,
    SIGN_UPS_OF_ADDRESS,
    allows,
    count,
    keyed,
)
from cashticket.blueprints.wording import form_fields
from cashticket.blueprints.wording.formats import language
from cashticket.wiring import current_engine
from cashticket.work import queueing
from cashticket.work.introducing import introduce_again

blueprint = Blueprint("signup", __name__)


@blueprint.get("/signup")
def form() -> Response:
    """The sign-up form. A signed-in person is sent to the profile."""
    if identity.present_person() is not None:
        return make_response(redirect("/me/profile", 303))
    return _form(200, {})


@blueprint.post("/signup")
def sign_up() -> Response:
    """Create the account. 303 to the next step, 422 with the fields to correct, 429 after too many sign-ups."""
    good, wrong = check(request.form, form_fields.today())
    if wrong:
        if wants_json():
            problems = {field: form_fields.problem_of(field, code) for field, code in wrong.items()}
            return problem_response(422, _("Not signed up"), _("Some fields must be corrected."), errors=problems)
        return _form(422, wrong)
    count(SIGN_UPS_OF_ADDRESS, address())
    mail_id = registration.sign_up(good, language())
    if allows(MAILS_OF_ACCOUNT, keyed(good["email"])):
        queueing.deliver_account_mail_soon(mail_id)
    return make_response(redirect("/signup/sent", 303))


@blueprint.get("/signup/sent")
def sent() -> str:
    """Asks to follow the link in the mail."""
    return message(
        _("Look into your mailbox"),
        _("We sent you a mail with a link. Follow it to confirm your e-mail address; then you can bid. "
          "If no mail comes, sign in and have it sent again."),
        "/login", _("Sign in"),
    )  # fmt: skip


@blueprint.post("/signup/hint")
def hint() -> Response:
    """The hint under the input `field`, validated like the whole form."""
    name = request.args.get("field", "")
    if name not in FIELDS:
        return make_response("", 404)
    _good, wrong = check(request.form, form_fields.today(), (name,))
    shown = form_fields.inputs((name,), request.form, wrong)[0]
    return make_response(render_template("signup/_hint.html", field=shown))


@blueprint.get("/confirm/<token>")
def confirm(token: str) -> Response:
    """Confirm the address of a link from a mail. 410 for a link that was used, has expired or is malformed."""
    if request.method == "HEAD":
        # Some mail servers open links before people do; that must not use the link up.
        return make_response("")
    try:
        person, mail_id = registration.confirm(token, str(current_app.secret_key), datetime.now(UTC))
    except LinkRefused as refused:
        return email_confirmed() if registration.confirmed_before(refused.mail) else confirmation_refused()
    except people.EmailTaken:
        return confirmation_refused()
    introduce_again(current_engine(), person)
    queueing.deliver_account_mail_soon(mail_id)
    return email_confirmed()


@blueprint.post("/confirm/again")
@identity.signed_in_page
def send_again() -> Response:
    """Send the signed-in person another confirmation mail."""
    person = identity.present_person()
    if person is not None and allows(MAILS_OF_ACCOUNT, keyed(person.email)):
        queueing.deliver_account_mail_soon(registration.send_again(person.id))
    return make_response(redirect("/signup/sent", 303))


def _form(status: int, wrong: dict[str, str]) -> Response:
    shown = form_fields.inputs(FIELDS, request.form, wrong)
    return make_response(render_template("signup/form.html", fields=shown, wrong=bool(wrong)), status)

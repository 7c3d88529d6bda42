"""The first visit: sign-up, and the link that confirms an e-mail address.

The answer to a sign-up never says whether the address, or the phone, has an account: the mail does.
"""

from datetime import UTC, datetime

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import people
from cashticket.accounts import registration as accounts
from cashticket.accounts.fields import FIELDS, check
from cashticket.accounts.mail_links import LinkRefused
from cashticket.blueprints.introductions import tell_auctions
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.negotiation import problem, wants_json
from cashticket.blueprints.request.rate_limits import (
    MAILS_OF_ACCOUNT,
    SIGN_UPS_OF_ADDRESS,
    address,
    allows,
    count,
    keyed,
)
from cashticket.blueprints.wording import form_fields as field_words
from cashticket.blueprints.wording.formats import language
from cashticket.work import queueing

blueprint = Blueprint("signup", __name__)


@blueprint.get("/signup")
def form() -> Response:
    """The sign-up form; somebody signed in already has an account."""
    if identity.present_person() is not None:
        return make_response(redirect("/me/profile", 303))
    return _form(200, {})


@blueprint.post("/signup")
def sign_up() -> Response:
    """Make the account. 303 to the next step, 422 with every field that must be corrected, 429 after too many."""
    good, wrong = check(request.form, field_words.today())
    if wrong:
        if wants_json():
            said = {field: field_words.problem_of(field, code) for field, code in wrong.items()}
            return problem(422, _("Not signed up"), _("Some fields must be corrected."), errors=said)
        return _form(422, wrong)
    count(SIGN_UPS_OF_ADDRESS, address())
    mail_id = accounts.sign_up(good, language())
    if allows(MAILS_OF_ACCOUNT, keyed(good["email"])):
        queueing.deliver_account_mail_soon(mail_id)
    return make_response(redirect("/signup/sent", 303))


@blueprint.get("/signup/sent")
def sent() -> str:
    """What to do next."""
    return message(
        _("Look into your mailbox"),
        _("We sent you a mail with a link. Follow it to confirm your e-mail address; then you can bid. "
          "If no mail comes, sign in and have it sent again."),
        "/login", _("Sign in"),
    )  # fmt: skip


@blueprint.post("/signup/hint")
def hint() -> Response:
    """The piece under one field (`field`), checked as the whole form will be."""
    name = request.args.get("field", "")
    if name not in FIELDS:
        return make_response("", 404)
    _good, wrong = check(request.form, field_words.today(), (name,))
    shown = field_words.fields((name,), request.form, wrong)[0]
    return make_response(render_template("signup/_hint.html", field=shown))


@blueprint.get("/confirm/<token>")
def confirm(token: str) -> Response:
    """Follow a link from a mail: the address in it is the person's. 410 for a link that opens nothing any more."""
    if request.method == "HEAD":
        # Some mailboxes look at links before people do; looking uses nothing up.
        return make_response("")
    try:
        person, mail_id = accounts.confirm(token, str(current_app.secret_key), datetime.now(UTC))
    except LinkRefused as refused:
        return _confirmed() if accounts.confirmed_before(refused.mail) else _refused()
    except people.EmailTaken:
        return _refused()
    tell_auctions(person)
    queueing.deliver_account_mail_soon(mail_id)
    return _confirmed()


@blueprint.post("/confirm/again")
@identity.signed_in_page
def send_again() -> Response:
    """Another confirmation mail for the signed-in person."""
    person = identity.present_person()
    if person is not None and allows(MAILS_OF_ACCOUNT, keyed(person.email)):
        queueing.deliver_account_mail_soon(accounts.send_again(person.id))
    return make_response(redirect("/signup/sent", 303))


def message(title: str, text: str, href: str, label: str) -> str:
    """A page that says one thing and offers one way on."""
    return render_template("auth/message.html", title=title, text=text, href=href, label=label)


def _confirmed() -> Response:
    text = _("Your e-mail address is confirmed. You can bid now.")
    if identity.current_principal() is not None:
        return make_response(message(_("Thank you"), text, "/concerts/", _("To the concerts")))
    return make_response(message(_("Thank you"), text, "/login", _("Sign in")))


def _refused() -> Response:
    text = _("This link was used already, is too old, or is not whole. Sign in to have a new one sent.")
    return make_response(message(_("The link opens nothing"), text, "/login", _("Sign in")), 410)


def _form(status: int, wrong: dict[str, str]) -> Response:
    shown = field_words.fields(FIELDS, request.form, wrong)
    return make_response(render_template("signup/form.html", fields=shown, wrong=bool(wrong)), status)

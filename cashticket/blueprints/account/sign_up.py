"""Sign-up: the form, its live checks, and what comes next.

The answer to a sign-up is the same whether the address or the phone has an account or not. The mail says it.
"""

from dataclasses import replace
from datetime import UTC, datetime

from flask import Response, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import consent, drafts, passwords, registration
from cashticket.accounts.drafts import Facts, Origin
from cashticket.accounts.fields import AGREEMENTS, FIELDS, check
from cashticket.accounts.mail_links import Purpose
from cashticket.accounts.passwords import TooBusy
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account import sign_up_browser, way_back
from cashticket.blueprints.account.confirmation import blueprint, confirm
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.errors import again_later, stale_form_response, stale_form_sentence
from cashticket.blueprints.request.mail_limits import mail_allowed
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.rate_limits import SIGN_UPS_OF_ADDRESS, Limit, LimitReached, counted, keyed
from cashticket.blueprints.request.security import FormStale
from cashticket.blueprints.wording import form_fields
from cashticket.blueprints.wording.agreements import agreements
from cashticket.blueprints.wording.formats import language
from cashticket.models import AccountMail
from cashticket.work import queueing

__all__ = ["blueprint"]

DRAFTS_AGAIN_SECONDS = 3600


@blueprint.get("/signup")
def form() -> Response:
    """The sign-up form. A signed-in person is sent to `next`, else to the profile."""
    target = way_back.asked_for()
    if identity.present_person() is not None:
        return make_response(redirect("/me/profile" if target == way_back.HOME else target, 303))
    return _form(200, {})


@blueprint.post("/signup")
def sign_up() -> Response:
    """Store the sign-up. 303 to the next step, 422 with the fields to correct, 429 after too many sign-ups."""
    good, wrong = check(request.form, form_fields.today(), FIELDS + AGREEMENTS)
    if wrong:
        if wants_json():
            problems = {field: form_fields.problem_of(field, code) for field, code in wrong.items()}
            return problem_response(422, _("Not signed up"), _("Some fields must be corrected."), errors=problems)
        return _form(422, wrong)
    origin, email = sign_up_browser.origin(), good["email"]
    with counted((SIGN_UPS_OF_ADDRESS,), address()), mail_allowed(Purpose.CONFIRM, email) as allowed:
        hashed = passwords.hash_password(good["password"])
        now = datetime.now(UTC)
        facts = Facts(good["name"], good["birth_date"], good["phone"], hashed, language(), consent.given(now))
        mail_id = _store(email, facts, origin, now) if allowed else None
    record(SecurityEvent.SIGN_UP_REQUESTED, account=keyed(email))
    queueing.deliver_account_mail_soon(mail_id)
    way_back.keep()
    return sign_up_browser.remember(make_response(redirect("/signup/sent", 303)), origin, mail_id, email)


def _store(email: str, facts: Facts, origin: Origin, now: datetime) -> int:
    try:
        return registration.sign_up(email, facts, origin, now)
    except drafts.TooManyDrafts as error:
        record(SecurityEvent.LIMIT_HIT, limit=Limit.DRAFTS_OF_CLIENT)
        raise LimitReached(Limit.DRAFTS_OF_CLIENT, DRAFTS_AGAIN_SECONDS) from error


@blueprint.get("/signup/sent")
def sent() -> str:
    """Asks to follow the link in the mail, names its address, and offers to send it again or to correct the address."""
    mail = _mail_of_newest_sign_up()
    return render_template("signup/sent.html", email=mail.email if mail else "", next=way_back.way_on())


@blueprint.post("/confirm/again")
def send_again() -> Response:
    """Mail the link of this browser's newest sign-up again. The answer is the same without one.

    The work is the same whether the sign-up still waits or the address has an account: the worker finds out.
    """
    earlier = _mail_of_newest_sign_up()
    if earlier is not None:
        with mail_allowed(Purpose.CONFIRM, earlier.email) as allowed:
            mail_id = registration.mail_again(earlier) if allowed else None
        queueing.deliver_account_mail_soon(mail_id)
    return make_response(redirect("/signup/sent", 303))


def _mail_of_newest_sign_up() -> AccountMail | None:
    """The mail of this browser's newest sign-up. It says nothing of whether its address has an account."""
    mail = registration.mail_of_sign_up(sign_up_browser.newest_mail_id(), datetime.now(UTC))
    return mail if mail is not None and sign_up_browser.is_newest_mail_to(mail.email) else None


@blueprint.post("/signup/hint")
def hint() -> Response:
    """The hint under the input `field`, validated like the whole form."""
    name = request.args.get("field", "")
    if name not in FIELDS:
        return make_response("", 404)
    good, wrong = check(request.form, form_fields.today(), (name,))
    shown = form_fields.inputs((name,), request.form, wrong)[0]
    if "birth_date" in good:
        shown = replace(shown, help=form_fields.understood_date(good["birth_date"]))
    return make_response(render_template("signup/_hint.html", field=shown))


@blueprint.errorhandler(FormStale)
def on_stale_form(error: FormStale) -> Response:
    """The form again, filled and with a fresh token; nothing was done."""
    return _form_again(400, stale_form_sentence()) or stale_form_response()


@blueprint.errorhandler(LimitReached)
@blueprint.errorhandler(TooBusy)
def on_later(error: LimitReached | TooBusy) -> Response:
    """The form as it was typed, with the reason why nothing was done."""
    return again_later(error, _form_again)


def _form_again(status: int, sentence: str) -> Response | None:
    """The form of this request, filled, with a sentence on top; None where there is none to show."""
    if wants_json() or request.endpoint not in ("signup.sign_up", "signup.act"):
        return None
    if request.endpoint == "signup.sign_up":
        return _form(status, {}, trouble=sentence)
    answer = confirm(**(request.view_args or {}), trouble=sentence)
    answer.status_code = status
    return answer


def _form(status: int, wrong: dict[str, str], trouble: str = "") -> Response:
    shown = form_fields.inputs(FIELDS, request.form, wrong)
    page = render_template(
        "signup/form.html",
        fields=shown,
        agreements=agreements(request.form, wrong),
        wrong=bool(wrong),
        trouble=trouble,
        next=way_back.asked_for(),
    )
    return make_response(page, status)

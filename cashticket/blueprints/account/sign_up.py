"""Sign-up: the form, its live checks, and what comes next.

The answer to a sign-up is the same whether the address or the phone has an account or not. The mail says it.
"""

from datetime import UTC, datetime

from flask import Response, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import drafts, passwords, registration
from cashticket.accounts.drafts import Facts
from cashticket.accounts.fields import FIELDS, check
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account import sign_up_browser
from cashticket.blueprints.account.confirmation import blueprint, confirm
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.errors import stale_form_response, stale_form_sentence
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.rate_limits import (
    MAILS_OF_ACCOUNT,
    SIGN_UPS_OF_ADDRESS,
    Limit,
    LimitReached,
    allows,
    count,
    keyed,
)
from cashticket.blueprints.request.security import FormStale
from cashticket.blueprints.wording import form_fields, limits
from cashticket.blueprints.wording.formats import language
from cashticket.work import queueing

__all__ = ["blueprint"]

DRAFTS_AGAIN_SECONDS = 3600


@blueprint.get("/signup")
def form() -> Response:
    """The sign-up form. A signed-in person is sent to the profile."""
    if identity.present_person() is not None:
        return make_response(redirect("/me/profile", 303))
    return _form(200, {})


@blueprint.post("/signup")
def sign_up() -> Response:
    """Store the sign-up. 303 to the next step, 422 with the fields to correct, 429 after too many sign-ups."""
    good, wrong = check(request.form, form_fields.today())
    if wrong:
        if wants_json():
            problems = {field: form_fields.problem_of(field, code) for field, code in wrong.items()}
            return problem_response(422, _("Not signed up"), _("Some fields must be corrected."), errors=problems)
        return _form(422, wrong)
    count(SIGN_UPS_OF_ADDRESS, address())
    origin, email = sign_up_browser.origin(), good["email"]
    hashed = passwords.hash_password(good["password"])
    facts = Facts(good["name"], good["birth_date"], good["phone"], hashed, language())
    record(SecurityEvent.SIGN_UP_REQUESTED, account=keyed(email))
    if allows(MAILS_OF_ACCOUNT, keyed(email)):
        try:
            mail_id = registration.sign_up(email, facts, origin, datetime.now(UTC))
        except drafts.TooManyDrafts as error:
            record(SecurityEvent.LIMIT_HIT, limit=Limit.DRAFTS_OF_CLIENT)
            raise LimitReached(Limit.DRAFTS_OF_CLIENT, DRAFTS_AGAIN_SECONDS) from error
        queueing.deliver_account_mail_soon(mail_id)
    return sign_up_browser.remember(make_response(redirect("/signup/sent", 303)), origin)


@blueprint.get("/signup/sent")
def sent() -> str:
    """Asks to follow the link in the mail; offers to send it again."""
    return render_template("signup/sent.html")


@blueprint.post("/confirm/again")
def send_again() -> Response:
    """Mail the link of this browser's newest sign-up again. The answer is the same without one."""
    draft = drafts.newest_of_browser(sign_up_browser.token(), datetime.now(UTC))
    if draft is not None and allows(MAILS_OF_ACCOUNT, keyed(draft.email)):
        queueing.deliver_account_mail_soon(registration.mail_again(draft))
    return make_response(redirect("/signup/sent", 303))


@blueprint.post("/signup/hint")
def hint() -> Response:
    """The hint under the input `field`, validated like the whole form."""
    name = request.args.get("field", "")
    if name not in FIELDS:
        return make_response("", 404)
    _good, wrong = check(request.form, form_fields.today(), (name,))
    shown = form_fields.inputs((name,), request.form, wrong)[0]
    return make_response(render_template("signup/_hint.html", field=shown))


@blueprint.errorhandler(FormStale)
def on_stale_form(error: FormStale) -> Response:
    """The form again, filled and with a fresh token; nothing was done."""
    return _form_again(400, stale_form_sentence()) or stale_form_response()


@blueprint.errorhandler(LimitReached)
def on_limit(reached: LimitReached) -> Response:
    """429 with the form as it was typed."""
    return _not_now(429, reached.seconds, limits.reached(reached.limit, reached.seconds))


@blueprint.errorhandler(passwords.TooBusy)
def on_busy(error: passwords.TooBusy) -> Response:
    """503 with the form as it was typed, while too many passwords are being hashed."""
    return _not_now(503, limits.BUSY_SECONDS, limits.busy())


def _not_now(status: int, seconds: int, sentence: str) -> Response:
    headers = {"Retry-After": str(seconds)}
    answer = _form_again(status, sentence) or problem_response(status, _("Not signed up"), sentence)
    answer.headers.update(headers)
    return answer


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
    return make_response(render_template("signup/form.html", fields=shown, wrong=bool(wrong), trouble=trouble), status)

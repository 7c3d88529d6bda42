"""Signing in and out. KnownBids and unknown e-mail addresses get the same work, the same answer and the same limits."""

from contextlib import suppress
from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import drafts, passwords, people, registration, sessions
from cashticket.accounts.mail_links import Purpose
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account import second_step, sign_up_browser, way_back
from cashticket.blueprints.request import identity, known_browser
from cashticket.blueprints.request.counters import count_sign_in
from cashticket.blueprints.request.errors import stale_form_response, stale_form_sentence
from cashticket.blueprints.request.mail_limits import mail_allowed
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.password_limits import account_key, sign_in_try
from cashticket.blueprints.request.rate_limits import LimitReached
from cashticket.blueprints.request.redirects import safe_next
from cashticket.blueprints.request.security import FormStale
from cashticket.blueprints.request.site_data import clear_site_data
from cashticket.blueprints.wording import limits
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work import queueing
from cashticket.work.introducing import introduce_again

blueprint = Blueprint("auth", __name__)

TYPED_EMAIL_LENGTH_MAX = 300


@blueprint.get("/login")
def login() -> Response:
    """The sign-in form. A signed-in person is redirected to `next`. `again=yes`: they sent a form without a session."""
    target = safe_next(request.args.get("next"))
    if identity.present_person() is not None:
        return make_response(redirect(target, 303))
    identity.forget_dead_session()
    lost = _("You were signed out, so nothing was done. Sign in, then do it once more.")
    return _form(200, target, message=lost if request.args.get("again") == "yes" else "")


@blueprint.post("/login")
def sign_in() -> Response:
    """Check address and password. 303 with a new session, 422 with the form, 429 after too many tries, or 503 while too
    many passwords are being checked."""
    target = safe_next(request.form.get("next"))
    email = request.form.get("email", "")[:TYPED_EMAIL_LENGTH_MAX]
    password = request.form.get("password", "")[: passwords.LENGTH_MAX + 1]
    try:
        with sign_in_try(email, known_browser.token_for(email)) as attempt:
            person = people.authenticate(email, password)
            attempt.judge(right=person is not None)
            needs_second = person is not None and second_step.begin(person, target)
            if person is not None and person.verified_at and not needs_second:
                identity.start_session(person)
    except sessions.Overtaken:
        return _failed(target, email)
    except LimitReached as reached:
        return _too_many(reached, target, email)
    except passwords.TooBusy:
        return _not_now(503, limits.BUSY_SECONDS, limits.busy(), target, email)
    if person is None:
        return _failed(target, email)
    if not person.verified_at:
        return _unconfirmed(person, target, email)
    if needs_second:
        return make_response(redirect("/login/second", 303))
    count_sign_in("ok")
    record(SecurityEvent.SIGN_IN_OK, person_id=person.id)
    return make_response(redirect(target, 303))


@blueprint.post("/logout")
def logout() -> Response:
    """End this session, also for the auctions."""
    ended = identity.end_session()
    if ended is not None:
        record(SecurityEvent.SIGN_OUT, person_id=ended.id)
        introduce_again(current_engine(), ended)
    return clear_site_data(make_response(redirect("/", 303)))


@blueprint.errorhandler(FormStale)
def on_stale_form(error: FormStale) -> Response:
    """The sign-in form again, filled and with a fresh token; nobody was signed in."""
    if request.endpoint != "auth.sign_in" or wants_json():
        return stale_form_response()
    email = request.form.get("email", "")[:TYPED_EMAIL_LENGTH_MAX]
    return _form(400, safe_next(request.form.get("next")), email=email, message=stale_form_sentence())


def _unconfirmed(person: Person, target: str, email: str) -> Response:
    """The answer to the right password of an account that was never confirmed: mails a link to confirm it."""
    count_sign_in("unconfirmed")
    record(SecurityEvent.SIGN_IN_UNCONFIRMED, person_id=person.id)
    origin, mail_id = sign_up_browser.origin(), None
    with suppress(drafts.TooManyDrafts), mail_allowed(Purpose.CONFIRM, person.email) as allowed:
        if allowed:
            mail_id = registration.sign_up_again(person, origin, datetime.now(UTC))
            queueing.deliver_account_mail_soon(mail_id)
    way_back.keep()
    message = _("Confirm your e-mail address first. We sent you a mail with a link; then you can sign in.")
    return sign_up_browser.remember(_not_signed_in(target, email, message), origin, mail_id, person.email)


def _failed(target: str, email: str) -> Response:
    count_sign_in("failed")
    record(SecurityEvent.SIGN_IN_FAILED, account=account_key(email))
    return _not_signed_in(target, email, _("The e-mail address and the password do not fit together."))


def _not_signed_in(target: str, email: str, message: str) -> Response:
    if wants_json():
        return problem_response(422, _("Not signed in"), message)
    return _form(422, target, email=email, message=message)


def _too_many(reached: LimitReached, target: str, email: str) -> Response:
    count_sign_in("limited")
    record(SecurityEvent.SIGN_IN_LIMITED, account=account_key(email), limit=reached.limit)
    message = limits.reached(reached.limit, reached.seconds)
    return _not_now(429, reached.seconds, message, target, email)


def _not_now(status: int, seconds: int, message: str, target: str, email: str) -> Response:
    headers = {"Retry-After": str(seconds)}
    if wants_json():
        return problem_response(status, _("Not signed in"), message, headers)
    answer = _form(status, target, email=email, message=message)
    answer.headers.update(headers)
    return answer


def _form(status: int, target: str, email: str = "", message: str = "") -> Response:
    page = render_template("auth/login.html", next=target, email=email, message=message)
    return make_response(page, status)

"""Signing in and out. Known and unknown e-mail addresses get the same work, the same answer and the same limits."""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import passwords, people
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.counters import count_sign_in
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.password_limits import account_key, sign_in_try
from cashticket.blueprints.request.rate_limits import LimitReached
from cashticket.blueprints.request.redirects import safe_next
from cashticket.blueprints.wording import limits
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again

blueprint = Blueprint("auth", __name__)

TYPED_EMAIL_LENGTH_MAX = 300


@blueprint.get("/login")
def login() -> Response:
    """The sign-in form. A signed-in person is redirected to `next`."""
    target = safe_next(request.args.get("next"))
    if identity.present_person() is not None:
        return make_response(redirect(target, 303))
    identity.forget_dead_session()
    return _form(200, target)


@blueprint.post("/login")
def sign_in() -> Response:
    """Check address and password. 303 with a new session, 422 with the form, 429 after too many tries, or 503 while too
    many passwords are being checked."""
    target = safe_next(request.form.get("next"))
    email = request.form.get("email", "")[:TYPED_EMAIL_LENGTH_MAX]
    password = request.form.get("password", "")[: passwords.LENGTH_MAX + 1]
    try:
        with sign_in_try(email) as attempt:
            person = people.authenticate(email, password)
            attempt.judge(right=person is not None)
            if person is not None:
                identity.start_session(person)
    except LimitReached as reached:
        return _too_many(reached, target, email)
    except passwords.TooBusy:
        return _not_now(503, limits.BUSY_SECONDS, limits.busy(), target, email)
    if person is None:
        return _failed(target, email)
    count_sign_in("ok")
    record(SecurityEvent.SIGN_IN_OK, person_id=person.id)
    return make_response(redirect(target, 303))


@blueprint.post("/logout")
def logout() -> Response:
    """End this session, also for the auctions."""
    ended = identity.end_session()
    if ended is not None:
        introduce_again(current_engine(), ended)
    return make_response(redirect("/", 303))


def _failed(target: str, email: str) -> Response:
    count_sign_in("failed")
    record(SecurityEvent.SIGN_IN_FAILED, account=account_key(email))
    message = _("The e-mail address and the password do not fit together.")
    if wants_json():
        return problem_response(422, _("Not signed in"), message)
    return _form(422, target, email=email, message=message)


def _too_many(reached: LimitReached, target: str, email: str) -> Response:
    count_sign_in("limited")
    record(SecurityEvent.SIGN_IN_LIMITED, account=account_key(email), limit=reached.limit)
    message = _("Too many tries. %(wait)s", wait=limits.wait(reached.seconds))
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

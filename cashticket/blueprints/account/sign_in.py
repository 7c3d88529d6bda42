"""Signing in and out. Known and unknown e-mail addresses get the same work, the same answer and the same limits."""

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.exceptions import TooManyRequests

from cashticket.accounts import passwords, people
from cashticket.accounts.addresses import BadEmail, normalise_email
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.counters import count_sign_in
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.rate_limits import SignInTry
from cashticket.blueprints.request.redirects import safe_next
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
    """Check address and password. 303 with a new session, 422 with the form, or 429 after too many failures."""
    target = safe_next(request.form.get("next"))
    email = request.form.get("email", "")[:TYPED_EMAIL_LENGTH_MAX]
    password = request.form.get("password", "")[: passwords.LENGTH_MAX + 1]
    try:
        attempt = SignInTry(_spelled_one_way(email))
    except TooManyRequests as error:
        count_sign_in("limited")
        return _too_many(error, target, email)
    person = people.authenticate(email, password)
    if person is None:
        count_sign_in("failed")
        message = _("The e-mail address and the password do not fit together.")
        if wants_json():
            return problem_response(422, _("Not signed in"), message)
        return _form(422, target, email=email, message=message)
    attempt.take_back()
    count_sign_in("ok")
    identity.start_session(person)
    return make_response(redirect(target, 303))


@blueprint.post("/logout")
def logout() -> Response:
    """End this session, also for the auctions."""
    ended = identity.end_session()
    if ended is not None:
        introduce_again(current_engine(), ended)
    return make_response(redirect("/", 303))


def _spelled_one_way(email: str) -> str:
    # Different spellings of one address share one limit.
    try:
        return normalise_email(email)
    except BadEmail:
        return email


def _too_many(error: TooManyRequests, target: str, email: str) -> Response:
    seconds = int(str(error.retry_after))
    message = _("Too many failed tries. Try again in %(minutes)s min.", minutes=-(-seconds // 60))
    if wants_json():
        return problem_response(429, _("Too many tries"), message, {"Retry-After": str(seconds)})
    answer = _form(429, target, email=email, message=message)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _form(status: int, target: str, email: str = "", message: str = "") -> Response:
    page = render_template("auth/login.html", next=target, email=email, message=message)
    return make_response(page, status)

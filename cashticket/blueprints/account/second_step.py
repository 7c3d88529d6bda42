"""The second step of a sign-in, and signing in with a passkey alone.

Until the second factor is proved there is no session: the cookie holds the token of a pending sign-in, which opens this
page and nothing else. KnownBids browsers take the second step too.
"""

from flask import (
    Blueprint,
    Response,
    abort,
    g,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    session,
)
from flask_babel import gettext as _

from cashticket.accounts import pending_sign_ins, people, second_factor_proofs, second_factors, sessions
from cashticket.accounts.second_factors import FactorRefused, Method, Reason
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.request import identity, second_factor
from cashticket.blueprints.request.counters import count_sign_in
from cashticket.blueprints.request.errors import stale_form_response, stale_form_sentence
from cashticket.blueprints.request.negotiation import problem_response, wants_json
from cashticket.blueprints.request.redirects import safe_next
from cashticket.blueprints.request.security import FormStale
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.work import queueing

blueprint = Blueprint("second_step", __name__)

TOKEN, NEXT = "second_step", "second_step_next"
"""What the cookie holds between the two steps: the token of the pending sign-in, and the page to go to."""


def begin(person: Person, target: str) -> bool:
    """Begin the second step of `person`, whose password was right. False without a second factor: none is needed."""
    if not second_factors.any_set(person.id):
        return False
    ended = identity.end_earlier_session()
    token = pending_sign_ins.begin(ended if ended is not None and ended.id == person.id else person, utcnow())
    session.clear()
    g.pop("csrf_token", None)
    session[TOKEN], session[NEXT] = token, target
    return True


@blueprint.get("/login/second")
def form() -> Response:
    """The page that asks for a code, a passkey or a recovery code."""
    person = _pending_person()
    if TOKEN not in session:
        return make_response(redirect("/login", 303))
    return _page(200, person) if person else _too_late()


@blueprint.post("/login/second")
def finish() -> Response:
    """Check the second factor. 303 with a new session, 422 with the page, or back to the password after five tries."""
    person, token, now = _pending_person(), session.get(TOKEN, ""), utcnow()
    if person is None:
        return _too_late()
    if not (request.form.get("code", "").strip() or request.form.get("passkey")):
        return _refused(FactorRefused(Reason.MISSING), person)
    if not pending_sign_ins.take_try(token, now):
        return _start_again(_("Too many failed tries. Sign in again."))
    try:
        second_factor.prove(person.id)
        is_open = pending_sign_ins.finish(token, now)
    except FactorRefused as refused:
        if refused.reason is Reason.USED:
            pending_sign_ins.give_back_try(token)
        return _failed(refused, person, token)
    except Exception:
        # What failed on our side was no wrong code.
        pending_sign_ins.give_back_try(token)
        raise
    return _signed_in(person, safe_next(session.get(NEXT))) if is_open else _too_late()


@blueprint.post("/passkeys/options")
def options() -> Response:
    """What the browser needs to ask for a passkey of whoever is signed in or in the second step, as JSON."""
    person = identity.present_person() or _pending_person()
    return _options(person.id) if person else problem_response(401, _("Please sign in"), _("Sign in and try again."))


@blueprint.post("/login/passkey/options")
def options_for_anybody() -> Response:
    """What the browser needs to ask for any passkey of this site, as JSON."""
    return _options(second_factor.ANYBODY)


@blueprint.post("/login/passkey")
def sign_in_with_passkey() -> Response:
    """Sign in without a password. 303 with a new session, 422 with the sign-in form."""
    target = safe_next(request.form.get("next"))
    proof = second_factor.sent_proof(second_factor.ANYBODY)
    try:
        proved = second_factor_proofs.prove_by_passkey(proof, second_factor.means(), utcnow())
    except FactorRefused as refused:
        person, reason = None, refused
    else:
        person, reason = people.person(proved.person_id), FactorRefused(Reason.FOREIGN)
    if person is None or person.closed_at or not person.verified_at:
        return _passkey_refused(reason, target)
    return _signed_in(person, target)


@blueprint.errorhandler(FormStale)
def on_stale_form(error: FormStale) -> Response:
    """The form again with a fresh token; nothing was done, and no try was used."""
    person = _pending_person()
    if wants_json() or request.endpoint not in ("second_step.finish", "second_step.sign_in_with_passkey"):
        return stale_form_response()
    if request.endpoint == "second_step.finish" and person is not None:
        return _page(400, person, stale_form_sentence())
    return _sign_in_form(400, safe_next(request.form.get("next")), stale_form_sentence())


def _pending_person() -> Person | None:
    token = session.get(TOKEN) if TOKEN in session else None
    return pending_sign_ins.person_of(token, utcnow()) if isinstance(token, str) else None


def _signed_in(person: Person, target: str) -> Response:
    try:
        identity.start_session(person)
    except sessions.Overtaken:
        return _too_late()
    second_factor.mark_proved()
    count_sign_in("ok")
    record(SecurityEvent.SIGN_IN_OK, person_id=person.id)
    return make_response(redirect(target, 303))


def _failed(refused: FactorRefused, person: Person, token: str) -> Response:
    count_sign_in("failed")
    mail_id = pending_sign_ins.mail_if_used_up(token, utcnow())
    if mail_id is None:
        return _refused(refused, person)
    queueing.deliver_account_mail_soon(mail_id)
    return _start_again(_("Too many failed tries. Sign in again."))


def _refused(refused: FactorRefused, person: Person) -> Response:
    status = 429 if refused.reason is Reason.TOO_MANY else 422
    headers = {"Retry-After": str(refused.seconds)} if refused.seconds else {}
    problem = second_factor.refusal_text(refused)
    if wants_json():
        return problem_response(status, _("Not signed in"), problem, headers, reason=refused.reason)
    answer = _page(status, person, problem)
    answer.headers.update(headers)
    return answer


def _passkey_refused(refused: FactorRefused, target: str) -> Response:
    count_sign_in("failed")
    record(SecurityEvent.SIGN_IN_FAILED, method=Method.PASSKEY, reason=refused.reason)
    problem = second_factor.refusal_text(refused)
    if refused.reason is Reason.FOREIGN:
        problem = _("No account here has this passkey.")
    if wants_json():
        return problem_response(422, _("Not signed in"), problem, reason=refused.reason)
    return _sign_in_form(422, target, problem)


def _options(person_id: int) -> Response:
    content = second_factor.request_options(person_id)
    return jsonify(content) if content else abort(404)


def _too_late() -> Response:
    return _start_again(_("That took too long. Sign in again."))


def _start_again(message: str) -> Response:
    """The sign-in form with the reason why the second step is over. The page to go to afterwards stays the same."""
    target = safe_next(session.pop(NEXT, None))
    session.pop(TOKEN, None)
    if wants_json():
        return problem_response(422, _("Not signed in"), message)
    return _sign_in_form(422 if request.method == "POST" else 200, target, message)


def _sign_in_form(status: int, target: str, message: str) -> Response:
    return make_response(render_template("auth/login.html", next=target, email="", message=message), status)


def _page(status: int, person: Person, problem: str = "") -> Response:
    factors = second_factors.factors_of(person.id)
    return make_response(render_template("auth/second.html", factors=factors, problem=problem), status)

"""Verifying in the profile who one is: a provider is asked, and the account becomes that person's, and nobody else's.

There are such pages only where IDENTITY_URL is set. The way back from the provider shows a form and does nothing by
itself, so that no link of a stranger acts.
"""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account import way_back
from cashticket.blueprints.account.second_factor import signed_in_person
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.errors import again_later
from cashticket.blueprints.request.rate_limits import IDENTITY_CHECKS, LimitReached, counted
from cashticket.blueprints.wording.identities import problem_of
from cashticket.identity import checks
from cashticket.identity.portone import PortOne
from cashticket.models import IdentityCheck
from cashticket.models.columns import utcnow
from cashticket.models.identity_checks import CheckOutcome
from cashticket.wiring import current_engine, current_settings
from cashticket.work import identity_queueing, proving_identities

blueprint = Blueprint("identities", __name__, url_prefix="/me/profile/identity")

# The provider's window is a script of its own, which talks to hosts that it chooses.
WINDOW_POLICY = (
    "default-src 'self'; script-src 'self' https://cdn.portone.io; style-src 'self'; img-src 'self' data: https:; "
    "connect-src 'self' https:; frame-src https:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self' https:"
)


@blueprint.before_request
def refuse_without_provider() -> None:
    # Strangers are asked to sign in, as at every door of a person.
    if identity.current_principal() is not None and not current_settings().identity_url:
        abort(404)


@blueprint.get("")
@identity.signed_in_page
def show() -> Response:
    """Whether the identity is verified, what became of the last try, and the button that begins one. While the provider
    is being asked the page loads itself anew."""
    check = checks.latest(signed_in_person().id, utcnow())
    if _is_waiting(check):
        # The worker may have been away when the browser came back.
        identity_queueing.ask_soon()
    return _page(200, check)


@blueprint.post("")
@identity.signed_in_page
def begin() -> Response:
    """Begin a verification and go to where the person verifies themselves. 422 without a date of birth."""
    person = signed_in_person()
    if person.birth_date is None:
        return _page(422, None)
    with counted((IDENTITY_CHECKS,), str(person.id)):
        path = proving_identities.begin(person.id, identity.handle(), _address("/back"))
    record(SecurityEvent.IDENTITY_BEGUN, person_id=person.id)
    target = way_back.asked_for()
    more = f"?next={quote(target)}" if "?" not in path and target != way_back.HOME else ""
    return make_response(redirect(path + more, 303))


@blueprint.get("/window")
@identity.signed_in_page
def window() -> Response:
    """The page that opens the provider's window, for a verification that runs."""
    provider, check = proving_identities.here(), checks.latest(signed_in_person().id, utcnow())
    if not isinstance(provider, PortOne) or check is None or check.returned_at is not None:
        return make_response(redirect(_address(), 303))
    page = render_template("me/identity_window.html", account=provider.account, check=check, back=_address("/back"))
    return make_response(page, 200, {"Cache-Control": "no-store", "Content-Security-Policy": WINDOW_POLICY})


@blueprint.get("/back")
@identity.signed_in_page
def back() -> Response:
    """The form that goes on with what the browser has brought back from the provider."""
    brought = {
        "reference": (request.args.get("identityVerificationId") or request.args.get("reference") or "")[:64],
        "answer": request.args.get("answer", "")[:2000],
        "next": way_back.asked_for(),
    }
    return make_response(render_template("me/identity_back.html", **brought), 200, {"Cache-Control": "no-store"})


@blueprint.post("/back")
@identity.signed_in_page
def finish() -> Response:
    """Go on with a verification: judged at once, or, where the provider is elsewhere, as soon as it has answered."""
    person_id = signed_in_person().id
    reference, answer = request.form.get("reference", "")[:64], request.form.get("answer", "")[:2000]
    outcome = proving_identities.came_back(current_engine(), person_id, identity.handle(), reference, answer)
    if outcome is CheckOutcome.PROVEN:
        flash(_("Your identity is verified."), "success")
        target = way_back.asked_for()
        return make_response(redirect("/me/profile" if target == way_back.HOME else target, 303))
    if outcome is None:
        return make_response(redirect(_address(), 303))
    return _page(422, checks.latest(person_id, utcnow()), outcome)


@blueprint.errorhandler(LimitReached)
def on_later(error: LimitReached) -> Response:
    """The page with the reason why nothing was done."""
    return again_later(error, lambda status, text: _page(status, None, refusal=text))


def _is_waiting(check: IdentityCheck | None) -> bool:
    return check is not None and check.returned_at is not None and check.outcome is None


def _page(status: int, check: IdentityCheck | None, outcome: CheckOutcome | None = None, refusal: str = "") -> Response:
    person = signed_in_person()
    outcome = outcome or (check.outcome if check else None)
    values: dict[str, Any] = {
        "person": person,
        "problem": problem_of(outcome) if outcome else "",
        "other_account": (check.other_address or "") if check and outcome is CheckOutcome.TAKEN else "",
        "is_waiting": _is_waiting(check),
        "refusal": refusal,
        "next": way_back.asked_for(),
    }
    return make_response(render_template("me/identity.html", **values), status, {"Cache-Control": "no-store"})


def _address(part: str = "") -> str:
    target = way_back.asked_for()
    return f"/me/profile/identity{part}" + ("" if target == way_back.HOME else f"?next={quote(target)}")

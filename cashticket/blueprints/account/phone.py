"""Proving one's phone in the profile: a code is sent to a number, and typing it makes the number one's own, proven.

There are such pages only where SMS can be sent. Whether a number is another account's is told to nobody who has not
typed the code that was sent there.
"""

from typing import Any
from urllib.parse import quote

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext

from cashticket.accounts.addresses import written_phone
from cashticket.accounts.fields import check
from cashticket.accounts.passwords import TooBusy
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account import way_back
from cashticket.blueprints.account.second_factor import signed_in_person
from cashticket.blueprints.request import identity
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.errors import again_later
from cashticket.blueprints.request.rate_limits import (
    CODES_OF_ADDRESS,
    CODES_OF_PERSON,
    CODES_OF_PERSON_A_DAY,
    CODES_TO_NUMBER,
    CODES_TO_NUMBER_A_DAY,
    TYPED_CODES,
    LimitReached,
    counted,
    counted_together,
    keyed,
)
from cashticket.blueprints.request.windows import Bucket
from cashticket.blueprints.wording import form_fields
from cashticket.identity import phone_codes
from cashticket.identity.phone_codes import Outcome, Proof
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine, current_settings
from cashticket.work import proving_phones

blueprint = Blueprint("phone", __name__, url_prefix="/me/profile/phone")


@blueprint.before_request
def refuse_without_sms() -> None:
    # Strangers are asked to sign in, as at every door of a person.
    if identity.current_principal() is not None and not current_settings().sms_url:
        abort(404)


@blueprint.get("")
@identity.signed_in_page
def show() -> Response:
    """The number, whether it is proven, and the form that has a code sent; while a code runs, the form for it too."""
    return _page(200)


@blueprint.post("")
@identity.signed_in_page
def send_code() -> Response:
    """Have a code sent to the number `phone`; an earlier code ends. 422 for what is no number."""
    person = signed_in_person()
    good, wrong = check(request.form, form_fields.today(), ("phone",))
    if wrong:
        return _page(422, wrong=wrong)
    number = good["phone"]
    if person.phone_proven_at is not None and number == person.phone:
        return _back()
    with counted_together(_buckets(person.id, number)):
        proving_phones.send_code(person.id, number)
    record(SecurityEvent.PHONE_CODE_REQUESTED, person_id=person.id)
    return make_response(redirect(_here(), 303))


@blueprint.post("/code")
@identity.signed_in_page
def prove() -> Response:
    """Prove the number by the code that was sent there. 422 with what to do for any other."""
    person = signed_in_person()
    with counted((TYPED_CODES,), str(person.id)):
        proof = proving_phones.prove(current_engine(), person.id, request.form.get("code", ""))
    if proof.outcome is not Outcome.PROVEN:
        record(SecurityEvent.PHONE_CODE_REFUSED, person_id=person.id, outcome=proof.outcome)
        return _page(422, problem=_problem(proof))
    record(SecurityEvent.PHONE_PROVEN, person_id=person.id)
    flash(_("Your phone is verified."), "success")
    return _back()


@blueprint.errorhandler(LimitReached)
@blueprint.errorhandler(TooBusy)
def on_later(error: LimitReached | TooBusy) -> Response:
    """The page as it was typed, with the reason why nothing was done."""
    return again_later(error, lambda status, text: _page(status, refusal=text))


def _buckets(person_id: int, number: str) -> list[Bucket]:
    """What an SMS counts against: its asker, its number and the network that asks."""
    asker, recipient = str(person_id), keyed(number)
    return [
        Bucket(CODES_OF_PERSON, asker),
        Bucket(CODES_OF_PERSON_A_DAY, asker),
        Bucket(CODES_TO_NUMBER, recipient),
        Bucket(CODES_TO_NUMBER_A_DAY, recipient),
        Bucket(CODES_OF_ADDRESS, address()),
    ]


def _problem(proof: Proof) -> str:
    if proof.outcome is Outcome.WRONG:
        return str(
            ngettext(
                "This is not the code. You have %(num)d more try.",
                "This is not the code. You have %(num)d more tries.",
                proof.tries_left,
            )
        )
    if proof.outcome is Outcome.TAKEN:
        return str(
            _("Another account has verified this number. Sign in with that account, or use a number of your own.")
        )
    return str(_("This code works no more. Have a new one sent."))


def _page(status: int, wrong: dict[str, str] | None = None, problem: str = "", refusal: str = "") -> Response:
    person = signed_in_person()
    code = phone_codes.running(person.id, utcnow())
    saved = written_phone(code.phone if code else person.phone or "")
    values: dict[str, Any] = {
        "field": form_fields.inputs(("phone",), {"phone": request.form.get("phone", saved)}, wrong or {})[0],
        "sent_to": written_phone(code.phone) if code else "",
        "proven": written_phone(person.phone or "") if person.phone_proven_at else "",
        "minutes": int(phone_codes.LIFETIME.total_seconds() // 60),
        "problem": problem,
        "refusal": refusal,
        "next": way_back.asked_for(),
    }
    return make_response(render_template("me/phone.html", **values), status, {"Cache-Control": "no-store"})


def _here() -> str:
    target = way_back.asked_for()
    return "/me/profile/phone" if target == way_back.HOME else f"/me/profile/phone?next={quote(target)}"


def _back() -> Response:
    target = way_back.asked_for()
    return make_response(redirect("/me/profile" if target == way_back.HOME else target, 303))

"""The links of `/confirm/<token>`: they confirm a sign-up or a new address, or undo a change of address.

Opening one changes nothing and shows a form; the form acts. Nobody is signed in by a link. Who opens the link of a
sign-up in another browser than the one that signed up types the password of the sign-up, or all facts anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _

from cashticket.accounts import consent, mail_links, passwords, people, registration
from cashticket.accounts.browsers import described
from cashticket.accounts.drafts import Facts
from cashticket.accounts.fields import AGREEMENTS, check
from cashticket.accounts.mail_links import LinkRefused, Purpose
from cashticket.accounts.registration import SignUp
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.account import address_links, sign_up_browser, way_back
from cashticket.blueprints.account.messages import change_refused, confirmation_refused, confirmed_before, message
from cashticket.blueprints.request.identity import current_principal
from cashticket.blueprints.request.password_limits import link_try
from cashticket.blueprints.request.rate_limits import CONFIRMATIONS_OF_LINK, counted, keyed
from cashticket.blueprints.wording import form_fields
from cashticket.blueprints.wording.agreements import agreements
from cashticket.blueprints.wording.formats import language
from cashticket.models import AccountMail, Person
from cashticket.wiring import current_engine, current_settings
from cashticket.work.introducing import introduce_again

blueprint = Blueprint("signup", __name__)

LINKS = (Purpose.CONFIRM, Purpose.CHANGE, Purpose.EMAIL_CHANGED)
ANEW = ("password", "name", "birth_date", "phone")
"""What somebody types who did not make the sign-up; the address is the one that the mail went to."""


@blueprint.get("/confirm/<token>")
def confirm(token: str, trouble: str = "") -> Response:
    """The form of a link from a mail. 410 for a link that was used, has expired or is malformed."""
    try:
        mail = _link(token)
        if mail.purpose != Purpose.CONFIRM:
            return address_links.show(mail, trouble)
        return _page(registration.opened(mail, datetime.now(UTC)), trouble=trouble)
    except LinkRefused as refused:
        return _refused(refused)


@blueprint.post("/confirm/<token>")
def act(token: str) -> Response:
    """Do what the link is for. 303, 410 for a link that works no more, 422 with what to correct."""
    try:
        mail = _link(token)
        if mail.purpose != Purpose.CONFIRM:
            return address_links.act(mail)
        return _confirm(registration.opened(mail, datetime.now(UTC)))
    except LinkRefused as refused:
        return _refused(refused)


@blueprint.get("/confirm/done")
def confirmed() -> str:
    """Says that the address is confirmed; leads back to where the sign-up began, over sign-in without a session. With
    `of=change`, that an account has a new address."""
    if request.args.get("of") == "change":
        text = _("From now on you sign in with the new address, and our mails go there.")
        if current_principal() is not None:
            return message(_("Thank you"), text, "/me/profile", _("Profile"))
        return message(_("Thank you"), text, "/login", _("Sign in"))
    text = _("Your e-mail address is confirmed. You can bid now.")
    if current_principal() is not None:
        if (target := way_back.way_on()) != way_back.HOME:
            return message(_("Thank you"), text, target, _("Go on where you were"))
        return message(_("Thank you"), text, "/concerts/", _("To the concerts"))
    text = _("Your e-mail address is confirmed. Sign in, and you can bid.")
    return message(_("Thank you"), text, way_back.leading_back("/login"), _("Sign in"))


def _link(token: str) -> AccountMail:
    return mail_links.read(token, LINKS, current_settings().signing_keys, datetime.now(UTC))


def _confirm(sign_up: SignUp) -> Response:
    typed = request.form
    facts, wrong = _anew(sign_up, typed) if typed.get("anew") == "yes" else _as_signed_up(sign_up, typed)
    if facts is None:
        return _page(sign_up, wrong)
    with counted((CONFIRMATIONS_OF_LINK,), str(sign_up.mail.id)):
        try:
            person = _account_of(sign_up, facts)
        except people.PhoneTaken:
            return _page(sign_up, {"phone": "taken"})
    record(SecurityEvent.SIGN_UP_CONFIRMED, person_id=person.id)
    sign_up_browser.forget_mail()
    introduce_again(current_engine(), person)
    return make_response(redirect("/confirm/done", 303))


def _account_of(sign_up: SignUp, facts: Facts) -> Person:
    """Make the account. A number that another account only claimed keeps nobody out: the account is made without it,
    and whoever proves the number has it. Raises LinkRefused, people.PhoneTaken."""
    try:
        return registration.confirm(sign_up, facts)
    except people.PhoneTaken as taken:
        if taken.is_proven or not current_settings().sms_url:
            raise
        return registration.confirm(sign_up, replace(facts, phone=None))


def _as_signed_up(sign_up: SignUp, typed: Mapping[str, str]) -> tuple[Facts | None, dict[str, str]]:
    """The facts of the sign-up, with another phone number if one was typed; or what is wrong."""
    if not sign_up.made_by(sign_up_browser.token()) and not _knows_password(sign_up, typed.get("password", "")):
        return None, {"password": "not_this"}
    facts = sign_up.facts
    if "phone" in typed:
        good, wrong = check(typed, form_fields.today(), ("phone",))
        if wrong:
            return None, wrong
        facts = replace(facts, phone=good["phone"])
    return facts, {}


def _anew(sign_up: SignUp, typed: Mapping[str, str]) -> tuple[Facts | None, dict[str, str]]:
    """The facts as typed now; nothing of the sign-up but the address counts."""
    good, wrong = check({**typed, "email": sign_up.email}, form_fields.today(), ANEW + AGREEMENTS)
    if wrong:
        return None, wrong
    hashed, agreed = passwords.hash_password(good["password"]), consent.given(datetime.now(UTC))
    return Facts(good["name"], good["birth_date"], good["phone"], hashed, language(), agreed), {}


def _knows_password(sign_up: SignUp, password: str) -> bool:
    """Whether `password` is the one of the sign-up. Raises LimitReached after too many tries with one link."""
    with link_try(sign_up.mail.id) as attempt:
        right = registration.proves(sign_up, password[: passwords.LENGTH_MAX + 1])
        attempt.judge(right=right)
    if not right:
        record(SecurityEvent.PASSWORD_REFUSED, account=keyed(sign_up.email))
    return right


def _page(sign_up: SignUp, wrong: Mapping[str, str] | None = None, trouble: str = "") -> Response:
    wrong = wrong or {}
    anew = request.values.get("anew") == "yes"
    asks_phone = not anew and ("phone" in wrong or "phone" in request.form)
    page = render_template(
        "signup/confirm_anew.html" if anew else "signup/confirm.html",
        email=sign_up.email,
        made_at=sign_up.created_at,
        browser=described(sign_up.browser),
        this_browser=sign_up.made_by(sign_up_browser.token()),
        password_problem=form_fields.problem_of("password", wrong["password"]) if "password" in wrong else "",
        fields=form_fields.inputs(ANEW if anew else ("phone",) if asks_phone else (), request.form, wrong),
        agreements=agreements(request.form, wrong) if anew else [],
        trouble=trouble,
    )
    return make_response(page, 422 if wrong else 200)


def _refused(refused: LinkRefused) -> Response:
    record(SecurityEvent.LINK_REFUSED)
    if refused.mail is not None and refused.mail.purpose != Purpose.CONFIRM:
        return change_refused()
    return confirmed_before() if registration.confirmed_before(refused.mail) else confirmation_refused()

"""The second factor in a request: challenges for passkeys, and the fields that prove one.

Every form that needs a proof has the field `code` for a code of the app or a recovery code, and the hidden field
`passkey`, which the script fills with the answer of a passkey. A challenge is kept in the signed session, for one
answer within five minutes, and for one account or for a sign-in without a password.
"""

import ipaddress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Blueprint, current_app, request, session
from flask_babel import gettext as _

from cashticket.accounts import passkey_ceremonies, second_factor_proofs, second_factors, step_up
from cashticket.accounts.passkey_ceremonies import RelyingParty
from cashticket.accounts.second_factors import FactorRefused, Means, Proof, Reason
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.request.identity import current_principal
from cashticket.blueprints.request.origin import origin_of
from cashticket.models.columns import utcnow
from cashticket.wiring import current_settings
from cashticket.work import queueing

blueprint = Blueprint("second_factor_guard", __name__)

CHALLENGES = {"prove": "passkey_challenge", "create": "new_passkey_challenge"}
"""Purpose of a challenge → where the session keeps it: adding a passkey may take a proof by another one."""
ANYBODY = 0


def means() -> Means:
    """What checking a proof takes, from the settings."""
    fallbacks = current_app.config.get("SECRET_KEY_FALLBACKS") or []
    return Means(relying_party(), (str(current_app.secret_key), *map(str, fallbacks)))


def relying_party() -> RelyingParty | None:
    """The site as authenticators know it, by BASE_URL. None at a bare IP address, where browsers allow no passkeys.

    In development the loopback address goes by the name `localhost`, at which passkeys work.
    """
    base = current_settings().base_url
    host = urlsplit(base).hostname or ""
    try:
        is_loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        return RelyingParty(host, origin_of(base))
    if not is_loopback or current_settings().production:
        return None
    return RelyingParty("localhost", origin_of(base).replace(host, "localhost").replace("[localhost]", "localhost"))


class Challenge(NamedTuple):
    """A challenge that this browser was given; `handle` is the account's name for authenticators, if it makes one."""

    challenge: str
    handle: str


def give_challenge(purpose: str, person_id: int, handle: str = "") -> str:
    """A new challenge for this browser, which only this purpose and this account (0: anybody's) can answer."""
    challenge = passkey_ceremonies.new_challenge()
    session[CHALLENGES[purpose]] = [person_id, challenge, int(utcnow().timestamp()), handle]
    return challenge


def take_challenge(purpose: str, person_id: int) -> Challenge | None:
    """The challenge that this browser was given, once; None if it was given none, or for something else."""
    content = session.pop(CHALLENGES[purpose], None)
    if not isinstance(content, list) or len(content) != 4 or content[0] != person_id:
        return None
    age = int(utcnow().timestamp()) - int(content[2])
    is_fresh = age <= second_factor_proofs.CHALLENGE_LIFETIME.total_seconds()
    return Challenge(str(content[1]), str(content[3])) if is_fresh else None


def request_options(person_id: int) -> dict[str, Any] | None:
    """Options for a passkey of this account, 0 for anybody's, as JSON; None where passkeys do not work."""
    party = relying_party()
    if party is None:
        return None
    passkeys = second_factors.passkeys_of(person_id) if person_id else []
    challenge = give_challenge("prove", person_id)
    return passkey_ceremonies.request_options(party, challenge, passkeys, alone=person_id == ANYBODY)


def sent_proof(person_id: int) -> Proof:
    """The proof in the form of this request. Its challenge is used up."""
    answer = request.form.get("passkey", "")
    given = take_challenge("prove", person_id) if answer else None
    return Proof(request.form.get("code", ""), answer, given.challenge if given else None)


def prove(person_id: int) -> None:
    """Check the proof in the form of this request, for this account. Mails and logs what happened.

    Raises FactorRefused.
    """
    try:
        proved = second_factor_proofs.prove(person_id, sent_proof(person_id), means(), utcnow())
    except FactorRefused as refused:
        log_refusal(refused, person_id)
        raise
    queueing.deliver_account_mail_soon(proved.mail_id)


def prove_if_set(person_id: int) -> FactorRefused | None:
    """Check the proof in this request if the signed-in person has a second factor; None when nothing is missing.

    A proof also counts for acts of the next 15 minutes that need a recent one.
    """
    if not second_factors.any_set(person_id):
        return None
    try:
        prove(person_id)
    except FactorRefused as refused:
        return refused
    mark_proved()
    return None


def mark_proved() -> None:
    """Note that this session has just proved a second factor."""
    if principal := current_principal():
        step_up.mark_proved(principal.handle, utcnow())


def log_refusal(refused: FactorRefused, person_id: int | None) -> None:
    """Write one line about a proof that was refused; an empty field is none."""
    if refused.reason is not Reason.MISSING:
        record(SecurityEvent.SECOND_FACTOR_FAILED, person_id=person_id, reason=refused.reason)


def refusal_text(refused: FactorRefused) -> str:
    """What the reader can do about a refused proof."""
    if refused.reason is Reason.TOO_MANY:
        minutes = -(-refused.seconds // 60)
        text: str = _(
            "Too many wrong codes. Use a passkey or a recovery code, or wait %(minutes)s min.", minutes=minutes
        )
        return text
    texts: dict[Reason, str] = {
        Reason.MISSING: _("Type a code, or use your passkey."),
        Reason.WRONG: _("The code is not right. Type the newest code of your app, or a recovery code."),
        Reason.USED: _("This code was used already. Wait for the next one."),
        Reason.CHALLENGE: _("That took too long. Use your passkey once more."),
        Reason.FOREIGN: _("This passkey does not belong to this account."),
        Reason.CLONED: _("This passkey is refused, because there may be a copy of it. Use another way."),
        Reason.SIGN_IN_AGAIN: _("Too many failed tries. Sign in again."),
        Reason.UNVERIFIED: _("This passkey did not check who you are. Sign in with your password."),
        Reason.PASSWORD_FIRST: _("Your password was reset. Sign in with it once, then this passkey works alone again."),
    }
    return texts[refused.reason]


@blueprint.record_once
def offer_to_templates(state: Any) -> None:
    state.app.jinja_env.globals["passkey_origin"] = lambda: party.origin if (party := relying_party()) else ""

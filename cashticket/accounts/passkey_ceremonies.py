"""What browsers and authenticators exchange about passkeys (WebAuthn): options out, checked answers in.

A passkey is bound to the site's host (the relying party id) and its answers name the page's origin, so an answer given
to another site is refused here. Attestation is not asked for: which make of authenticator somebody uses is theirs to
choose.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import webauthn
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    options_to_json_dict,
    parse_authentication_credential_json,
)
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from cashticket.models import Passkey
from cashticket.models.second_factors import CREDENTIAL_ID_LENGTH_MAX, PUBLIC_KEY_LENGTH_MAX

CHALLENGE_BYTES = 32
USER_HANDLE_BYTES = 32
TIMEOUT_MS = 5 * 60 * 1000
ANSWER_LENGTH_MAX = 16_000

T = TypeVar("T")


class AnswerRefused(Exception):
    """The answer of a browser proves nothing: malformed, for another challenge or site, or signed by another key."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """The site as authenticators know it: `id` is its host, `origin` the origin of its pages."""

    id: str
    origin: str
    name: str = "CashTicket"


class NewKey(NamedTuple):
    """What a registration brings, in base64url."""

    credential_id: str
    public_key: str
    sign_count: int


class Signature(NamedTuple):
    """What a checked answer says. `sign_count` counts the uses of the authenticator, 0 if it does not count."""

    sign_count: int
    user_verified: bool


def new_challenge() -> str:
    """A random challenge in base64url."""
    return bytes_to_base64url(secrets.token_bytes(CHALLENGE_BYTES))


def new_user_handle() -> str:
    """A random name of an account for authenticators, in base64url. It says nothing about the person."""
    return bytes_to_base64url(secrets.token_bytes(USER_HANDLE_BYTES))


def creation_options(
    party: RelyingParty, challenge: str, email: str, user_handle: str, present: Sequence[Passkey]
) -> dict[str, Any]:
    """The options with which a browser makes a passkey, as JSON. An authenticator of `present` makes no second one.

    A key that can be found without typing an address is preferred, because it can replace the password too.
    """
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_name=email,
        user_id=base64url_to_bytes(user_handle),
        challenge=base64url_to_bytes(challenge),
        timeout=TIMEOUT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_descriptors(present),
    )
    return options_to_json_dict(options)


def request_options(party: RelyingParty, challenge: str, passkeys: Sequence[Passkey], *, alone: bool) -> dict[str, Any]:
    """The options with which a browser asks for one of `passkeys`, or for any of this site if there are none.

    `alone`: the passkey is the only proof, so the authenticator must verify its owner by PIN, face or finger. Beside a
    password possession is the second factor, and a security key without a PIN is good enough.
    """
    needed = UserVerificationRequirement.REQUIRED if alone else UserVerificationRequirement.PREFERRED
    options = webauthn.generate_authentication_options(
        rp_id=party.id,
        challenge=base64url_to_bytes(challenge),
        timeout=TIMEOUT_MS,
        allow_credentials=_descriptors(passkeys),
        user_verification=needed,
    )
    return options_to_json_dict(options)


def read_registration(answer: str, party: RelyingParty, challenge: str) -> NewKey:
    """The key that a browser has made for `challenge`. Raises AnswerRefused."""
    verified = _checked(
        lambda: webauthn.verify_registration_response(
            credential=answer[:ANSWER_LENGTH_MAX],
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
        )
    )
    key = NewKey(
        bytes_to_base64url(verified.credential_id),
        bytes_to_base64url(verified.credential_public_key),
        verified.sign_count,
    )
    if len(key.credential_id) > CREDENTIAL_ID_LENGTH_MAX or len(key.public_key) > PUBLIC_KEY_LENGTH_MAX:
        raise AnswerRefused
    return key


def named_credential(answer: str) -> tuple[str, str | None]:
    """The credential id and the user handle, if any, that an answer claims, in base64url. Raises AnswerRefused."""
    parsed = _checked(lambda: parse_authentication_credential_json(answer[:ANSWER_LENGTH_MAX]))
    handle = parsed.response.user_handle
    return bytes_to_base64url(parsed.raw_id), bytes_to_base64url(handle) if handle else None


def check_signature(answer: str, party: RelyingParty, challenge: str, passkey: Passkey) -> Signature:
    """Check that `passkey` signed `challenge` for this site. Raises AnswerRefused.

    The caller compares the count of uses: a smaller one is the sign of a copied authenticator.
    """
    verified = _checked(
        lambda: webauthn.verify_authentication_response(
            credential=answer[:ANSWER_LENGTH_MAX],
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=base64url_to_bytes(passkey.public_key),
            credential_current_sign_count=0,
        )
    )
    return Signature(verified.new_sign_count, verified.user_verified)


def _descriptors(passkeys: Sequence[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(passkey.credential_id)) for passkey in passkeys]


def _checked(work: Callable[[], T]) -> T:
    try:
        return work()
    except Exception as error:
        # Bytes of strangers go through several parsers; whatever one of them raises, nothing is proved.
        raise AnswerRefused from error

"""The CSRF token of forms: a secret of the signed session. It lives as long as its session, as auction pages do.

Only the browser of the session is given the secret, so the secret alone counts. Tokens are signed as well, because a
process of the release before, which answers beside this one during an upgrade, checks their signature.
"""

import hmac
import json
import secrets

from flask import Blueprint, g, session
from itsdangerous.encoding import base64_encode

from cashticket.signing import serializer
from cashticket.wiring import current_settings

blueprint = Blueprint("form_tokens", __name__)

FIELD = "csrf_token"
PURPOSE = "form-token"


@blueprint.app_template_global("csrf_token")
def form_token() -> str:
    """The token for forms of this request, the same one for all of them. Begins a session if there is none."""
    if FIELD not in g:
        if FIELD not in session:
            # Too random to be compressed, so that pages of one kind have one length.
            session[FIELD] = secrets.token_urlsafe(24)
        setattr(g, FIELD, serializer(current_settings().signing_keys, PURPOSE).dumps(session[FIELD]))
    return str(g.get(FIELD))


def is_form_token(token: str | None) -> bool:
    """Whether `token` was made for the session of this request."""
    secret = session.get(FIELD)
    if not token or not isinstance(secret, str):
        return False
    value, signature_mark, _ = token.partition(".")
    # Without a signature it is the secret itself, as a later release may hand it out.
    expected = base64_encode(json.dumps(secret)) if signature_mark else secret.encode()
    return hmac.compare_digest(value.encode(), expected)

"""The page of the provider that pretends, for development and tests: it asks who one is and believes it."""

from urllib.parse import urlencode

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request

from cashticket.accounts.fields import check
from cashticket.blueprints.request import identity
from cashticket.blueprints.wording import form_fields
from cashticket.identity.local import Local
from cashticket.identity.provider import Identity, NotIdentified
from cashticket.models.columns import utcnow
from cashticket.wiring import current_settings
from cashticket.work import proving_identities

blueprint = Blueprint("local_identity", __name__, url_prefix="/me/profile/identity/local")

FIELDS = ("name", "birth_date")
KEY_LENGTH_MAX = 88
"""As long as a CI is."""


@blueprint.get("")
@identity.signed_in_page
def show() -> Response:
    """The form of a signed request: name, date of birth and key. 404 for any other request."""
    _requested()
    return _page(200, {})


@blueprint.post("")
@identity.signed_in_page
def act() -> Response:
    """Sign that this person was seen, or with `stop=yes` that nobody was, and send the browser back."""
    provider, reference, back = _requested()
    answer = ""
    if request.form.get("stop") != "yes":
        good, wrong = check(request.form, form_fields.today(), FIELDS)
        if wrong:
            return _page(422, wrong)
        seen = Identity(good["name"], good["birth_date"], request.form.get("key", "").strip()[:KEY_LENGTH_MAX])
        answer = provider.signed(reference, seen, utcnow())
    joint = "&" if "?" in back else "?"
    return make_response(redirect(f"{back}{joint}{urlencode({'reference': reference, 'answer': answer})}", 303))


def _requested() -> tuple[Local, str, str]:
    provider = proving_identities.here() if current_settings().identity_url else None
    if not isinstance(provider, Local):
        abort(404)
    try:
        return provider, *provider.requested(request.values.get("request", "")[:2000])
    except NotIdentified:
        abort(404)


def _page(status: int, wrong: dict[str, str]) -> Response:
    values = {
        "fields": form_fields.inputs(FIELDS, request.form, wrong),
        "request_text": request.values.get("request", ""),
        "key": request.form.get("key", ""),
        "is_wrong": bool(wrong),
    }
    return make_response(render_template("me/identity_local.html", **values), status, {"Cache-Control": "no-store"})

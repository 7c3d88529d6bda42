"""The account's part of the page header, which pages that are the same for everybody load after themselves."""

from flask import Blueprint, current_app, render_template, request

from cashticket.blueprints.request.identity import answer_as_stranger, current_principal, present_person
from cashticket.blueprints.request.redirects import safe_next
from cashticket.signing import keyed_hash

blueprint = Blueprint("header", __name__, url_prefix="/me/header")


@blueprint.get("")
def header() -> str:
    """The reader's menu, bell and form to sign out; for anonymous visitors the link to sign in, which leads back to the
    page named by `next`. Two SQL statements for a signed-in person."""
    if present_person() is None:
        answer_as_stranger()
    return render_template("me/_header.html", back_to=safe_next(request.args.get("next")))


@blueprint.app_template_global()
def session_mark() -> str:
    """A name for the session of this request that tells nothing of it, "" without one. The open pages of one session
    share a socket; a page of somebody who signs in later has another name."""
    principal = current_principal()
    if principal is None:
        return ""
    session = f"{principal.id}.{principal.handle}"
    return keyed_hash([str(current_app.secret_key or "")], "open pages", session).partition(":")[2]

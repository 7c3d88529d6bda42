"""The account's part of the page header, which pages that are the same for everybody load after themselves."""

from flask import Blueprint, render_template, request

from cashticket.blueprints.request.identity import present_person
from cashticket.blueprints.request.redirects import safe_next

blueprint = Blueprint("header", __name__, url_prefix="/me/header")


@blueprint.get("")
def header() -> str:
    """The reader's menu, bell and form to sign out; for anonymous visitors the link to sign in, which leads back to the
    page named by `next`. Two SQL statements for a signed-in person."""
    present_person()
    return render_template("me/_header.html", back_to=safe_next(request.args.get("next")))

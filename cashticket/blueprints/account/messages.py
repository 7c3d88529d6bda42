"""Pages of accounts that hold one message and one link: what was done, or why a link from a mail was refused."""

from flask import Response, make_response, render_template
from flask_babel import gettext as _

from cashticket.blueprints.request.identity import current_principal


def message(title: str, text: str, href: str, label: str) -> str:
    """A page with one message and one link, named `label`, to `href`."""
    return render_template("auth/message.html", title=title, text=text, href=href, label=label)


def email_confirmed() -> Response:
    """Says that the address is confirmed; leads to the concerts, or to sign-in without a session."""
    text = _("Your e-mail address is confirmed. You can bid now.")
    if current_principal() is not None:
        return make_response(message(_("Thank you"), text, "/concerts/", _("To the concerts")))
    return make_response(message(_("Thank you"), text, "/login", _("Sign in")))


def confirmation_refused() -> Response:
    """410 for a confirmation link that was used, has expired or is malformed."""
    text = _("This link was used already, is too old, or is not whole. Sign in to have a new one sent.")
    return make_response(message(_("The link opens nothing"), text, "/login", _("Sign in")), 410)


def reset_refused() -> Response:
    """410 for a password link that was used, has expired or is malformed."""
    text = _("This link was used already, is too old, or is not whole. Ask for a new one.")
    return make_response(message(_("The link opens nothing"), text, "/reset", _("Ask for a new link")), 410)

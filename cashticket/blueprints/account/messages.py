"""Pages of accounts that hold one message and one link: what was done, or why a link from a mail was refused."""

from flask import Response, make_response, render_template
from flask_babel import gettext as _

from cashticket.blueprints.account.way_back import leading_back


def message(title: str, text: str, href: str, label: str) -> str:
    """A page with one message and one link, named `label`, to `href`."""
    return render_template("auth/message.html", title=title, text=text, href=href, label=label)


def confirmed_before() -> Response:
    """200 for a confirmation link whose address was confirmed already."""
    text = _("This e-mail address is confirmed already. Sign in with it.")
    return make_response(message(_("Already confirmed"), text, leading_back("/login"), _("Sign in")))


def confirmation_refused() -> Response:
    """410 for a confirmation link that was used, has expired or is malformed."""
    text = _("This link was used already, is too old, or is not whole. Sign up again to have a new one sent.")
    return make_response(message(_("The link opens nothing"), text, leading_back("/signup"), _("Sign up")), 410)


def change_refused() -> Response:
    """410 for a link to a new address, or back to an old one, that was used, is too old or was voided."""
    text = _("This link was used already, is too old, or was ended by a later change of the account.")
    return make_response(message(_("The link opens nothing"), text, "/me/profile", _("Profile")), 410)


def address_taken() -> Response:
    """410 for a change of address to one that another account has meanwhile."""
    text = _("Another account has this e-mail address now, so nothing was changed.")
    return make_response(message(_("Nothing was changed"), text, "/login", _("Sign in")), 410)


def reset_refused() -> Response:
    """410 for a password link that was used, has expired or is malformed."""
    text = _("This link was used already, is too old, or is not whole. Ask for a new one.")
    return make_response(message(_("The link opens nothing"), text, "/reset", _("Ask for a new link")), 410)

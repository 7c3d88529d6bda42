"""The facts of an organiser under their labels. Filters and globals of every template."""

from flask import Blueprint
from flask_babel import gettext as _

from cashticket.catalogue.organisers import OrganiserFacts
from cashticket.wiring import current_settings

blueprint = Blueprint("organiser_wording", __name__)


@blueprint.app_template_global()
def site_organiser() -> OrganiserFacts:
    """Who runs this site, and sells the seats of concerts that name no organiser of their own."""
    settings = current_settings()
    return OrganiserFacts(**{name: getattr(settings, f"organiser_{name}") for name in OrganiserFacts.__slots__})


@blueprint.app_template_filter()
def organiser_rows(facts: OrganiserFacts) -> list[tuple[str, str]]:
    """Label and text of each fact; the text is empty where it is not filled in."""
    labels = {
        "name": _("Business name"),
        "representative": _("Representative"),
        "registration_number": _("Business registration number"),
        "mail_order_number": _("Mail-order sales report number"),
        "address": _("Address"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "hours": _("Opening hours"),
    }
    return [(str(label), getattr(facts, name)) for name, label in labels.items()]


@blueprint.app_template_filter()
def organiser_gaps(facts: OrganiserFacts) -> str:
    """The labels of the facts that are not filled in, with commas between."""
    return ", ".join(label for label, text in organiser_rows(facts) if not text)

"""Help, terms of use, privacy policy, and cancellation with refunds: the same bytes for everybody in one language.

Their texts are long and wholes of their own, so each language has a template of its own below `templates/trust`.
"""

from flask import Blueprint, Response, render_template, url_for

from cashticket.accounts.consent import PRIVACY_VERSION, TERMS_VERSION
from cashticket.blueprints.request.languages import chosen_language
from cashticket.blueprints.request.public_pages import public_page
from cashticket.blueprints.wording.formats import language

blueprint = Blueprint("trust", __name__)

TEXTS = {
    "help": {"ko": "trust/ko/help.html", "en": "trust/en/help.html"},
    "terms": {"ko": "trust/ko/terms.html", "en": "trust/en/terms.html"},
    "privacy": {"ko": "trust/ko/privacy.html", "en": "trust/en/privacy.html"},
    "refunds": {"ko": "trust/ko/refunds.html", "en": "trust/en/refunds.html"},
}
VERSIONS = {"terms": TERMS_VERSION, "privacy": PRIVACY_VERSION}


@blueprint.get("/help", endpoint="help")
def show_help() -> Response:
    """Bidding in four steps, an example, and frequent questions."""
    return _page("help")


@blueprint.get("/terms", endpoint="terms")
def show_terms() -> Response:
    """The terms of use that people agree to at sign-up."""
    return _page("terms")


@blueprint.get("/privacy", endpoint="privacy")
def show_privacy() -> Response:
    """What is stored about people, why, and for how long."""
    return _page("privacy")


@blueprint.get("/refunds", endpoint="refunds")
def show_refunds() -> Response:
    """Until when a bought seat can be cancelled, and what that costs."""
    return _page("refunds")


def _page(name: str) -> Response:
    version = VERSIONS.get(name)

    def render() -> str:
        return render_template(
            TEXTS[name][language()],
            for_all=True,
            back_to=url_for(f"trust.{name}"),
            chosen_language=chosen_language(),
            version=version,
        )

    return public_page((name, version), render)

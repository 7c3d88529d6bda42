"""What concerts are called, in the reader's language. Jinja filters of every template."""

from flask import Blueprint

from cashticket.blueprints.wording.formats import language
from cashticket.catalogue.listings import ConcertFacts
from cashticket.locale import in_language
from cashticket.models import Concert

blueprint = Blueprint("concert_wording", __name__)


@blueprint.app_template_filter()
def title_of(concert: Concert | ConcertFacts) -> str:
    """The title of a concert."""
    return in_language(language(), concert.title, concert.title_en)


@blueprint.app_template_filter()
def artist_of(concert: Concert | ConcertFacts) -> str:
    """Who plays."""
    return in_language(language(), concert.artist, concert.artist_en)


@blueprint.app_template_filter()
def venue_of(concert: Concert | ConcertFacts) -> str:
    """Where it takes place."""
    return in_language(language(), concert.venue, concert.venue_en)

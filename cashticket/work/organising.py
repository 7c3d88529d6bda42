"""Adding organisers: their facts, and their own people, of whom every open auction is told at once."""

from collections.abc import Iterable

from cashticket.accounts import own_people, people
from cashticket.catalogue import organisers
from cashticket.catalogue.organisers import OrganiserFacts
from cashticket.engine.interface import Engine
from cashticket.models import Organiser
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.introducing import introduce_again


@renewing_pages()
def save_organiser(engine: Engine, facts: OrganiserFacts, addresses: Iterable[str]) -> Organiser:
    """Store an organiser, or fill in the one of this name, and add whoever has these addresses (normalised) to its own
    people. Raises NotPublishable.

    Should the live store be away, the watch tells the auctions before they take bids again.
    """
    organiser = organisers.save(facts)
    for person_id in own_people.add(organiser.id, addresses):
        introduce_again(engine, people.change(person_id, lambda row: None))
    return organiser

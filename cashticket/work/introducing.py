"""Telling auctions who is at their door: the one question to the tables that later bids are spared, and the news
that a person's right to bid or session epoch has changed."""

import logging

from cashticket.accounts import age_limits
from cashticket.blueprints.request.identity import present_person
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.introductions import introduce_everywhere
from cashticket.ledger import queries
from cashticket.models import Person
from cashticket.wiring import current_engine

log = logging.getLogger(__name__)


def introduce(auction_id: int) -> Person | None:
    """Tell the auction of the signed-in person, if the session lives. Raises UnknownAuction, StoreUnavailable."""
    person = present_person()
    if person is not None:
        auction = queries.auction(auction_id)
        permission = age_limits.permission(person, auction.concert) if auction else person.permission
        current_engine().introduce(auction_id, person.id, permission, person.session_epoch, person.revision)
    return person


def tell_auctions(person: Person) -> bool:
    """Introduce `person` anew to every open auction. False, and a log line, when the live store is away.

    The tables have changed already and stay so; the newer revision wins whenever the person is introduced next.
    """
    permission, exceptions = person.permission, age_limits.exceptions(person)
    try:
        introduce_everywhere(current_engine(), person.id, permission, person.session_epoch, person.revision, exceptions)
    except (StoreUnavailable, OutcomeUnknown) as error:
        log.error("person %s could not be introduced anew: %s", person.id, error)
        return False
    return True

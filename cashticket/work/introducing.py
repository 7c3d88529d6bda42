"""Introduces people to auctions: tells the live store who may bid, so that a bid needs no question to the tables."""

import logging
from contextlib import suppress

from cashticket.accounts import rights
from cashticket.accounts.untold import note_told
from cashticket.auction.values import Permission
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.engine.introductions import introduce_everywhere
from cashticket.ledger import queries
from cashticket.logs.failures import failure_text
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.work.outages import DATABASE_AWAY

log = logging.getLogger(__name__)


def introduce(engine: Engine, person: Person, auction: Auction | int) -> None:
    """Tell one auction, given by its row or its id, the permission and session epoch of `person`.

    Raises UnknownAuction, StoreUnavailable.
    """
    auction_id, row = (auction, queries.auction(auction)) if isinstance(auction, int) else (auction.id, auction)
    permission = rights.permission_in(person, row) if row else person.permission
    if person.are_bids_held(utcnow()):
        permission = Permission.BLOCKED
    engine.introduce(auction_id, person.id, permission, person.session_epoch, person.revision)


def introduce_again(engine: Engine, person: Person) -> bool:
    """Tell every open auction the changed permission or epoch of `person`.

    False, with a log line, while the live store is away: the tables have changed already, and the watch tells the
    auctions before they take bids again (`work/watch/untold_people.py`).
    """
    try:
        tell_auctions(engine, person)
    except (StoreUnavailable, OutcomeUnknown) as error:
        log.error("person %s could not be introduced again: %s", person.id, failure_text(error))
        return False
    # Who is told twice, because this could not be noted, is told the same.
    with suppress(*DATABASE_AWAY):
        note_told([person])
    return True


def tell_auctions(engine: Engine, person: Person) -> None:
    """Like `introduce_again`. Raises StoreUnavailable and OutcomeUnknown."""
    permission, exceptions = person.permission, rights.exceptions(person)
    if person.are_bids_held(utcnow()):
        permission, exceptions = Permission.BLOCKED, {}
    introduce_everywhere(engine, person.id, permission, person.session_epoch, person.revision, exceptions)

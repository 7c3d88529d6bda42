"""Blocking an account, and lifting the block. The caller introduces the person to the auctions again after the unit."""

from sqlalchemy.orm import Session

from cashticket.accounts import endings, second_factors
from cashticket.accounts.people import locked
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.models.waiting import renew_waiting


def block(person_id: int) -> Person:
    """Block bids, seats and places in lines; end sessions, links, second factors. Repeatable. Raises PersonNotFound."""

    def work(session: Session) -> Person:
        row = locked(session, person_id)
        row.blocked_at = row.blocked_at or utcnow()
        endings.end_everything(session, row, undos=True)
        second_factors.erase(session, person_id)
        renew_waiting(session, [person_id])
        return row

    return in_one_unit(work)


def lift_block(person_id: int) -> tuple[Person, bool]:
    """Take a block back, and whether there was one: the person may bid again and is back in the lines of which they
    were not out for another reason. Sessions and second factors that it ended stay ended. Raises PersonNotFound."""

    def work(session: Session) -> tuple[Person, bool]:
        row = locked(session, person_id)
        was_blocked = row.blocked_at is not None
        if was_blocked:
            row.blocked_at = None
            row.revision += 1
            renew_waiting(session, [person_id])
        return row, was_blocked

    return in_one_unit(work)

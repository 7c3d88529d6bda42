"""Addresses of which an operator saw that mails come back later, although a mail server took them: marking, and taking
the mark back."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from cashticket.models.operator_acts import Act, record_act
from cashticket.models.units import in_one_unit
from cashticket.notify import refused_addresses
from cashticket.notify.refused_addresses import Mark

WITHOUT_ACCOUNT = "address"
"""The subject of an act on an address that no account has. An act never holds the address itself."""


@dataclass(frozen=True, slots=True)
class Marked:
    """Whose address it is, if anybody's; whether it was so before, so that nothing was changed; and how it is marked
    now."""

    person_id: int | None
    repeated: bool
    mark: Mark | None


def mark(address: str, why: str, operator: str) -> Marked:
    """Mark an address in its normal spelling as one from which mails come back, and record the act. A repeat changes
    nothing. Raises IntegrityError when two do it at once for an address without an account; then repeat it."""
    return in_one_unit(lambda session: _change(session, address, why, operator, is_lifted=False))


def lift(address: str, why: str, operator: str) -> Marked:
    """Take the mark of an address back, whoever made it, and record the act. A repeat changes nothing."""
    return in_one_unit(lambda session: _change(session, address, why, operator, is_lifted=True))


def _change(session: Session, address: str, why: str, operator: str, *, is_lifted: bool) -> Marked:
    person_id = refused_addresses.account_of(session, address)
    if is_lifted:
        changed = refused_addresses.lift(session, address)
    else:
        changed = refused_addresses.mark(session, address, by_operator=True)
    if changed:
        subject = WITHOUT_ACCOUNT if person_id is None else f"person {person_id}"
        record_act(session, operator, Act.POST_BOUNCED, subject, why, {"lifted": is_lifted})
    return Marked(person_id, not changed, refused_addresses.find(address, session))
